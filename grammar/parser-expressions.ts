/** Rules for values: operators, calls, members, axis forms, brackets, and definitions as values with their settings. */
import type { IToken } from "chevrotain";
import { combine, type Link, longest, type Operand, type Remark } from "./operators.js";
import { type List, ParserBase, textOf } from "./parser-base.js";
import { deepest, endOf, replacement, retype } from "./scan.js";
import type { Span } from "./source.js";
import * as t from "./tokens.js";
import type {
  Arg,
  AxisSide,
  BinaryOperator,
  ComprehensionExpr,
  DefExpr,
  Expr,
  IfExpr,
  MissingExpr,
  Name,
  ReindexItem,
  Setting,
} from "./tree.js";

/** What stands between `(` and `)`, before it is known whether it is a call, a group, a tuple or a record. */
export interface Parens {
  readonly items: readonly Arg[];
  /** The place of `..`. */
  readonly rest?: Span | undefined;
  readonly span: Span;
}

type Prefix = Operand["prefixes"][number];
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

const valueStarts = new Set([
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

export abstract class ExpressionParser extends ParserBase {
  private readonly remarkAt: Remark = (code, args, span, fix) => {
    this.remark(code, args, span, fix ? { fixes: [replacement(fix.title, span, fix.text)] } : {});
  };

  protected startsValue(ahead: number): boolean {
    const token = this.ahead(ahead);
    return valueStarts.has(token.tokenType) || t.isA(token, t.Lower) || (t.isA(token, t.Declaring) && !token.newline);
  }

  /** Whether a value stands here; a word that rule J took for a keyword is a name again where only a value can be. */
  private valueHere(): boolean {
    const token = this.ahead(1);
    if (t.isA(token, t.Declaring) && !token.newline) retype(token, t.Lower);
    if (!this.startsValue(1)) return false;
    // `a:` and on the next line `b: 3`: the value of `a` is missing.
    const before = this.LA(0).tokenType;
    const open = before === t.Colon || before === t.Equal;
    return !(open && token.newline && t.isA(token, t.Lower) && (this.next(t.Colon, 2) || this.next(t.Equal, 2)));
  }

  protected absent(wants: string): MissingExpr {
    this.unexpected(wants);
    return { kind: "Missing", span: this.gap() };
  }

  // ---------------------------------------------------------------------------------------------------------------- operators

  readonly expr = this.RULE("expr", (): Expr => {
    const first = this.SUBRULE(this.operand);
    // Most values are one operand: the machinery for more is entered only if an operator follows.
    if (!this.RECORDING_PHASE && first.prefixes.length === 0 && !this.next(t.Operator) && !this.next(t.Is))
      return first.value;
    let links: Link[] | undefined;
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            const sign = this.CONSUME(t.Operator);
            const right = this.SUBRULE2(this.operand);
            this.ACTION(() => {
              links ??= [];
              links.push({ op: sign.image as BinaryOperator, span: this.spanOf(sign), right });
            });
          },
        },
        {
          ALT: () => {
            const span = this.spanOf(this.CONSUME(t.Is));
            const negated = this.OPTION(() => this.CONSUME(t.Not)) !== undefined;
            const word = this.lower(1, "a word");
            this.ACTION(() => {
              links ??= [];
              links.push({ op: "is", span, word, negated });
            });
          },
        },
      ]);
    });
    return this.ACTION(() => {
      if (!links && first.prefixes.length === 0) return first.value;
      if ((links?.length ?? 0) > longest || first.prefixes.length > deepest) {
        this.remark("too-deep", { limit: longest }, first.value.span);
        return first.value;
      }
      return combine(first, links ?? [], this.remarkAt);
    });
  });

  private readonly operand = this.RULE("operand", (): Operand => {
    let prefixes: Prefix[] | undefined;
    if (!this.RECORDING_PHASE) {
      const leaf = this.leaf();
      if (leaf) return { prefixes: none, value: leaf };
    }
    this.MANY(() => {
      const sign = this.OR([{ ALT: () => this.CONSUME(t.Minus) }, { ALT: () => this.CONSUME(t.Not) }]);
      this.ACTION(() => {
        prefixes ??= [];
        prefixes.push({ op: sign.tokenType === t.Minus ? "-" : "not", span: this.spanOf(sign) });
      });
    });
    if (!this.RECORDING_PHASE && !this.valueHere()) return { prefixes: none, value: this.absent("a value") };
    const value = this.OR2<Expr>([{ ALT: () => this.SUBRULE(this.choice) }, { ALT: () => this.SUBRULE(this.postfix) }]);
    return { prefixes: prefixes ?? none, value };
  });

  private readonly choice = this.RULE("choice", (): IfExpr => {
    const pos = this.here();
    this.CONSUME(t.If);
    if (!this.RECORDING_PHASE && ++this.depth > deepest) {
      this.report("too-deep", { limit: deepest }, this.spanFrom(pos));
      this.giveUp();
    }
    const condition = this.SUBRULE(this.expr);
    this.keyword(1, t.Then, "`then`");
    const value = this.SUBRULE2(this.expr);
    let otherwise: Expr;
    if (!this.RECORDING_PHASE && !this.next(t.Else)) {
      this.report("missing-else", undefined, this.spanFrom(pos));
      otherwise = { kind: "Missing", span: this.gap() };
    } else {
      this.CONSUME(t.Else);
      otherwise = this.SUBRULE3(this.expr);
    }
    this.depth--;
    // biome-ignore lint/suspicious/noThenProperty: the tree calls the branch what the language calls it
    return { kind: "If", condition, then: value, else: otherwise, span: this.spanFrom(pos) };
  });

  // ------------------------------------------------------------------------------------------------------------------ postfix

  readonly postfix = this.RULE("postfix", (): Expr => {
    const pos = this.here();
    let value = this.SUBRULE(this.primary);
    let length = 0;
    this.MANY({
      // Rule L: `(` and `[` apply to what stands before them on the same line only.
      GATE: () => this.LA(1).tokenType === t.Dot || !this.ahead(1).newline,
      DEF: () => {
        if (!this.RECORDING_PHASE && ++length > longest) {
          this.report("too-deep", { limit: longest }, this.spanFrom(pos));
          this.giveUp();
        }
        const object = value;
        value = this.OR<Expr>([
          {
            ALT: () => {
              this.CONSUME(t.Dot);
              return { kind: "Member", object, name: this.memberName(), span: this.spanFrom(pos) };
            },
          },
          {
            ALT: () => {
              const { items, rest } = this.SUBRULE(this.parens);
              return { kind: "Call", callee: object, args: items, rest: rest !== undefined, span: this.spanFrom(pos) };
            },
          },
          {
            ALT: () => {
              const items = this.SUBRULE(this.reindex);
              return { kind: "Reindex", object, items, span: this.spanFrom(pos) };
            },
          },
        ]);
      },
    });
    return value;
  });

  /** After a dot; where none stands, an empty name, so that what is before the dot stays known. */
  protected memberName(): Name {
    if (!this.RECORDING_PHASE) {
      const token = this.ahead(1);
      const elsewhere = token.newline && (this.next(t.Colon, 2) || this.next(t.Equal, 2));
      if (t.isA(token, t.Reserved) && !token.newline) retype(token, t.Lower);
      if (elsewhere || !(t.isA(token, t.Lower) || token.tokenType === t.Upper)) {
        this.unexpected("a name after the dot");
        return { text: "", span: this.gap() };
      }
    }
    return this.nameOf(this.OR9([{ ALT: () => this.CONSUME8(t.Lower) }, { ALT: () => this.CONSUME8(t.Upper) }]));
  }

  private readonly primary = this.RULE(
    "primary",
    (): Expr =>
      this.OR<Expr>([
        { ALT: () => this.numberFrom(this.CONSUME(t.Int)) },
        { ALT: () => this.numberFrom(this.CONSUME(t.Float)) },
        {
          ALT: () => {
            const token = this.CONSUME(t.Text);
            return { kind: "String", value: this.RECORDING_PHASE ? "" : textOf(token.image), span: this.spanOf(token) };
          },
        },
        { ALT: () => ({ kind: "Bool", value: true, span: this.spanOf(this.CONSUME(t.True)) }) },
        { ALT: () => ({ kind: "Bool", value: false, span: this.spanOf(this.CONSUME(t.False)) }) },
        { ALT: () => ({ kind: "None", span: this.spanOf(this.CONSUME(t.None)) }) },
        { ALT: () => this.nameFrom(this.CONSUME(t.Lower)) },
        { ALT: () => this.SUBRULE(this.definitionValue) },
        {
          ALT: () => {
            const parens = this.SUBRULE(this.parens);
            return this.ACTION(() => this.grouped(parens));
          },
        },
        { ALT: () => this.SUBRULE(this.bracket) },
      ]),
  );

  private numberFrom(token: IToken): Expr {
    return { kind: "Number", value: this.numberOf(token), whole: token.tokenType === t.Int, span: this.spanOf(token) };
  }

  private nameFrom(token: IToken): Expr {
    return { kind: "Name", name: token.image, span: this.spanOf(token) };
  }

  /** A short cut past three rules for the commonest values, names and numbers that nothing is applied to: a third of the time. */
  private leaf(): Expr | undefined {
    const token = this.ahead(1);
    const type = token.tokenType;
    if (type !== t.Lower && type !== t.Int && type !== t.Float) return undefined;
    const next = this.ahead(2);
    const applied =
      next.tokenType === t.Dot ||
      (!next.newline && (next.tokenType === t.LeftParen || next.tokenType === t.LeftBracket));
    if (applied || !this.valueHere()) return undefined;
    this.SKIP_TOKEN();
    return type === t.Lower ? this.nameFrom(token) : this.numberFrom(token);
  }

  protected numberOf(token: IToken): number {
    if (this.RECORDING_PHASE) return 0;
    const value = Number(token.image.replaceAll("_", ""));
    return Number.isNaN(value) ? 0 : value;
  }

  readonly definitionValue = this.RULE("definitionValue", (): DefExpr => {
    const pos = this.here();
    const name = this.nameOf(this.CONSUME(t.Upper));
    const member = this.OPTION(() => {
      this.CONSUME(t.Dot);
      return this.memberName();
    });
    const settings = this.OPTION2(() => this.SUBRULE(this.settings));
    return { kind: "Def", name, member, settings, span: this.spanFrom(pos) };
  });

  // ----------------------------------------------------------------------------------------------------------------- settings

  protected readonly settingList: List = {
    entry: "a setting",
    closer: t.RightBrace,
    between: "line",
    afresh: true,
    starts: (ahead) => this.next(t.Lower, ahead),
    stops: (ahead) => this.next(t.Lower, ahead) && (this.next(t.Colon, ahead + 1) || this.ahead(ahead).newline),
    mend: () => this.mendSetting(),
  };

  /** `{ model net, … }`: rule J made a keyword of a setting whose `:` is missing. */
  private mendSetting(): void {
    this.mendName();
    const token = this.ahead(1);
    if (!t.isA(token, t.Declaring)) return;
    const after = this.LA(3).tokenType;
    if (after === t.Comma || after === t.RightBrace) retype(token, t.Lower);
  }

  readonly settings = this.RULE("settings", (): readonly Setting[] => {
    const open = this.CONSUME(t.LeftBrace);
    const settings = this.list(this.settingList, () => this.SUBRULE(this.setting));
    this.close(1, t.RightBrace, open);
    return settings;
  });

  readonly setting = this.RULE("setting", (): Setting => {
    const pos = this.here();
    const name = this.lower(1);
    const offered = this.OPTION(() => this.CONSUME(t.Question)) !== undefined;
    // Where the `:` is missing the value is read all the same.
    const value =
      !this.RECORDING_PHASE && this.mendColon(name)
        ? this.SUBRULE(this.expr)
        : this.OPTION2(() => {
            this.CONSUME(t.Colon);
            return this.SUBRULE(this.expr);
          });
    return { name, value, offered, span: this.spanFrom(pos) };
  });

  /** `=` for `:` is turned into it; true if there is no sign at all between a name and its value. */
  protected mendColon(name: Name): boolean {
    const token = this.ahead(1);
    if (token.newline || token.tokenType === t.Colon) return false;
    if (token.tokenType === t.Equal) {
      const fixes = [replacement("write `:`", { ...this.spanOf(token), pos: name.span.end }, ":")];
      this.remark("equals-for-colon", { name: name.text }, this.spanOf(token), { fixes });
      retype(token, t.Colon);
      return false;
    }
    if (!valueStarts.has(token.tokenType) || token.tokenType === t.If || token.tokenType === t.LeftParen) return false;
    this.missing(":");
    return true;
  }

  // ---------------------------------------------------------------------------------------------------------------- brackets

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
  private grouped({ items, rest, span }: Parens): Expr {
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

  private readonly bracket = this.RULE("bracket", (): Expr => {
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

  private readonly reindex = this.RULE("reindex", (): readonly ReindexItem[] => {
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

const none: Operand["prefixes"] = [];
