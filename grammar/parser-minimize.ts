/** Rules for `minimize`, and the small ones that several statements share: references, tails, tap paths. */
import { type List, textOf } from "./parser-base.js";
import { TypeParser } from "./parser-types.js";
import { insertion } from "./scan.js";
import * as t from "./tokens.js";
import type {
  ByClause,
  Expr,
  FnDecl,
  InstanceDecl,
  MinimizeStatement,
  Ref,
  Select,
  Tail,
  TapPath,
  Term,
} from "./tree.js";

type Loop = Tail["loops"][number];

export abstract class MinimizeParser extends TypeParser {
  abstract readonly instance: () => InstanceDecl;
  abstract readonly fn: () => FnDecl;

  // ------------------------------------------------------------------------------------------------------------ references

  /** What an instance is made of. */
  readonly ref = this.RULE("ref", (): Ref => {
    const pos = this.here();
    if (!this.RECORDING_PHASE && !this.next(t.Upper) && !this.next(t.Lower)) {
      if (this.startsValue(1)) this.lower(1);
      else this.fail("the name of a definition");
    }
    return this.OR<Ref>([
      {
        ALT: () => {
          const name = this.lower(2);
          const settings = this.OPTION(() => this.SUBRULE(this.settings));
          return { name, settings, span: this.spanFrom(pos) };
        },
      },
      {
        ALT: () => {
          const { name, member, settings } = this.SUBRULE(this.definitionValue);
          return { name, member, settings, span: this.spanFrom(pos) };
        },
      },
    ]);
  });

  readonly tail = this.RULE("tail", (): Tail => {
    const loops: Loop[] = [];
    this.OPTION(() => {
      this.CONSUME(t.For);
      loops.push(this.SUBRULE(this.loop));
      this.MANY({
        // A comma may also stand before the next entry of a `log`.
        GATE: () => this.LA(3).tokenType === t.In,
        DEF: () => {
          this.CONSUME(t.Comma);
          loops.push(this.SUBRULE2(this.loop));
        },
      });
    });
    const guard = this.OPTION2(() => this.SUBRULE(this.guard));
    return { loops, guard };
  });

  private readonly loop = this.RULE("loop", (): Loop => {
    const index = this.binder(1);
    this.keyword(1, t.In, "`in` and a range");
    const range = this.SUBRULE(this.expr);
    return { index, range };
  });

  /** `block(i).attn.out`: read as any value, then looked at. */
  readonly tapPath = this.RULE("tapPath", (): TapPath => {
    if (!this.RECORDING_PHASE && !this.next(t.Lower)) this.fail("a tap");
    const path = this.SUBRULE(this.postfix);
    if (!this.RECORDING_PHASE && !isPath(path)) this.remark("tap-path", undefined, path.span);
    return path;
  });

  protected text(idx: number, what: string): string {
    const token = this.keyword(idx, t.Text, what);
    return textOf(token.image);
  }

  // -------------------------------------------------------------------------------------------------------------- minimize

  private readonly termList: List = {
    entry: "a term",
    closer: t.RightBrace,
    between: "line",
    afresh: true,
    starts: (ahead) => this.next(t.Lower, ahead),
    stops: (ahead) => this.next(t.Lower, ahead) && (this.next(t.Colon, ahead + 1) || this.ahead(ahead).newline),
    mend: () => this.mendName(),
  };

  readonly minimizeStatement = this.RULE("minimizeStatement", (): MinimizeStatement => {
    const pos = this.here();
    this.CONSUME(t.Minimize);
    const outer = this.where;
    this.where = "`minimize`";
    const name = this.OPTION({
      GATE: () => !t.connectives.has(this.LA(1).image),
      DEF: () => this.binder(1),
    });
    if (!this.RECORDING_PHASE && !this.next(t.By)) this.fail("`by` and an optimizer");
    const by: ByClause[] = [];
    this.AT_LEAST_ONE(() => by.push(this.SUBRULE(this.byClause)));
    const clip = this.OPTION2(() => {
      this.CONSUME(t.Clip);
      return this.SUBRULE(this.expr);
    });
    const last = by.at(-1);
    if (!this.RECORDING_PHASE && !this.next(t.LeftBrace) && last?.optimizer.settings?.length && !clip && !last.over) {
      // `by AdamW { denoise: … }`: the terms were taken for the settings.
      const at = last.optimizer.name.span.end;
      this.report("terms-as-settings", { name: last.optimizer.name.text }, last.optimizer.span, {
        fixes: [insertion("insert empty settings", this.source, at, " {}")],
      });
      this.giveUp();
    }
    const open = this.openBrace(1, this.next(t.Lower) && this.next(t.Colon, 2));
    const terms = this.list(this.termList, () => this.SUBRULE(this.term));
    this.close(1, t.RightBrace, open);
    this.where = outer;
    return { kind: "Minimize", name, by, clip, terms, span: this.spanFrom(pos) };
  });

  private readonly byClause = this.RULE("byClause", (): ByClause => {
    const pos = this.here();
    this.CONSUME(t.By);
    const optimizer = this.SUBRULE(this.byRef);
    const over = this.OPTION(() => {
      this.CONSUME(t.Over);
      const selects = [this.SUBRULE(this.select)];
      this.MANY(() => {
        this.CONSUME(t.Comma);
        selects.push(this.SUBRULE2(this.select));
      });
      return selects;
    });
    return { optimizer, over, span: this.spanFrom(pos) };
  });

  private readonly byRef = this.RULE("byRef", (): Ref => {
    const pos = this.here();
    if (!this.RECORDING_PHASE && !this.next(t.Upper) && !this.next(t.Lower)) this.fail("an optimizer");
    return this.OR<Ref>([
      {
        ALT: () => {
          const name = this.lower(1);
          return { name, span: name.span };
        },
      },
      {
        ALT: () => {
          const { name, member, settings } = this.SUBRULE(this.definitionValue);
          if (!this.RECORDING_PHASE && !settings) {
            const fixes = [insertion("insert empty settings", this.source, this.lastEnd(), " {}")];
            this.remark("missing-settings", { name: name.text }, this.spanFrom(pos), { fixes });
          }
          return { name, member, settings, span: this.spanFrom(pos) };
        },
      },
    ]);
  });

  private readonly select = this.RULE("select", (): Select => {
    const pos = this.here();
    const terms = [this.SUBRULE(this.selectTerm)];
    this.MANY(() => {
      this.CONSUME(t.Except);
      terms.push(this.SUBRULE2(this.selectTerm));
    });
    return { terms, span: this.spanFrom(pos) };
  });

  private readonly selectTerm = this.RULE("selectTerm", (): Select["terms"][number] => {
    if (!this.RECORDING_PHASE && !this.next(t.Lower)) this.fail("weights to train");
    const path: Expr = this.SUBRULE(this.postfix);
    const where = this.OPTION(() => {
      this.CONSUME(t.Where);
      return this.lower(1, "`matrix` or `vector`");
    });
    return { path, where };
  });

  private readonly term = this.RULE("term", (): Term => {
    const doc = this.doc();
    const pos = this.here();
    const name = this.lower(1);
    const outer = this.where;
    this.where = `\`${name.text}\``;
    if (!this.RECORDING_PHASE && this.next(t.Equal)) this.mendColon(name);
    this.sign(1, t.Colon, this.startsValue(1) && !this.ahead(1).newline);
    const value = this.SUBRULE(this.expr);
    const guard = this.OPTION(() => this.SUBRULE(this.guard));
    this.where = outer;
    return { ...doc, name, value, guard, span: this.spanFrom(pos) };
  });
}

function isPath(path: Expr): boolean {
  if (path.kind === "Name") return true;
  if (path.kind === "Member") return isPath(path.object);
  if (path.kind !== "Call" || !isPath(path.callee)) return false;
  return path.args.every((arg) => !arg.name) && (path.rest ? path.args.length === 0 : path.args.length === 1);
}
