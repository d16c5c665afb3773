/** Rules for what stands in parentheses and brackets: arguments, tuples, records, lists, axes, comprehensions, axis forms. */
import type { List } from "./parser-base.js";
import { ParserBase } from "./parser-base.js";
import { endOf, replacement, retype } from "./scan.js";
import type { Span } from "./source.js";
import * as t from "./tokens.js";
import type { Arg, AxisSide, ComprehensionExpr, Expr, Name, ReindexItem } from "./tree.js";

/** What stands between `(` and `)`, before it is known whether it is a call, a group, a tuple or a record. */
export interface Parens {
  readonly items: readonly Arg[];
  /** The place of `..`. */
  readonly rest?: Span | undefined;
  readonly span: Span;
}

type Loop = ComprehensionExpr["loops"][number];
interface Comprehension {
  readonly loops: readonly Loop[];
  readonly guard?: Expr | undefined;
}
interface BracketItem {
  readonly value: Expr;
  readonly size?: Expr | undefined;
  readonly comprehension?: Comprehension | undefined;
}

export const valueStarts = new Set([
  t.Int,
  t.Float,
  t.Text,
  t.True,
  t.False,
  t.None,
  t.Upper,
  t.LeftParen,
  t.LeftBracket,
  t.Minus,
  t.Not,
  t.If,
]);

export abstract class BracketParser extends ParserBase {
  abstract readonly expr: () => Expr;

  protected startsValue(ahead: number): boolean {
    const token = this.ahead(ahead);
    return valueStarts.has(token.tokenType) || t.isA(token, t.Lower) || (t.isA(token, t.Declaring) && !token.newline);
  }

  private readonly argList: List = {
    entry: "a value",
    closer: t.RightParen,
    between: "comma",
    afresh: false,
    starts: (ahead) => this.startsValue(ahead) || this.next(t.DotDot, ahead),
    stops: (ahead) => this.startsValue(ahead),
  };

  readonly parens = this.RULE("parens", (): Parens => {
    const pos = this.here();
    const open = this.CONSUME(t.LeftParen);
    let rest: Span | undefined;
    let afterRest = false;
    const items = this.list(this.argList, () =>
      this.OR<Arg | undefined>([
        {
          ALT: () => {
            rest = this.spanOf(this.CONSUME(t.DotDot));
            return undefined;
          },
        },
        {
          ALT: () => {
            if (rest) afterRest = true;
            return this.SUBRULE(this.arg);
          },
        },
      ]),
    );
    this.close(1, t.RightParen, open);
    if (afterRest && rest) this.remark("rest-not-last", undefined, rest);
    return { items, rest, span: this.spanFrom(pos) };
  });

  private readonly arg = this.RULE("arg", (): Arg => {
    const pos = this.here();
    if (!this.RECORDING_PHASE && this.next(t.Lower) && this.next(t.Equal, 2)) {
      const sign = this.ahead(2);
      this.remark("equals-for-colon", { name: this.LA(1).image }, this.spanOf(sign), {
        fixes: [replacement("write `:`", { ...this.spanOf(sign), pos: endOf(this.LA(1)) }, ":")],
      });
      retype(sign, t.Colon);
    }
    const name = this.OPTION({
      GATE: () => this.LA(2).tokenType === t.Colon,
      DEF: () => {
        const label = this.nameOf(this.CONSUME(t.Lower));
        this.CONSUME(t.Colon);
        return label;
      },
    });
    const value = this.SUBRULE(this.expr);
    return { name, value, span: this.spanFrom(pos) };
  });

  /** One value alone is a group, several without names a tuple, all with names a record. */
  protected grouped({ items, rest, span }: Parens): Expr {
    if (rest) this.remark("rest-not-last", undefined, rest);
    const [only] = items;
    if (only && items.length === 1 && !only.name) return { kind: "Group", inner: only.value, span };
    const named = items.filter((item) => item.name !== undefined).length;
    if (items.length === 0 || (named > 0 && named < items.length)) {
      if (!rest) this.remark("mixed-record", { empty: items.length === 0 }, span);
    }
    if (named === 0) return { kind: "Tuple", items: items.map((item) => item.value), span };
    const fields = items.map(({ name, value }) => ({ name: name ?? { text: "", span: value.span }, value }));
    return { kind: "Record", fields, span };
  }

  private readonly bracketList: List = {
    entry: "a value",
    closer: t.RightBracket,
    between: "comma",
    afresh: false,
    starts: (ahead) => this.startsValue(ahead),
    stops: (ahead) => this.startsValue(ahead),
  };

  protected readonly bracket = this.RULE("bracket", (): Expr => {
    const pos = this.here();
    const open = this.CONSUME(t.LeftBracket);
    const items = this.list(this.bracketList, () => this.SUBRULE(this.bracketItem));
    this.close(1, t.RightBracket, open);
    return this.ACTION(() => this.bracketed(items, this.spanFrom(pos)));
  });

  private readonly bracketItem = this.RULE("bracketItem", (): BracketItem => {
    const value = this.SUBRULE(this.expr);
    const size = this.OPTION(() => {
      this.CONSUME(t.Colon);
      return this.SUBRULE2(this.expr);
    });
    const comprehension = this.OPTION2(() => this.SUBRULE(this.comprehension));
    return { value, size, comprehension };
  });

  private bracketed(items: readonly BracketItem[], span: Span): Expr {
    const [only] = items;
    const made = items.find((item) => item.comprehension);
    if (made?.comprehension) {
      if (made !== only || items.length > 1 || made.size) this.remark("mixed-brackets", undefined, span);
      return { kind: "Comprehension", item: made.value, ...made.comprehension, span };
    }
    if (!items.some((item) => item.size)) return { kind: "List", items: items.map((item) => item.value), span };
    if (items.some((item) => item.value.kind !== "Name")) this.remark("mixed-brackets", undefined, span);
    const axes = items.map(({ value, size }) => ({
      name: { text: value.kind === "Name" ? value.name : "", span: value.span },
      size,
    }));
    return { kind: "Axes", items: axes, span };
  }

  private readonly comprehension = this.RULE("comprehension", (): Comprehension => {
    const loops: Loop[] = [];
    this.CONSUME(t.For);
    loops.push(this.SUBRULE(this.comprehensionLoop));
    this.MANY(() => {
      this.CONSUME(t.Comma);
      loops.push(this.SUBRULE2(this.comprehensionLoop));
    });
    const guard = this.OPTION(() => this.SUBRULE(this.guard));
    return { loops, guard };
  });

  private readonly comprehensionLoop = this.RULE("comprehensionLoop", (): Loop => {
    const tuple = this.next(t.LeftParen);
    if (!this.RECORDING_PHASE && !tuple && !this.next(t.Lower)) this.fail("a name");
    const pattern = this.OR([{ ALT: () => [this.lower(1)] }, { ALT: () => this.SUBRULE(this.pattern) }]);
    this.keyword(2, t.In, "`in`");
    const range = this.SUBRULE(this.expr);
    return { pattern, tuple, in: range };
  });

  private readonly nameList: List = {
    entry: "a name",
    closer: t.RightParen,
    between: "comma",
    afresh: false,
    starts: (ahead) => this.next(t.Lower, ahead),
    stops: (ahead) => this.next(t.Lower, ahead),
    mend: () => this.mendName(),
  };

  /** `(a, b)` */
  readonly pattern = this.RULE("pattern", (): readonly Name[] => {
    const open = this.CONSUME(t.LeftParen);
    const names = this.list(this.nameList, () => this.binder(1));
    this.close(1, t.RightParen, open);
    if (!this.RECORDING_PHASE && names.length === 0) this.unexpected("a name");
    return names;
  });

  readonly guard = this.RULE("guard", (): Expr => {
    this.CONSUME(t.If);
    return this.SUBRULE(this.expr);
  });

  // -------------------------------------------------------------------------------------------------------------- axis forms

  private readonly reindexList: List = {
    entry: "an axis",
    closer: t.RightBracket,
    between: "comma",
    afresh: false,
    starts: (ahead) => this.next(t.Lower, ahead) || this.next(t.LeftParen, ahead),
    stops: (ahead) => this.next(t.Lower, ahead) || this.next(t.LeftParen, ahead),
  };

  protected readonly reindex = this.RULE("reindex", (): readonly ReindexItem[] => {
    const open = this.CONSUME(t.LeftBracket);
    const items = this.list(this.reindexList, () => this.SUBRULE(this.reindexItem));
    if (!this.RECORDING_PHASE && items.length === 0) this.unexpected("an axis");
    this.close(1, t.RightBracket, open);
    return items;
  });

  private readonly reindexItem = this.RULE("reindexItem", (): ReindexItem => {
    const pos = this.here();
    const left = this.SUBRULE(this.axisSide);
    const item = this.OPTION(() =>
      this.OR<ReindexItem>([
        {
          ALT: () => {
            this.CONSUME(t.Arrow);
            const right = this.SUBRULE2(this.axisSide);
            return { kind: "to", left, right, span: this.spanFrom(pos) };
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.Equal);
            const value = this.SUBRULE(this.expr);
            return { kind: "at", left, value, span: this.spanFrom(pos) };
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.Colon);
            const size = this.SUBRULE2(this.expr);
            return { kind: "size", left, size, span: this.spanFrom(pos) };
          },
        },
      ]),
    );
    return item ?? { kind: "axis", left, span: this.spanFrom(pos) };
  });

  private readonly sideList: List = { ...this.nameList, entry: "an axis" };

  private readonly axisSide = this.RULE("axisSide", (): AxisSide => {
    const pos = this.here();
    if (!this.RECORDING_PHASE && !this.next(t.LeftParen) && !this.next(t.Lower)) this.fail("an axis");
    return this.OR<AxisSide>([
      {
        ALT: () => {
          const name = this.nameOf(this.CONSUME(t.Lower));
          return { group: false, axes: [{ name }], span: name.span };
        },
      },
      {
        ALT: () => {
          const open = this.CONSUME(t.LeftParen);
          const axes = this.list(this.sideList, () => {
            const name = this.lower(1);
            const size = this.OPTION(() => {
              this.CONSUME(t.Colon);
              return this.SUBRULE(this.expr);
            });
            return { name, size };
          });
          this.close(1, t.RightParen, open);
          return { group: true, axes, span: this.spanFrom(pos) };
        },
      },
    ]);
  });
}
