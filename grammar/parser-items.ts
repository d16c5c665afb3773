/** Rules for imports, params, presets, layouts and sweeps. */
import { type List, textOf } from "./parser-base.js";
import { DefinitionParser } from "./parser-definitions.js";
import { retype } from "./scan.js";
import type { Span } from "./source.js";
import * as t from "./tokens.js";
import type { Expr, LayoutDecl, LayoutEntry, ParamDecl, PresetDecl, Setting, SweepDecl, UseDecl } from "./tree.js";

/** A text of a layout with `{…}` in it, to be read when the parser is free again. */
export interface Template {
  readonly parts: (string | Expr)[];
  readonly span: Span;
}

export abstract class ItemParser extends DefinitionParser {
  protected templates: Template[] = [];

  /** Whether an item starts at the token `ahead`. */
  protected abstract startsItem(ahead: number): boolean;

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

  protected readonly use = this.RULE("use", (): UseDecl => {
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

  protected readonly param = this.RULE("param", (): ParamDecl => {
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

  protected readonly preset = this.RULE("preset", (): PresetDecl => {
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

  protected readonly layout = this.RULE("layout", (): LayoutDecl => {
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

  protected readonly sweep = this.RULE("sweep", (): SweepDecl => {
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
}
