/** Rules for items: imports, params, presets, layouts, sweeps, plans, definitions and instances; and the file itself. */
import type { Diagnostic } from "./diagnostic.js";
import { type List, textOf } from "./parser-base.js";
import { StatementParser, type Suspect, statementWords } from "./parser-statements.js";
import { replacement, retype, type Scan, scan } from "./scan.js";
import type { SourceFile, Span } from "./source.js";
import type { Token } from "./tokens.js";
import * as t from "./tokens.js";
import type {
  Definition,
  DefinitionKind,
  Expr,
  FnDecl,
  InstanceDecl,
  Item,
  LayoutDecl,
  LayoutEntry,
  Name,
  ParamDecl,
  PlanDecl,
  PlanKind,
  PresetDecl,
  Setting,
  SettingDecl,
  Statement,
  SweepDecl,
  TypeNode,
  UseDecl,
} from "./tree.js";

interface Head {
  readonly kind: string;
  readonly name: Name;
  readonly pos: number;
  readonly doc: { readonly doc?: string };
}

interface Body {
  readonly body: readonly Statement[] | "extern";
  readonly short: boolean;
}

/** A text of a layout with `{…}` in it, to be read when the parser is free again. */
export interface Template {
  readonly parts: (string | Expr)[];
  readonly span: Span;
}

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

export class DitParser extends StatementParser {
  private templates: Template[] = [];

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

  private startsItem(ahead: number): boolean {
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

  // ----------------------------------------------------------------------------------------------------- imports and params

  private readonly useList: List = {
    entry: "a name",
    closer: t.RightBrace,
    between: "comma",
    afresh: false,
    starts: (ahead) => this.next(t.Lower, ahead) || this.next(t.Upper, ahead),
    stops: (ahead) => this.next(t.Lower, ahead) || this.next(t.Upper, ahead),
    mend: () => {
      // `{data, loss}`: names of other files may be any word.
      if (t.isA(this.LA(1), t.Declaring) && !this.startsItem(1)) retype(this.LA(1), t.Lower);
    },
  };

  private readonly use = this.RULE("use", (): UseDecl => {
    const pos = this.here();
    this.CONSUME(t.Use);
    this.where = "`use`";
    if (!this.RECORDING_PHASE && !this.next(t.Lower) && !this.next(t.Text)) this.fail("`std` or a file in quotes");
    const from = this.OR<UseDecl["from"]>([
      { ALT: () => ({ kind: "library", name: this.nameOf(this.CONSUME(t.Lower)) }) },
      {
        ALT: () => {
          const token = this.CONSUME(t.Text);
          return { kind: "file", path: textOf(token.image), span: this.spanOf(token) };
        },
      },
    ]);
    this.keyword(1, t.Dot, "`.{…}` with the names");
    const open = this.keyword(1, t.LeftBrace, "`{…}` with the names");
    const names = this.list(this.useList, () => {
      const name = this.OR2([{ ALT: () => this.CONSUME2(t.Lower) }, { ALT: () => this.CONSUME(t.Upper) }]);
      return this.nameOf(name);
    });
    if (!this.RECORDING_PHASE && names.length === 0) this.unexpected("a name");
    this.close(2, t.RightBrace, open);
    this.where = "the file";
    return { kind: "Use", from, names, span: this.spanFrom(pos) };
  });

  private readonly param = this.RULE("param", (): ParamDecl => {
    const doc = this.doc();
    const pos = this.here();
    this.CONSUME(t.Param);
    const name = this.binder(1);
    this.where = `\`param ${name.text}\``;
    this.sign(1, t.Colon, this.startsType(1), "`:` and a type");
    const type = this.SUBRULE(this.type);
    const value = this.OPTION(() => {
      this.CONSUME(t.Equal);
      return this.SUBRULE(this.expr);
    });
    this.where = "the file";
    return { kind: "Param", ...doc, name, type, value, span: this.spanFrom(pos) };
  });

  private readonly preset = this.RULE("preset", (): PresetDecl => {
    const doc = this.doc();
    const pos = this.here();
    this.CONSUME(t.Preset);
    const of = this.upper(1, "the name of a definition");
    this.keyword(1, t.Dot, `\`.\` and a name of its own`);
    const name = this.memberName();
    this.where = `\`preset ${of.text}.${name.text}\``;
    if (!this.RECORDING_PHASE && !this.next(t.LeftBrace)) this.fail("its settings in braces");
    const settings = this.SUBRULE(this.settings);
    this.where = "the file";
    return { kind: "Preset", ...doc, of, name, settings, span: this.spanFrom(pos) };
  });

  // ---------------------------------------------------------------------------------------------------- layouts and sweeps

  private readonly layoutList: List = {
    entry: "a name in quotes",
    closer: t.RightBrace,
    between: "none",
    afresh: true,
    starts: (ahead) => this.next(t.Text, ahead),
    stops: (ahead) => this.next(t.Text, ahead),
  };

  private readonly layout = this.RULE("layout", (): LayoutDecl => {
    const doc = this.doc();
    const pos = this.here();
    this.CONSUME(t.Layout);
    const name = this.upper(1, "a name in upper case");
    this.where = `\`layout ${name.text}\``;
    this.keyword(1, t.For, "`for` and a model");
    if (!this.RECORDING_PHASE && !this.next(t.Upper) && !this.next(t.Lower)) this.fail("a model");
    const target = this.nameOf(this.OR([{ ALT: () => this.CONSUME2(t.Upper) }, { ALT: () => this.CONSUME(t.Lower) }]));
    const open = this.openBrace(1, this.next(t.Text));
    const entries = this.list(this.layoutList, () => this.SUBRULE(this.layoutEntry));
    this.close(1, t.RightBrace, open);
    this.where = "the file";
    return { kind: "Layout", ...doc, name, target, entries, span: this.spanFrom(pos) };
  });

  private readonly layoutEntry = this.RULE("layoutEntry", (): LayoutEntry => {
    const pos = this.here();
    const token = this.CONSUME(t.Text);
    this.keyword(1, t.Both, "`<->` and our side");
    const ours = this.SUBRULE(this.postfix);
    const as = this.OPTION(() => {
      this.CONSUME(t.As);
      if (!this.RECORDING_PHASE && !this.next(t.LeftBracket) && !this.next(t.Upper)) this.fail("axes or a layout");
      return this.OR<LayoutEntry["as"]>([
        { ALT: () => this.SUBRULE(this.axes, { ARGS: [{ sizes: true }] }) },
        { ALT: () => this.nameOf(this.CONSUME(t.Upper)) },
      ]);
    });
    const tail = this.SUBRULE(this.tail);
    const nameSpan = this.spanOf(token);
    const parts: (string | Expr)[] = [textOf(token.image)];
    if (token.image.includes("{")) this.templates.push({ parts, span: nameSpan });
    return { name: parts, nameSpan, ours, as, tail, span: this.spanFrom(pos) };
  });

  private readonly sweepList: List = {
    ...this.settingList,
    entry: "a key or a `case`",
    starts: (ahead) => this.next(t.Lower, ahead) || this.next(t.Case, ahead),
    stops: (ahead) => this.settingList.stops(ahead) || this.next(t.Case, ahead),
    mend: () => {
      // `case none { … }`: rule J takes it for a setting called `case`.
      if (this.LA(1).image === "case" && this.LA(3).tokenType === t.LeftBrace) retype(this.LA(1), t.Case);
      this.mendName();
    },
  };

  private readonly sweep = this.RULE("sweep", (): SweepDecl => {
    const doc = this.doc();
    const pos = this.here();
    this.CONSUME(t.Sweep);
    const name = this.binder(1);
    this.where = `\`sweep ${name.text}\``;
    this.keyword(1, t.Of, "`of` and a plan");
    const of = this.lower(2, "the name of a plan");
    const open = this.openBrace(1, this.next(t.Case) || this.next(t.Lower));
    const cases: SweepDecl["cases"][number][] = [];
    const settings: Setting[] = [];
    this.list(this.sweepList, () => {
      this.OR([
        {
          ALT: () => {
            const start = this.here();
            this.CONSUME(t.Case);
            const row = this.lower(3);
            if (!this.RECORDING_PHASE && !this.next(t.LeftBrace)) this.fail("the values of this row in braces");
            cases.push({ name: row, settings: this.SUBRULE(this.settings), span: this.spanFrom(start) });
          },
        },
        {
          ALT: () => {
            settings.push(this.SUBRULE(this.setting));
          },
        },
      ]);
      return undefined;
    });
    this.close(1, t.RightBrace, open);
    this.where = "the file";
    return { kind: "Sweep", ...doc, name, of, cases, settings, span: this.spanFrom(pos) };
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

  private readonly definition = this.RULE("definition", (head: Head): Definition => {
    const where = `\`${head?.kind} ${head?.name.text}\``;
    this.where = where;
    const errors = this.diagnostics.length;
    const settings = this.OPTION(() => this.SUBRULE(this.settingDecls)) ?? [];
    if (!this.RECORDING_PHASE && !this.next(t.LeftParen)) this.fail("its inputs in parentheses");
    const inputs = this.SUBRULE(this.inputs);
    const result = this.SUBRULE(this.result);
    const { body, short } = this.SUBRULE(this.definitionBody);
    this.where = "the file";
    const { kind, name, pos, doc } = head ?? { kind: "", name: { text: "" }, pos: 0, doc: {} };
    const span = this.spanFrom(pos);
    if (!short && body !== "extern")
      this.checkReturn(body, "last", where, { ...span, pos: Math.max(pos, span.end - 1) }, errors);
    const { inputs: list, rest } = inputs;
    return {
      kind: "Definition",
      ...doc,
      of: kind as DefinitionKind,
      name,
      settings,
      inputs: list,
      rest,
      result,
      body,
      short,
      span,
    };
  });

  private readonly result = this.RULE("result", (): TypeNode => {
    if (!this.RECORDING_PHASE && !this.next(t.Arrow)) {
      if (this.next(t.LeftBrace) || this.next(t.Equal) || this.next(t.Extern)) {
        this.unexpected("`->` and the type of its result");
        return { kind: "NamedType", name: { text: "", span: this.gap() }, span: this.gap() };
      }
    }
    this.sign(1, t.Arrow, this.startsType(1));
    return this.SUBRULE(this.type);
  });

  private readonly definitionBody = this.RULE("definitionBody", (): Body => {
    if (!this.RECORDING_PHASE && !this.next(t.Equal) && !this.next(t.Extern) && !this.next(t.LeftBrace)) {
      if (this.startsStatement(1)) return { body: this.SUBRULE(this.body), short: false };
      this.fail("`{ … }`, `= value` or `extern`");
    }
    return this.OR<Body>([
      { ALT: () => ({ body: this.SUBRULE2(this.body), short: false }) },
      {
        ALT: () => {
          this.CONSUME(t.Equal);
          return this.shortBody(this.SUBRULE(this.expr));
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.Extern);
          return { body: "extern", short: false };
        },
      },
    ]);
  });

  private shortBody(value: Expr): Body {
    return { body: [{ kind: "Return", value, span: value?.span }], short: true };
  }

  private readonly settingDeclList: List = { ...this.settingList, entry: "a setting and its type" };

  private readonly settingDecls = this.RULE("settingDecls", (): readonly SettingDecl[] => {
    const open = this.CONSUME(t.LeftBrace);
    const settings = this.list(this.settingDeclList, () => this.SUBRULE(this.settingDecl));
    this.close(1, t.RightBrace, open);
    return settings;
  });

  private readonly settingDecl = this.RULE("settingDecl", (): SettingDecl => {
    const doc = this.doc();
    const pos = this.here();
    const name = this.binder(1);
    const outer = this.where;
    this.where = `\`${name.text}\``;
    if (!this.RECORDING_PHASE && !this.next(t.Colon) && !(this.startsType(1) && !this.ahead(1).newline))
      this.fail("`:` and a type");
    this.sign(1, t.Colon, true);
    const type = this.SUBRULE(this.type);
    const value = this.OPTION(() => {
      this.CONSUME(t.Equal);
      return this.SUBRULE(this.expr);
    });
    this.where = outer;
    return { ...doc, name, type, value, span: this.spanFrom(pos) };
  });

  readonly instance = this.RULE("instance", (): InstanceDecl => {
    const doc = this.doc();
    const pos = this.here();
    const kind = this.CONSUME(t.Kind).image;
    const name = this.binder(1);
    return this.SUBRULE(this.instanceOf, { ARGS: [{ kind, name, pos, doc }] });
  });

  private readonly instanceOf = this.RULE("instanceOf", (head: Head): InstanceDecl => {
    const outer = this.where;
    this.where = `\`${head?.kind} ${head?.name.text}\``;
    const index = this.OPTION(() => {
      const open = this.CONSUME(t.LeftParen);
      const name = this.binder(1);
      this.keyword(1, t.In, "`in` and a range");
      const range = this.SUBRULE(this.expr);
      this.close(1, t.RightParen, open);
      return { name, range };
    });
    this.sign(
      1,
      t.Colon,
      (this.next(t.Upper) || this.next(t.Lower)) && !this.ahead(1).newline,
      "`:` and what it is made of",
    );
    const ref = this.SUBRULE(this.ref);
    const rewires = this.OPTION2({
      // In a plan a key may be called `with`.
      GATE: () => !this.ahead(1).newline || this.LA(2).tokenType === t.LeftBrace,
      DEF: () => this.SUBRULE(this.rewires),
    });
    const guard = this.OPTION3(() => this.SUBRULE(this.guard));
    this.where = outer;
    const { kind, name, pos, doc } = head ?? { kind: "", name: { text: "" }, pos: 0, doc: {} };
    return {
      kind: "Instance",
      ...doc,
      of: kind as DefinitionKind,
      name,
      index,
      ref,
      rewires,
      guard,
      span: this.spanFrom(pos),
    };
  });

  private readonly rewires = this.RULE("rewires", (): readonly Statement[] => {
    this.CONSUME(t.With);
    const outer = this.rewiring;
    this.rewiring = true;
    const body = this.SUBRULE(this.body);
    this.rewiring = outer;
    if (!this.RECORDING_PHASE) this.checkReturn(body, "never", "`with`", this.gap(), 0);
    return body;
  });

  private readonly axisNames: List = {
    entry: "the name of an axis",
    closer: t.RightBracket,
    between: "comma",
    afresh: false,
    starts: (ahead) => this.next(t.Lower, ahead),
    stops: (ahead) => this.next(t.Lower, ahead),
    mend: () => this.mendName(),
  };

  readonly fn = this.RULE("fn", (): FnDecl => {
    const doc = this.doc();
    const pos = this.here();
    this.CONSUME(t.Fn);
    const name = this.binder(1);
    const outer = this.where;
    const where = `\`fn ${name.text}\``;
    this.where = where;
    const errors = this.diagnostics.length;
    const axes = this.OPTION(() => this.SUBRULE(this.fnAxes)) ?? [];
    if (!this.RECORDING_PHASE && !this.next(t.LeftParen)) this.fail("its inputs in parentheses");
    const inputs = this.SUBRULE(this.inputs);
    const result = this.OPTION2(() => {
      this.CONSUME(t.Arrow);
      return this.SUBRULE(this.type);
    });
    if (!this.RECORDING_PHASE && !this.next(t.Equal) && !this.next(t.LeftBrace)) this.fail("`= value` or `{ … }`");
    const { body, short } = this.OR<{ body: readonly Statement[]; short: boolean }>([
      {
        ALT: () => {
          this.CONSUME(t.Equal);
          const value = this.SUBRULE(this.expr);
          return { body: [{ kind: "Return", value, span: value?.span }], short: true };
        },
      },
      { ALT: () => ({ body: this.SUBRULE(this.body), short: false }) },
    ]);
    this.where = outer;
    const span = this.spanFrom(pos);
    if (!short) this.checkReturn(body, "last", where, { ...span, pos: Math.max(pos, span.end - 1) }, errors);
    return { kind: "Fn", ...doc, name, axes, inputs: inputs?.inputs, rest: inputs?.rest, result, body, short, span };
  });

  private readonly fnAxes = this.RULE("fnAxes", (): readonly Name[] => {
    const open = this.CONSUME(t.LeftBracket);
    const axes = this.list(this.axisNames, () => this.binder(1));
    this.close(1, t.RightBracket, open);
    return axes;
  });
}
