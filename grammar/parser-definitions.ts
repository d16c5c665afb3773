/** Rules for definitions, instances and functions. */
import type { List } from "./parser-base.js";
import { StatementParser } from "./parser-statements.js";
import * as t from "./tokens.js";
import type {
  Definition,
  DefinitionKind,
  Expr,
  FnDecl,
  InstanceDecl,
  Name,
  SettingDecl,
  Statement,
  TypeNode,
} from "./tree.js";

/** What has been read of a construct before it was known which it is. */
export interface Head {
  readonly kind: string;
  readonly name: Name;
  readonly pos: number;
  readonly doc: { readonly doc?: string };
}

interface Body {
  readonly body: readonly Statement[] | "extern";
  readonly short: boolean;
}

export abstract class DefinitionParser extends StatementParser {
  protected readonly definition = this.RULE("definition", (head: Head): Definition => {
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

  protected readonly instanceOf = this.RULE("instanceOf", (head: Head): InstanceDecl => {
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
