/** The parser: the file, its items, and plans; all other rules are inherited. */
import type { Diagnostic } from "./diagnostic.js";
import type { List } from "./parser-base.js";
import type { Head } from "./parser-definitions.js";
import { ItemParser, type Template } from "./parser-items.js";
import { type Suspect, statementWords } from "./parser-statements.js";
import { replacement, retype, type Scan, scan } from "./scan.js";
import type { SourceFile, Span } from "./source.js";
import type { Token } from "./tokens.js";
import * as t from "./tokens.js";
import type { Definition, Expr, InstanceDecl, Item, PlanDecl, PlanKind, Setting, Statement } from "./tree.js";

/** What one run over some tokens gives. */
export interface Read {
  readonly language: number | undefined;
  readonly items: readonly Item[];
  readonly diagnostics: Diagnostic[];
  readonly suspects: readonly Suspect[];
  readonly templates: readonly Template[];
}

export const itemStarts = new Set([t.Use, t.Param, t.Preset, t.Layout, t.Sweep, t.Train, t.Fn]);
const itemWords =
  "use param preset layout sweep fn train part model loss objective sampler optimizer encoder data metric sample evaluate".split(
    " ",
  );

export class DitParser extends ItemParser {
  constructor(skipValidations: boolean) {
    super(skipValidations);
    this.performSelfAnalysis();
  }

  /** Reads the items among some tokens of a file. */
  read(source: SourceFile, scanned: Scan, tokens: Token[]): Read {
    this.begin(source, scanned, tokens);
    this.suspects = [];
    this.templates = [];
    this.rewiring = false;
    const { language, items } = this.file();
    return { language, items, diagnostics: this.diagnostics, suspects: this.suspects, templates: this.templates };
  }

  /** Reads one value from a part of a file, as it stands in the `{…}` of a text. */
  readValue(
    source: SourceFile,
    from: number,
    to: number,
  ): { readonly value: Expr; readonly diagnostics: readonly Diagnostic[] } {
    const scanned = scan(source, from, to);
    this.begin(source, scanned, scanned.tokens);
    this.declared = new Set();
    this.where = "`{…}` in a text";
    const nothing: Span = { source, pos: from, end: to };
    if (scanned.tokens.length === 0) {
      this.report("unexpected", { where: this.where, wants: "a value", found: "nothing" }, nothing);
      return { value: { kind: "Missing", span: nothing }, diagnostics: this.diagnostics };
    }
    const value = this.whole();
    return { value, diagnostics: [...scanned.diagnostics, ...this.diagnostics] };
  }

  // ------------------------------------------------------------------------------------------------------------------- file

  private readonly itemList: List = {
    entry: "a declaration (`use`, `part`, `model`, `train`, …)",
    closer: undefined,
    between: "none",
    afresh: true,
    starts: (ahead) => this.startsItem(ahead),
    stops: (ahead) => this.startsItem(ahead),
    mend: () => this.mendItem(),
  };

  protected startsItem(ahead: number): boolean {
    return itemStarts.has(this.LA(ahead).tokenType) || this.next(t.Kind, ahead);
  }

  private mendItem(): void {
    this.mendWord(itemWords, () => false);
    this.mendCase();
  }

  protected override mendStatement(): void {
    super.mendStatement();
    this.mendCase();
  }

  /** `model Net: SiT` and `part foo (x: …) -> …`: whether it is a definition shows after the name. */
  private mendCase(): void {
    const name = this.ahead(2);
    if (!this.next(t.Kind) || name.newline) return;
    const after = this.LA(3).tokenType;
    const indexed = after === t.LeftParen && this.next(t.Lower, 4) && this.LA(5).tokenType === t.In;
    if (name.tokenType === t.Upper && (after === t.Colon || indexed)) {
      this.afresh();
      this.mendName(2);
    } else if (name.tokenType === t.Lower) {
      const plan = this.LA(1).tokenType === t.Sample || this.LA(1).tokenType === t.Evaluate;
      if (!(after === t.LeftBrace && !plan) && !(after === t.LeftParen && !indexed)) return;
      this.afresh();
      const better = name.image.charAt(0).toUpperCase() + name.image.slice(1);
      const fixes = [replacement(`write \`${better}\``, this.spanOf(name), better)];
      this.remark("definition-in-lower-case", { found: name.image, better }, this.spanOf(name), { fixes });
      retype(name, t.Upper);
    }
  }

  private readonly file = this.RULE("file", (): { language: number | undefined; items: readonly Item[] } => {
    const language = this.OPTION(() => {
      this.CONSUME(t.Language);
      const token = this.CONSUME(t.Int);
      const number = this.numberOf(token);
      if (number !== 1) this.remark("language-version", { found: token.image }, this.spanOf(token));
      return number;
    });
    const items = this.list(this.itemList, () => this.SUBRULE(this.item));
    return { language, items };
  });

  /** The value of a `{…}` and nothing else. */
  private readonly whole = this.RULE("whole", (): Expr => {
    try {
      const value = this.SUBRULE(this.expr);
      if (!this.RECORDING_PHASE && !this.atEnd) this.unexpected("`}`");
      return value;
    } catch (error) {
      if (this.RECORDING_PHASE || !this.isGiveUp(error)) throw error;
      return { kind: "Missing", span: this.gap() };
    }
  });

  private readonly item = this.RULE("item", (): Item => {
    this.declared = new Set();
    return this.OR<Item>([
      { ALT: () => this.SUBRULE(this.use) },
      { ALT: () => this.SUBRULE(this.param) },
      { ALT: () => this.SUBRULE(this.preset) },
      { ALT: () => this.SUBRULE(this.layout) },
      { ALT: () => this.SUBRULE(this.sweep) },
      { ALT: () => this.SUBRULE(this.fn) },
      { ALT: () => this.SUBRULE(this.train) },
      { ALT: () => this.SUBRULE(this.kinded) },
    ]);
  });

  // ------------------------------------------------------------------------------------------------------------------ plans

  private readonly planList: List = {
    entry: "a setting, a statement",
    closer: t.RightBrace,
    between: "none",
    afresh: true,
    starts: (ahead) => this.startsStatement(ahead) || this.next(t.Lower, ahead) || this.bareEquation(true),
    stops: (ahead) => this.startsStatement(ahead) || (this.next(t.Lower, ahead) && this.next(t.Colon, ahead + 1)),
    mend: () => {
      this.mendWord(statementWords, () => this.settingHere());
      this.mendCase();
      this.mendName();
    },
  };

  private settingHere(): boolean {
    const after = this.ahead(2);
    const type = after.tokenType;
    return (
      after.newline ||
      this.bareEquation(true) ||
      type === t.Colon ||
      type === t.Comma ||
      type === t.Question ||
      type === t.RightBrace
    );
  }

  private readonly train = this.RULE("train", (): PlanDecl => {
    const doc = this.doc();
    const pos = this.here();
    const kind = this.CONSUME(t.Train).image;
    const name = this.binder(1);
    return this.SUBRULE(this.plan, { ARGS: [{ kind, name, pos, doc }] });
  });

  private readonly plan = this.RULE("plan", (head: Head): PlanDecl => {
    const where = `\`${head?.kind} ${head?.name.text}\``;
    this.where = where;
    const errors = this.diagnostics.length;
    const open = this.openBrace(1, this.next(t.Lower));
    const keys: Setting[] = [];
    const body: Statement[] = [];
    this.list(this.planList, () => {
      this.OR([
        { GATE: () => this.bareEquation(true), ALT: () => body.push(this.SUBRULE(this.bareLet)) },
        { ALT: () => body.push(this.SUBRULE(this.statement)) },
        { ALT: () => keys.push(this.SUBRULE(this.planKey)) },
      ]);
      return undefined;
    });
    this.close(1, t.RightBrace, open);
    this.where = "the file";
    const { kind, name, pos, doc } = head ?? { kind: "", name: { text: "" }, pos: 0, doc: {} };
    const span = this.spanFrom(pos);
    this.checkReturn(
      body,
      kind === "sample" ? "last" : "never",
      where,
      { ...span, pos: Math.max(pos, span.end - 1) },
      errors,
    );
    return { kind: "Plan", ...doc, plan: kind as PlanKind, name, keys, body, span };
  });

  private readonly planKey = this.RULE("planKey", (): Setting => {
    const setting = this.SUBRULE(this.setting);
    const comma = this.OPTION(() => this.CONSUME(t.Comma)) !== undefined;
    if (!this.RECORDING_PHASE && !comma && this.next(t.Lower) && !this.ahead(1).newline && !this.bareEquation(true))
      this.missingComma();
    return setting;
  });

  // ------------------------------------------------------------------------------------------------ definitions, instances

  private readonly kinded = this.RULE("kinded", (): Definition | InstanceDecl | PlanDecl => {
    const doc = this.doc();
    const pos = this.here();
    const kind = this.CONSUME(t.Kind).image;
    return this.OR<Definition | InstanceDecl | PlanDecl>([
      {
        ALT: () => {
          const name = this.nameOf(this.CONSUME(t.Upper));
          return this.SUBRULE(this.definition, { ARGS: [{ kind, name, pos, doc }] });
        },
      },
      {
        ALT: () => {
          const head = { kind, name: this.binder(1), pos, doc };
          const plan = kind === "sample" || kind === "evaluate";
          if (!this.RECORDING_PHASE && !(plan && this.next(t.LeftBrace))) {
            const made = this.SUBRULE(this.instanceOf, { ARGS: [head] });
            this.where = "the file";
            return made;
          }
          return this.OR2<InstanceDecl | PlanDecl>([
            { ALT: () => this.SUBRULE(this.plan, { ARGS: [head] }) },
            { ALT: () => this.SUBRULE2(this.instanceOf, { ARGS: [head] }) },
          ]);
        },
      },
    ]);
  });
}
