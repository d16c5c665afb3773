/**
 * The syntax tree of a `.dit` file. One node type a construct, discriminated by `kind`; every node has a span. The tree is plain
 * data: no behaviour, no parents. Where the parser repaired a mistake, a `Missing` expression or a name with an empty text stands in.
 */
import type { Span } from "./source.js";

interface Node {
  readonly span: Span;
}

export interface Name extends Node {
  readonly text: string;
}

/** `//` or `///`, text without the slashes, untrimmed. */
export interface Comment extends Node {
  readonly kind: "line" | "doc";
  readonly text: string;
}

export interface FileNode extends Node {
  readonly kind: "File";
  /** The number after `language`, if the line is there. */
  readonly language?: number | undefined;
  readonly items: readonly Item[];
  /** All comments of the file in order of position, doc comments too. */
  readonly comments: readonly Comment[];
}

export type Item =
  | UseDecl
  | ParamDecl
  | PresetDecl
  | LayoutDecl
  | SweepDecl
  | PlanDecl
  | Definition
  | InstanceDecl
  | FnDecl;

export interface UseDecl extends Node {
  readonly kind: "Use";
  /** `std`, or the path in quotes. */
  readonly from:
    | { readonly kind: "library"; readonly name: Name }
    | { readonly kind: "file"; readonly path: string; readonly span: Span };
  readonly names: readonly Name[];
}

interface Documented extends Node {
  /** The lines of the doc comment above, trimmed. */
  readonly doc?: string | undefined;
}

export interface ParamDecl extends Documented {
  readonly kind: "Param";
  readonly name: Name;
  readonly type: TypeNode;
  readonly value?: Expr | undefined;
}

/** `preset SiT.S { … }` */
export interface PresetDecl extends Documented {
  readonly kind: "Preset";
  readonly of: Name;
  readonly name: Name;
  readonly settings: readonly Setting[];
}

export interface LayoutDecl extends Documented {
  readonly kind: "Layout";
  readonly name: Name;
  /** A model (upper case), or a plan of this file (lower case): then it is the map of a fixture, see spec/language.md. */
  readonly target: Name;
  readonly entries: readonly LayoutEntry[];
}

export interface LayoutEntry extends Node {
  /** The string in quotes with its `{…}` parts parsed. */
  readonly name: readonly (string | Expr)[];
  readonly nameSpan: Span;
  readonly ours: Expr;
  readonly as?: AxesSpec | Name | undefined;
  readonly tail: Tail;
}

export interface SweepDecl extends Documented {
  readonly kind: "Sweep";
  readonly name: Name;
  readonly of: Name;
  readonly cases: readonly { readonly name: Name; readonly settings: readonly Setting[]; readonly span: Span }[];
  readonly settings: readonly Setting[];
}

export type PlanKind = "train" | "sample" | "evaluate";

/** `train run { … }`: keys and statements in one pair of braces. */
export interface PlanDecl extends Documented {
  readonly kind: "Plan";
  readonly plan: PlanKind;
  readonly name: Name;
  readonly keys: readonly Setting[];
  readonly body: readonly Statement[];
}

export type DefinitionKind =
  | "part"
  | "model"
  | "loss"
  | "objective"
  | "sampler"
  | "optimizer"
  | "encoder"
  | "data"
  | "metric"
  | "sample"
  | "evaluate";

export interface Definition extends Documented {
  readonly kind: "Definition";
  readonly of: DefinitionKind;
  readonly name: Name;
  readonly settings: readonly SettingDecl[];
  readonly inputs: readonly Input[];
  /** The input list ends in `..`. */
  readonly rest: boolean;
  readonly result: TypeNode;
  /** `extern`: no body; `= e` is a body of one `return`. */
  readonly body: readonly Statement[] | "extern";
  /** Written as `= expr`. */
  readonly short: boolean;
}

export interface SettingDecl extends Documented {
  readonly name: Name;
  readonly type: TypeNode;
  readonly value?: Expr | undefined;
}

export interface Input extends Node {
  readonly name: Name;
  readonly type?: TypeNode | undefined;
  readonly value?: Expr | undefined;
}

export interface FnDecl extends Documented {
  readonly kind: "Fn";
  readonly name: Name;
  /** `fn unit[a]`: names that stand for axes. */
  readonly axes: readonly Name[];
  readonly inputs: readonly Input[];
  readonly rest: boolean;
  readonly result?: TypeNode | undefined;
  readonly body: readonly Statement[];
  readonly short: boolean;
}

export interface InstanceDecl extends Documented {
  readonly kind: "Instance";
  readonly of: DefinitionKind;
  readonly name: Name;
  /** `block(i in 1..depth)` */
  readonly index?: { readonly name: Name; readonly range: Expr } | undefined;
  readonly ref: Ref;
  readonly rewires?: readonly Statement[] | undefined;
  readonly guard?: Expr | undefined;
}

/** What an instance is made of: `SiT.B { patch: 2 }`, or a lower-case setting of a kind: `qk_norm { over: [feat] }`. */
export interface Ref extends Node {
  readonly name: Name;
  readonly member?: Name | undefined;
  /** `undefined` where no braces stand. */
  readonly settings?: readonly Setting[] | undefined;
}

/** `heads: 4`; `heads` alone is `heads: heads` (no value, `offered` false); `heads?` is offered. */
export interface Setting extends Node {
  readonly name: Name;
  readonly value?: Expr | undefined;
  readonly offered: boolean;
}

// ---------------------------------------------------------------------------------------------------------------- statements

export interface Tail {
  readonly loops: readonly { readonly index: Name; readonly range: Expr }[];
  readonly guard?: Expr | undefined;
}

/** A name with an optional index expression: `h(i)`, `t(0)`, `y`. */
export interface Family extends Node {
  readonly name: Name;
  readonly index?: Expr | undefined;
}

export type Statement =
  | LetStatement
  | TapStatement
  | WeightStatement
  | DrawStatement
  | StateStatement
  | NextStatement
  | SetStatement
  | SkipStatement
  | RequireStatement
  | StopStatement
  | LogStatement
  | ReturnStatement
  | MinimizeStatement
  | InstanceDecl
  | FnDecl;

export interface LetStatement extends Documented {
  readonly kind: "Let";
  readonly target: Family | { readonly pattern: readonly Name[]; readonly span: Span };
  readonly type?: TypeNode | undefined;
  readonly value: Expr;
  readonly tail: Tail;
}

export interface TapStatement extends Documented {
  readonly kind: "Tap";
  readonly target: Family;
  readonly type?: TypeNode | undefined;
  readonly value: Expr;
  readonly tail: Tail;
}

export interface WeightStatement extends Documented {
  readonly kind: "Weight";
  readonly name: Name;
  readonly type: TypeNode;
  /** `~` drawn from an initialiser, `=` constant. */
  readonly how: "~" | "=";
  readonly init: Expr;
  readonly guard?: Expr | undefined;
}

export interface DrawStatement extends Documented {
  readonly kind: "Draw";
  readonly target: Family;
  readonly type?: TypeNode | undefined;
  /** `uniform` or `normal`; anything else is a diagnostic of a later stage. */
  readonly law: Name;
  readonly tail: Tail;
}

export interface StateStatement extends Documented {
  readonly kind: "State";
  readonly name: Name;
  readonly type: TypeNode;
  readonly init: Expr;
}

export interface NextStatement extends Node {
  readonly kind: "Next";
  readonly name: Name;
  readonly value: Expr;
  readonly guard?: Expr | undefined;
}

/** A tap path: `block(i).attn.out`. Each step is a member or a call with one index or with `(..)`. Stored as an expression. */
export type TapPath = Expr;

export interface SetStatement extends Node {
  readonly kind: "Set";
  readonly target: TapPath;
  readonly value: Expr;
  readonly tail: Tail;
}

export interface SkipStatement extends Documented {
  readonly kind: "Skip";
  readonly name: Name;
  readonly index?: Name | undefined;
  readonly from: TapPath;
  readonly to: TapPath;
  readonly via: Ref;
  readonly tail: Tail;
}

export interface RequireStatement extends Node {
  readonly kind: "Require";
  readonly condition: Expr;
  readonly message?: string | undefined;
}

export interface StopStatement extends Node {
  readonly kind: "Stop";
  readonly condition: Expr;
  readonly reason: string;
}

export interface LogStatement extends Node {
  readonly kind: "Log";
  readonly every: Expr;
  readonly entries: readonly {
    readonly target: Family;
    readonly value: Expr;
    readonly tail: Tail;
    readonly span: Span;
  }[];
}

export interface ReturnStatement extends Node {
  readonly kind: "Return";
  readonly value: Expr;
}

export interface MinimizeStatement extends Node {
  readonly kind: "Minimize";
  readonly name?: Name | undefined;
  readonly by: readonly ByClause[];
  readonly clip?: Expr | undefined;
  readonly terms: readonly Term[];
}

export interface ByClause extends Node {
  /** A lower-case setting or instance, or `Upper { … }`. */
  readonly optimizer: Ref;
  readonly over?: readonly Select[] | undefined;
}

/** `net where matrix except net.block(1..6) except …` */
export interface Select extends Node {
  readonly terms: readonly { readonly path: Expr; readonly where?: Name | undefined }[];
}

export interface Term extends Documented {
  readonly name: Name;
  readonly value: Expr;
  readonly guard?: Expr | undefined;
}

// --------------------------------------------------------------------------------------------------------------------- types

export type TypeNode = AxesType | IndexType | NamedType | SignatureType | ChoiceType | RecordType | TupleType;

/** `[token, dim]`, `[]`, `[*]`, `[from -> to]` */
export interface AxesType extends Node {
  readonly kind: "AxesType";
  readonly axes: AxesSpec;
}

/** `@class`, `@tick(1000)`, `@token[kept]` */
export interface IndexType extends Node {
  readonly kind: "IndexType";
  readonly axis: Name;
  readonly size?: Expr | undefined;
  readonly axes?: AxesSpec | undefined;
}

/** `int`, `bool[token]`, `objective`, `list[int]`, `float[*]` */
export interface NamedType extends Node {
  readonly kind: "NamedType";
  readonly name: Name;
  readonly axes?: AxesSpec | undefined;
}

/** `fn(z, t) -> []`, `part (h: [dim]) -> [feature]`, `part () -> []` */
export interface SignatureType extends Node {
  readonly kind: "SignatureType";
  readonly name: Name;
  readonly inputs: readonly Input[];
  readonly rest: boolean;
  readonly result?: TypeNode | undefined;
}

/** `velocity | noise | score` */
export interface ChoiceType extends Node {
  readonly kind: "ChoiceType";
  readonly words: readonly Name[];
}

export interface RecordType extends Node {
  readonly kind: "RecordType";
  readonly fields: readonly { readonly name: Name; readonly type: TypeNode }[];
}

export interface TupleType extends Node {
  readonly kind: "TupleType";
  readonly items: readonly TypeNode[];
}

/** The inside of brackets in type position. */
export interface AxesSpec extends Node {
  readonly items: readonly AxisItem[];
  /** The right side of `->`. */
  readonly arrow?: readonly AxisItem[] | undefined;
}

export type AxisItem =
  | { readonly kind: "axis"; readonly name: Name; readonly size?: Expr | undefined; readonly span: Span }
  | { readonly kind: "all"; readonly span: Span }
  | { readonly kind: "size"; readonly value: number; readonly span: Span };

// --------------------------------------------------------------------------------------------------------------- expressions

export type Expr =
  | NumberExpr
  | StringExpr
  | BoolExpr
  | NoneExpr
  | NameExpr
  | DefExpr
  | CallExpr
  | GroupExpr
  | TupleExpr
  | RecordExpr
  | ListExpr
  | ComprehensionExpr
  | AxesExpr
  | MemberExpr
  | ReindexExpr
  | UnaryExpr
  | BinaryExpr
  | RangeExpr
  | IsExpr
  | IfExpr
  | MissingExpr;

export interface NumberExpr extends Node {
  readonly kind: "Number";
  readonly value: number;
  /** Written without a point or exponent. */
  readonly whole: boolean;
}

export interface StringExpr extends Node {
  readonly kind: "String";
  readonly value: string;
}

export interface BoolExpr extends Node {
  readonly kind: "Bool";
  readonly value: boolean;
}

export interface NoneExpr extends Node {
  readonly kind: "None";
}

/** A lower-case name. */
export interface NameExpr extends Node {
  readonly kind: "Name";
  readonly name: string;
}

/** `Upper`, `Upper.name`, `Upper { … }`: a definition as a value. */
export interface DefExpr extends Node {
  readonly kind: "Def";
  readonly name: Name;
  readonly member?: Name | undefined;
  readonly settings?: readonly Setting[] | undefined;
}

/** `f(x, y: 1, ..)`, also the index of a family: `block(i)`, `h(..)` (no arguments, `rest`). */
export interface CallExpr extends Node {
  readonly kind: "Call";
  readonly callee: Expr;
  readonly args: readonly Arg[];
  readonly rest: boolean;
}

export interface Arg extends Node {
  readonly name?: Name | undefined;
  readonly value: Expr;
}

/** `(e)` */
export interface GroupExpr extends Node {
  readonly kind: "Group";
  readonly inner: Expr;
}

export interface TupleExpr extends Node {
  readonly kind: "Tuple";
  readonly items: readonly Expr[];
}

export interface RecordExpr extends Node {
  readonly kind: "Record";
  readonly fields: readonly { readonly name: Name; readonly value: Expr }[];
}

/** `[1, 2, 3]`. Where axes are expected, a list of bare names is an axes value. */
export interface ListExpr extends Node {
  readonly kind: "List";
  readonly items: readonly Expr[];
}

/** `[e for (i, j) in l, k in r if g]` */
export interface ComprehensionExpr extends Node {
  readonly kind: "Comprehension";
  readonly item: Expr;
  readonly loops: readonly { readonly pattern: readonly Name[]; readonly tuple: boolean; readonly in: Expr }[];
  readonly guard?: Expr | undefined;
}

/** `[channel: 4, row: 32]`: at least one item has a size. */
export interface AxesExpr extends Node {
  readonly kind: "Axes";
  readonly items: readonly { readonly name: Name; readonly size?: Expr | undefined }[];
}

/** `e.name`; reserved words (`block(i).in`) are members too. */
export interface MemberExpr extends Node {
  readonly kind: "Member";
  readonly object: Expr;
  readonly name: Name;
}

/** `x[token -> key]`, `mean[token]`, `zeros[a: 3]`, `x[channel = 1..3]` */
export interface ReindexExpr extends Node {
  readonly kind: "Reindex";
  readonly object: Expr;
  readonly items: readonly ReindexItem[];
}

export type ReindexItem =
  /** `mean[token]` */
  | { readonly kind: "axis"; readonly left: AxisSide; readonly span: Span }
  /** `token -> key`, `row -> (row, i: 2)`, `(row, col) -> token` */
  | { readonly kind: "to"; readonly left: AxisSide; readonly right: AxisSide; readonly span: Span }
  /** `channel = 1..3` */
  | { readonly kind: "at"; readonly left: AxisSide; readonly value: Expr; readonly span: Span }
  /** `zeros[a: 3]` */
  | { readonly kind: "size"; readonly left: AxisSide; readonly size: Expr; readonly span: Span };

export interface AxisSide extends Node {
  /** Written in parentheses. */
  readonly group: boolean;
  readonly axes: readonly { readonly name: Name; readonly size?: Expr | undefined }[];
}

export interface UnaryExpr extends Node {
  readonly kind: "Unary";
  readonly op: "-" | "not";
  readonly value: Expr;
}

export type BinaryOperator =
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "^"
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "in"
  | "and"
  | "or";

export interface BinaryExpr extends Node {
  readonly kind: "Binary";
  readonly op: BinaryOperator;
  readonly left: Expr;
  readonly right: Expr;
}

export interface RangeExpr extends Node {
  readonly kind: "Range";
  readonly from: Expr;
  readonly to: Expr;
}

/** `predict is not velocity` */
export interface IsExpr extends Node {
  readonly kind: "Is";
  readonly subject: Expr;
  readonly word: Name;
  readonly negated: boolean;
}

export interface IfExpr extends Node {
  readonly kind: "If";
  readonly condition: Expr;
  readonly then: Expr;
  readonly else: Expr;
}

/** Where an expression should stand and none does; an error has been reported there. */
export interface MissingExpr extends Node {
  readonly kind: "Missing";
}
