/** Rules for types, axes and input lists. */
import type { List } from "./parser-base.js";
import { ExpressionParser } from "./parser-expressions.js";
import { deepest, retype } from "./scan.js";
import type { Span } from "./source.js";
import * as t from "./tokens.js";
import type { AxesSpec, AxisItem, ChoiceType, IndexType, Input, Name, SignatureType, TypeNode } from "./tree.js";

export interface Inputs {
  readonly inputs: readonly Input[];
  readonly rest: boolean;
}

/** After `as` in a layout a bare number is an axis of the file. */
export interface AxesPlace {
  readonly sizes: boolean;
}

interface Field {
  readonly name: Name | undefined;
  readonly type: TypeNode;
}

/** Types that take axes in brackets: what each element holds. */
const withAxes = new Set(["bool", "list", "float"]);

export abstract class TypeParser extends ExpressionParser {
  protected startsType(ahead: number): boolean {
    const token = this.ahead(ahead);
    return (
      t.isA(token, t.Lower) ||
      token.tokenType === t.LeftBracket ||
      token.tokenType === t.At ||
      token.tokenType === t.LeftParen
    );
  }

  readonly type = this.RULE("type", (): TypeNode => {
    if (!this.RECORDING_PHASE && !this.typeHere()) {
      this.unexpected("a type");
      return { kind: "NamedType", name: { text: "", span: this.gap() }, span: this.gap() };
    }
    return this.OR<TypeNode>([
      {
        ALT: () => {
          const axes = this.SUBRULE(this.axes);
          return { kind: "AxesType", axes, span: axes?.span };
        },
      },
      { ALT: () => this.SUBRULE(this.indexType) },
      { ALT: () => this.SUBRULE(this.wordType) },
      { ALT: () => this.SUBRULE(this.groupType) },
    ]);
  });

  private typeHere(): boolean {
    const token = this.ahead(1);
    if (token.tokenType === t.Upper) {
      this.remark("type-in-upper-case", { found: token.image }, this.spanOf(token));
      retype(token, t.Lower);
    } else if (t.isA(token, t.Declaring) && !token.newline) retype(token, t.Lower);
    return this.startsType(1);
  }

  private readonly indexType = this.RULE("indexType", (): IndexType => {
    const pos = this.here();
    this.CONSUME(t.At);
    const axis = this.lower(1, "an axis");
    const size = this.OPTION({
      GATE: () => !this.ahead(1).newline,
      DEF: () => {
        const open = this.CONSUME(t.LeftParen);
        const value = this.SUBRULE(this.expr);
        this.close(1, t.RightParen, open);
        return value;
      },
    });
    const axes = this.OPTION2({ GATE: () => !this.ahead(1).newline, DEF: () => this.SUBRULE(this.axes) });
    if (!this.RECORDING_PHASE) this.declared.add(axis.text);
    return { kind: "IndexType", axis, size, axes, span: this.spanFrom(pos) };
  });

  private readonly wordType = this.RULE("wordType", (): TypeNode => {
    const pos = this.here();
    const name = this.nameOf(this.CONSUME(t.Lower));
    const longer = this.OPTION({
      GATE: () => !this.ahead(1).newline || this.LA(1).tokenType === t.Bar,
      DEF: () =>
        this.OR<TypeNode>([
          {
            ALT: () => {
              const axes = this.SUBRULE(this.axes);
              if (!this.RECORDING_PHASE && !withAxes.has(name.text))
                this.remark("type-with-axes", { found: name.text }, axes.span);
              return { kind: "NamedType", name, axes, span: this.spanFrom(pos) };
            },
          },
          { ALT: () => this.signature(name, pos) },
          { ALT: () => this.choices(name, pos) },
        ]),
    });
    return longer ?? { kind: "NamedType", name, span: name.span };
  });

  private signature(name: Name, pos: number): SignatureType {
    const inputs = this.SUBRULE(this.inputs);
    const result = this.OPTION2(() => {
      this.CONSUME(t.Arrow);
      if (!this.RECORDING_PHASE && ++this.depth > deepest) {
        this.report("too-deep", { limit: deepest }, this.spanFrom(pos));
        this.giveUp();
      }
      const type = this.SUBRULE(this.type);
      this.depth--;
      return type;
    });
    return {
      kind: "SignatureType",
      name,
      inputs: inputs?.inputs,
      rest: inputs?.rest,
      result,
      span: this.spanFrom(pos),
    };
  }

  private choices(name: Name, pos: number): ChoiceType {
    const words = [name];
    this.AT_LEAST_ONE(() => {
      this.CONSUME(t.Bar);
      words.push(this.lower(2, "a word"));
    });
    return { kind: "ChoiceType", words, span: this.spanFrom(pos) };
  }

  private readonly fieldList: List = {
    entry: "a type",
    closer: t.RightParen,
    between: "comma",
    afresh: false,
    starts: (ahead) => this.startsType(ahead),
    stops: (ahead) => this.startsType(ahead),
  };

  /** `(alpha: [], sigma: [])` or `([], [])` */
  private readonly groupType = this.RULE("groupType", (): TypeNode => {
    const pos = this.here();
    const open = this.CONSUME(t.LeftParen);
    const fields = this.list(this.fieldList, (): Field => {
      const name = this.OPTION({
        GATE: () => this.LA(2).tokenType === t.Colon,
        DEF: () => {
          const label = this.nameOf(this.CONSUME(t.Lower));
          this.CONSUME(t.Colon);
          return label;
        },
      });
      return { name, type: this.SUBRULE(this.type) };
    });
    this.close(1, t.RightParen, open);
    return this.ACTION(() => this.groupedType(fields, this.spanFrom(pos)));
  });

  private groupedType(fields: readonly Field[], span: Span): TypeNode {
    const named = fields.filter((field) => field.name !== undefined).length;
    if (fields.length === 0 || (named > 0 && named < fields.length)) {
      this.remark("mixed-record", { empty: fields.length === 0 }, span);
    }
    if (named === 0) return { kind: "TupleType", items: fields.map((field) => field.type), span };
    return {
      kind: "RecordType",
      fields: fields.map(({ name, type }) => ({ name: name ?? { text: "", span: type.span }, type })),
      span,
    };
  }

  // --------------------------------------------------------------------------------------------------------------------- axes

  private readonly axisList: List = {
    entry: "an axis",
    closer: t.RightBracket,
    between: "comma",
    afresh: false,
    starts: (ahead) => this.next(t.Lower, ahead) || this.next(t.Star, ahead) || this.next(t.Int, ahead),
    stops: (ahead) => this.next(t.Lower, ahead),
    mend: () => this.mendName(),
  };
  /** The left side may also end at the arrow. */
  private readonly leftAxisList: List = { ...this.axisList, ender: t.Arrow };

  readonly axes = this.RULE("axes", (place?: AxesPlace): AxesSpec => {
    const pos = this.here();
    const open = this.CONSUME(t.LeftBracket);
    const items = this.SUBRULE(this.axisItems, { ARGS: [this.leftAxisList] });
    const arrow = this.OPTION(() => {
      this.CONSUME(t.Arrow);
      return this.SUBRULE2(this.axisItems, { ARGS: [this.axisList] });
    });
    this.close(1, t.RightBracket, open);
    const axes: AxesSpec = { items, arrow, span: this.spanFrom(pos) };
    if (!this.RECORDING_PHASE) this.checkAxes(axes, place);
    return axes;
  });

  private readonly axisItems = this.RULE("axisItems", (list: List): readonly AxisItem[] =>
    this.list(this.RECORDING_PHASE ? this.axisList : list, () => this.SUBRULE(this.axisItem)),
  );

  private readonly axisItem = this.RULE("axisItem", (): AxisItem => {
    const pos = this.here();
    return this.OR<AxisItem>([
      {
        ALT: () => {
          const name = this.binder(1);
          const size = this.OPTION(() => {
            this.CONSUME(t.Colon);
            return this.SUBRULE(this.expr);
          });
          return { kind: "axis", name, size, span: this.spanFrom(pos) };
        },
      },
      { ALT: () => ({ kind: "all", span: this.spanOf(this.CONSUME(t.Star)) }) },
      {
        ALT: () => {
          const token = this.CONSUME(t.Int);
          return { kind: "size", value: this.numberOf(token), span: this.spanOf(token) };
        },
      },
    ]);
  });

  private checkAxes({ items, arrow, span }: AxesSpec, place: AxesPlace | undefined): void {
    const all = arrow ? [...items, ...arrow] : items;
    if (all.length > 1 && all.some((item) => item.kind === "all")) this.remark("star-alone", undefined, span);
    if (place?.sizes) return;
    const bare = all.find((item) => item.kind === "size");
    if (bare) this.remark("bare-size", undefined, bare.span);
  }

  // ------------------------------------------------------------------------------------------------------------------- inputs

  private readonly inputList: List = {
    entry: "an input",
    closer: t.RightParen,
    between: "comma",
    afresh: false,
    starts: (ahead) => this.next(t.Lower, ahead) || this.next(t.DotDot, ahead),
    stops: (ahead) => this.next(t.Lower, ahead),
    mend: () => {
      // `(data x: …)`: rule J took the first of two names for a keyword.
      if (t.isA(this.LA(1), t.Declaring) && !this.ahead(1).newline) retype(this.LA(1), t.Lower);
      this.mendName();
    },
  };

  readonly inputs = this.RULE("inputs", (): Inputs => {
    const open = this.CONSUME(t.LeftParen);
    let rest: Span | undefined;
    let afterRest = false;
    const inputs = this.list(this.inputList, () => {
      if (rest) afterRest = true;
      return this.OR<Input | undefined>([
        {
          ALT: () => {
            rest = this.spanOf(this.CONSUME(t.DotDot));
            return undefined;
          },
        },
        { ALT: () => this.SUBRULE(this.input_) },
      ]);
    });
    this.close(1, t.RightParen, open);
    if (afterRest && rest) this.remark("rest-not-last", undefined, rest);
    return { inputs, rest: rest !== undefined };
  });

  private readonly input_ = this.RULE("input_", (): Input => {
    const pos = this.here();
    const name = this.binder(1);
    const type = this.OPTION(() => {
      this.CONSUME(t.Colon);
      return this.SUBRULE(this.type);
    });
    const value = this.OPTION2(() => {
      this.CONSUME(t.Equal);
      return this.SUBRULE(this.expr);
    });
    return { name, type, value, span: this.spanFrom(pos) };
  });
}
