/** Rules for what stands in bodies: equations, taps, weights, draws, state, rewires, checks, logs and `minimize`. */

import type { IOrAlt } from "chevrotain";
import { nearest } from "./nearest.js";
import { type List, lookBack } from "./parser-base.js";
import { MinimizeParser } from "./parser-minimize.js";
import { insertion, replacement, retype } from "./scan.js";
import type { Span } from "./source.js";
import * as t from "./tokens.js";
import type {
  DrawStatement,
  Family,
  LetStatement,
  LogStatement,
  Name,
  NextStatement,
  RequireStatement,
  ReturnStatement,
  SetStatement,
  SkipStatement,
  Statement,
  StateStatement,
  StopStatement,
  TapStatement,
  WeightStatement,
} from "./tree.js";

type LogEntry = LogStatement["entries"][number];
type LetTarget = LetStatement["target"];

const statementStarts = new Set([
  t.Let,
  t.Return,
  t.Require,
  t.Minimize,
  t.Fn,
  t.Tap,
  t.Weight,
  t.Draw,
  t.State,
  t.Next,
  t.Set_,
  t.Skip,
  t.Log,
  t.Stop,
]);
export const statementWords = [
  ..."let return require minimize fn tap weight draw state next set skip log stop".split(" "),
  ..."part model loss objective sampler optimizer encoder data metric".split(" "),
];

/** An index without a loop: whether it is a parameter in disguise is known when all names of the file are. */
export interface Suspect {
  readonly name: Name;
  readonly index: Name;
  readonly declared: ReadonlySet<string>;
  /** Where the statement starts. */
  readonly let: Span;
}

export abstract class StatementParser extends MinimizeParser {
  /** `let f(k) = …` without `for`, outside of `with`. */
  protected suspects: Suspect[] = [];
  protected rewiring = false;

  protected startsStatement(ahead: number): boolean {
    const token = this.ahead(ahead);
    if (statementStarts.has(token.tokenType)) return true;
    if (!t.isA(token, t.Kind)) return false;
    return this.next(t.Lower, ahead + 1) || (this.next(t.Upper, ahead + 1) && this.next(t.Colon, ahead + 2));
  }

  protected readonly bodyList: List = {
    entry: "a statement",
    closer: t.RightBrace,
    between: "none",
    afresh: true,
    starts: (ahead) => this.startsStatement(ahead) || this.bareEquation(false),
    stops: (ahead) => this.startsStatement(ahead),
    mend: () => this.mendStatement(),
  };

  /** `{ … }` of a definition, a `fn` or a `with`. */
  readonly body = this.RULE("body", (): readonly Statement[] => {
    const open = this.openBrace(1, false);
    const body = this.list(this.bodyList, () => this.SUBRULE(this.bodyEntry));
    this.close(1, t.RightBrace, open);
    return body;
  });

  private readonly statements: IOrAlt<Statement>[] = [
    { ALT: () => this.SUBRULE(this.letStatement) },
    { ALT: () => this.SUBRULE(this.tapStatement) },
    { ALT: () => this.SUBRULE(this.weightStatement) },
    { ALT: () => this.SUBRULE(this.drawStatement) },
    { ALT: () => this.SUBRULE(this.stateStatement) },
    { ALT: () => this.SUBRULE(this.nextStatement) },
    { ALT: () => this.SUBRULE(this.setStatement) },
    { ALT: () => this.SUBRULE(this.skipStatement) },
    { ALT: () => this.SUBRULE(this.requireStatement) },
    { ALT: () => this.SUBRULE(this.stopStatement) },
    { ALT: () => this.SUBRULE(this.logStatement) },
    { ALT: () => this.SUBRULE(this.returnStatement) },
    { ALT: () => this.SUBRULE(this.minimizeStatement) },
    { ALT: () => this.SUBRULE(this.instance) },
    { ALT: () => this.SUBRULE(this.fn) },
  ];

  readonly statement = this.RULE("statement", (): Statement => this.OR(this.statements));

  private readonly bodyEntry = this.RULE(
    "bodyEntry",
    (): Statement =>
      this.OR<Statement>([{ ALT: () => this.SUBRULE(this.statement) }, { ALT: () => this.SUBRULE(this.bareLet) }]),
  );

  // ------------------------------------------------------------------------------------------------------------- mending

  /** `x = 3`, `h(i) = …`, `(a, b) = …`, and in bodies without keys also `x: type = …`. */
  protected bareEquation(keys: boolean): boolean {
    if (this.RECORDING_PHASE) return true;
    if (this.next(t.LeftParen)) return this.LA(this.matching(1) + 1).tokenType === t.Equal;
    if (!this.next(t.Lower)) return false;
    const after = this.LA(2).tokenType;
    if (after === t.Equal) return true;
    if (after === t.LeftParen && !this.ahead(2).newline) {
      const next = this.LA(this.matching(2) + 1).tokenType;
      return next === t.Equal || (!keys && next === t.Colon);
    }
    return !keys && after === t.Colon;
  }

  /** How far ahead the bracket that stands `ahead` is closed. */
  private matching(ahead: number): number {
    let depth = 0;
    for (let i = ahead; ; i++) {
      const token = this.LA(i);
      if (!(token.startOffset >= 0) || i > lookBack) return i;
      if (token.tokenType === t.LeftParen || token.tokenType === t.LeftBracket || token.tokenType === t.LeftBrace)
        depth++;
      else if (
        token.tokenType === t.RightParen ||
        token.tokenType === t.RightBracket ||
        token.tokenType === t.RightBrace
      )
        depth--;
      if (depth === 0) return i;
    }
  }

  /** A misspelt word at the start of a statement becomes the word that was meant. */
  protected mendStatement(): void {
    this.mendWord(statementWords, () => this.bareEquation(false));
  }

  protected mendWord(words: readonly string[], fine: () => boolean): void {
    const token = this.ahead(1);
    if (token.tokenType !== t.Lower || fine()) return;
    const after = this.ahead(2);
    const known = t.declaring.get(token.image);
    if (known) {
      // Rule J refused it because of what follows: a reserved word or a connective where a name should be.
      if (after.newline || !(t.isA(after, t.Reserved) || t.connectives.has(after.image))) return;
      this.afresh();
      retype(token, known);
      if (t.isA(after, t.Lower)) {
        this.remark("reserved-name", { found: after.image }, this.spanOf(after));
      }
      return;
    }
    const meant = nearest(token.image, words);
    const type = meant === undefined ? undefined : (t.declaring.get(meant) ?? t.reserved.get(meant));
    if (!meant || !type) return;
    if (
      t.declaring.has(meant) &&
      (after.newline || !(t.isA(after, t.Lower) || after.tokenType === t.Upper || after.tokenType === t.Text))
    )
      return;
    this.afresh();
    this.remark("unknown-keyword", { found: token.image, meant }, this.spanOf(token), {
      fixes: [replacement(`write \`${meant}\``, this.spanOf(token), meant)],
    });
    retype(token, type);
  }

  // ---------------------------------------------------------------------------------------------------------- equations

  readonly bareLet = this.RULE("bareLet", (): LetStatement => {
    const pos = this.here();
    if (!this.RECORDING_PHASE) {
      const first = this.spanOf(this.LA(1));
      this.remark("statement-start", { found: this.LA(1).image }, first, {
        fixes: [insertion("write `let`", this.source, pos, "let ")],
      });
    }
    return this.SUBRULE(this.equation, { ARGS: [pos, {}] });
  });

  private readonly letStatement = this.RULE("letStatement", (): LetStatement => {
    const doc = this.doc();
    const pos = this.here();
    this.CONSUME(t.Let);
    return this.SUBRULE(this.equation, { ARGS: [pos, doc] });
  });

  private readonly equation = this.RULE("equation", (pos: number, doc: { readonly doc?: string }): LetStatement => {
    const target = this.SUBRULE(this.target);
    const outer = this.where;
    this.where = this.RECORDING_PHASE ? "" : `\`let ${"name" in target ? target.name.text : "(…)"}\``;
    const type = this.OPTION(() => {
      this.CONSUME(t.Colon);
      return this.SUBRULE(this.type);
    });
    this.equals(1);
    const value = this.SUBRULE(this.expr);
    const tail = this.SUBRULE(this.tail);
    this.where = outer;
    if (
      !this.RECORDING_PHASE &&
      !this.rewiring &&
      "name" in target &&
      tail.loops.length === 0 &&
      target.index?.kind === "Name"
    ) {
      const index = { text: target.index.name, span: target.index.span };
      this.suspects.push({
        name: target.name,
        index,
        declared: this.declared,
        let: { source: this.source, pos, end: pos + 3 },
      });
    }
    return { kind: "Let", ...doc, target, type, value, tail, span: this.spanFrom(pos) };
  });

  private readonly target = this.RULE("target", (): LetTarget => {
    if (!this.RECORDING_PHASE && !this.next(t.LeftParen)) return this.SUBRULE(this.family);
    return this.OR<LetTarget>([
      { ALT: () => this.SUBRULE2(this.family) },
      {
        ALT: () => {
          const pos = this.here();
          const pattern = this.SUBRULE(this.pattern);
          return { pattern, span: this.spanFrom(pos) };
        },
      },
    ]);
  });

  /** `=`; may be put in before a value. */
  protected equals(idx: number): void {
    if (!this.RECORDING_PHASE && this.LA(1).tokenType === t.EqualEqual) {
      this.remark("unexpected", { where: this.where, wants: "`=`", found: "`==`" }, this.spanOf(this.LA(1)), {
        fixes: [replacement("write `=`", this.spanOf(this.LA(1)), "=")],
      });
      retype(this.LA(1), t.Equal);
    }
    this.sign(idx, t.Equal, this.startsValue(1) && !this.ahead(1).newline);
  }

  readonly family = this.RULE("family", (): Family => {
    const pos = this.here();
    const name = this.binder(1);
    const index = this.OPTION({
      GATE: () => !this.ahead(1).newline,
      DEF: () => {
        const open = this.CONSUME(t.LeftParen);
        const value = this.SUBRULE(this.expr);
        this.close(1, t.RightParen, open);
        return value;
      },
    });
    return { name, index, span: this.spanFrom(pos) };
  });

  private readonly tapStatement = this.RULE("tapStatement", (): TapStatement => {
    const doc = this.doc();
    const pos = this.here();
    this.CONSUME(t.Tap);
    const target = this.SUBRULE(this.family);
    const outer = this.where;
    this.where = `\`tap ${target?.name?.text}\``;
    const type = this.OPTION(() => {
      this.CONSUME(t.Colon);
      return this.SUBRULE(this.type);
    });
    this.equals(1);
    const value = this.SUBRULE(this.expr);
    const tail = this.SUBRULE(this.tail);
    this.where = outer;
    return { kind: "Tap", ...doc, target, type, value, tail, span: this.spanFrom(pos) };
  });

  private readonly weightStatement = this.RULE("weightStatement", (): WeightStatement => {
    const doc = this.doc();
    const pos = this.here();
    this.CONSUME(t.Weight);
    const name = this.binder(1);
    const outer = this.where;
    this.where = `\`weight ${name.text}\``;
    this.sign(1, t.Colon, this.startsType(1), "`:` and a type");
    const type = this.SUBRULE(this.type);
    if (!this.RECORDING_PHASE && !this.next(t.Tilde) && !this.next(t.Equal)) {
      this.fail("`~` and how it is drawn, or `=` and a constant");
    }
    const how = this.OR([{ ALT: () => this.CONSUME(t.Tilde) }, { ALT: () => this.CONSUME(t.Equal) }]);
    const init = this.SUBRULE(this.expr);
    const guard = this.OPTION(() => this.SUBRULE(this.guard));
    this.where = outer;
    return {
      kind: "Weight",
      ...doc,
      name,
      type,
      how: how.tokenType === t.Tilde ? "~" : "=",
      init,
      guard,
      span: this.spanFrom(pos),
    };
  });

  private readonly drawStatement = this.RULE("drawStatement", (): DrawStatement => {
    const doc = this.doc();
    const pos = this.here();
    this.CONSUME(t.Draw);
    const target = this.SUBRULE(this.family);
    const outer = this.where;
    this.where = `\`draw ${target?.name?.text}\``;
    const type = this.OPTION(() => {
      this.CONSUME2(t.Colon);
      return this.SUBRULE(this.type);
    });
    this.keyword(1, t.Tilde, "`~ uniform` or `~ normal`");
    const law = this.lower(1, "`uniform` or `normal`");
    const tail = this.SUBRULE(this.tail);
    this.where = outer;
    return { kind: "Draw", ...doc, target, type, law, tail, span: this.spanFrom(pos) };
  });

  private readonly stateStatement = this.RULE("stateStatement", (): StateStatement => {
    const doc = this.doc();
    const pos = this.here();
    this.CONSUME(t.State);
    const name = this.binder(1);
    const outer = this.where;
    this.where = `\`state ${name.text}\``;
    this.sign(1, t.Colon, this.startsType(1), "`:` and a type");
    const type = this.SUBRULE(this.type);
    this.equals(1);
    const init = this.SUBRULE(this.expr);
    this.where = outer;
    return { kind: "State", ...doc, name, type, init, span: this.spanFrom(pos) };
  });

  private readonly nextStatement = this.RULE("nextStatement", (): NextStatement => {
    const pos = this.here();
    this.CONSUME(t.Next);
    const name = this.lower(1);
    this.equals(1);
    const value = this.SUBRULE(this.expr);
    const guard = this.OPTION(() => this.SUBRULE(this.guard));
    return { kind: "Next", name, value, guard, span: this.spanFrom(pos) };
  });

  // ------------------------------------------------------------------------------------------------------------ rewires

  private readonly setStatement = this.RULE("setStatement", (): SetStatement => {
    const pos = this.here();
    this.CONSUME(t.Set_);
    const target = this.SUBRULE(this.tapPath);
    this.equals(1);
    const value = this.SUBRULE(this.expr);
    const tail = this.SUBRULE(this.tail);
    return { kind: "Set", target, value, tail, span: this.spanFrom(pos) };
  });

  private readonly skipStatement = this.RULE("skipStatement", (): SkipStatement => {
    const doc = this.doc();
    const pos = this.here();
    this.CONSUME(t.Skip);
    const name = this.binder(1);
    const outer = this.where;
    this.where = `\`skip ${name.text}\``;
    const index = this.OPTION(() => {
      const open = this.CONSUME(t.LeftParen);
      const index = this.binder(2);
      this.close(1, t.RightParen, open);
      return index;
    });
    this.sign(1, t.Colon, this.next(t.Lower));
    const from = this.SUBRULE(this.tapPath);
    this.keyword(1, t.Arrow, "`->` and where it goes");
    const to = this.SUBRULE2(this.tapPath);
    this.keyword(1, t.Via, "`via` and a part");
    const via = this.SUBRULE(this.ref);
    const tail = this.SUBRULE(this.tail);
    this.where = outer;
    return { kind: "Skip", ...doc, name, index, from, to, via, tail, span: this.spanFrom(pos) };
  });

  // ------------------------------------------------------------------------------------------------- checks, logs, result

  private readonly requireStatement = this.RULE("requireStatement", (): RequireStatement => {
    const pos = this.here();
    this.CONSUME(t.Require);
    const condition = this.SUBRULE(this.expr);
    const message = this.OPTION(() => {
      this.CONSUME(t.Comma);
      return this.text(1, "a text in quotes");
    });
    return { kind: "Require", condition, message, span: this.spanFrom(pos) };
  });

  private readonly stopStatement = this.RULE("stopStatement", (): StopStatement => {
    const pos = this.here();
    this.CONSUME(t.Stop);
    this.keyword(1, t.If, "`if` and a condition");
    const condition = this.SUBRULE(this.expr);
    this.sign(1, t.Comma, this.next(t.Text));
    const reason = this.text(1, "the reason in quotes");
    return { kind: "Stop", condition, reason, span: this.spanFrom(pos) };
  });

  private readonly logList: List = {
    entry: "a name and a value",
    closer: t.RightBrace,
    between: "line",
    afresh: true,
    starts: (ahead) => this.next(t.Lower, ahead),
    stops: (ahead) => this.next(t.Lower, ahead) && (this.next(t.Colon, ahead + 1) || this.ahead(ahead).newline),
    mend: () => this.mendName(),
  };

  private readonly logStatement = this.RULE("logStatement", (): LogStatement => {
    const pos = this.here();
    this.CONSUME(t.Log);
    this.keyword(1, t.Every, "`every` and a number of steps");
    const every = this.SUBRULE(this.expr);
    const open = this.openBrace(1, this.next(t.Lower));
    const outer = this.where;
    this.where = "`log`";
    const entries = this.list(this.logList, (): LogEntry => {
      const start = this.here();
      const target = this.SUBRULE(this.family);
      this.sign(2, t.Colon, this.startsValue(1));
      const value = this.SUBRULE2(this.expr);
      const tail = this.SUBRULE(this.tail);
      return { target, value, tail, span: this.spanFrom(start) };
    });
    this.where = outer;
    this.close(1, t.RightBrace, open);
    return { kind: "Log", every, entries, span: this.spanFrom(pos) };
  });

  private readonly returnStatement = this.RULE("returnStatement", (): ReturnStatement => {
    const pos = this.here();
    this.CONSUME(t.Return);
    const value = this.SUBRULE(this.expr);
    return { kind: "Return", value, span: this.spanFrom(pos) };
  });

  /** `return` stands last and once; where nothing is given back, nowhere. */
  protected checkReturn(
    body: readonly Statement[],
    place: "last" | "never",
    where: string,
    end: Span,
    errors: number,
  ): void {
    if (this.RECORDING_PHASE) return;
    const [first, second] = body.filter((statement) => statement.kind === "Return");
    if (place === "never") {
      if (first) this.remark("return-misplaced", { where }, first.span);
    } else if (!first) {
      // With other mistakes in the body it may have been among what was left out.
      if (this.diagnostics.length === errors) this.remark("missing-return", { where }, end);
    } else if (second) this.remark("return-not-last", { where, twice: true }, second.span);
    else if (body.at(-1) !== first) this.remark("return-not-last", { where, twice: false }, first.span);
  }
}
