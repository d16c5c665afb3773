/** The primitive ops and what each carries besides its operands. The rows (shape, cost, derivatives, kernel) are in `table/`. */

/** Ops without attributes, one operand. */
export const unaryOps = [
  "neg",
  "exp",
  "log",
  "sin",
  "cos",
  "tan",
  "tanh",
  "atan",
  "erf",
  "sqrt",
  "abs",
  "sign",
  "sigmoid",
  "floor",
  "round", // float
  "not", // bool
  "is_finite", // float -> bool
] as const;

/** Elementwise, two operands of one shape. `min`/`max` of equal operands give their gradient to the first. */
export const binaryOps = ["add", "sub", "mul", "div", "mod", "pow", "min", "max", "and", "or"] as const;

/** float,float or index,index -> bool */
export const compareOps = ["eq", "ne", "lt", "le", "gt", "ge"] as const;

export type UnaryOp = (typeof unaryOps)[number];
export type BinaryOp = (typeof binaryOps)[number];
export type CompareOp = (typeof compareOps)[number];

type None = Readonly<Record<string, never>>;

interface StructuredAttrs {
  /** No operands. `data`: one number (all elements equal) or all elements in row-major order. Bools are 0 and 1. */
  constant: {
    readonly dtype: "float" | "bool" | "index";
    readonly shape: readonly number[];
    readonly axes: readonly string[];
    readonly data: number | readonly number[] | Float64Array;
  };
  /** Operand dimension i becomes result dimension `dims[i]` (ascending); the others are repeated. */
  broadcast: { readonly shape: readonly number[]; readonly axes: readonly string[]; readonly dims: readonly number[] };
  /** Row-major; also renames axes (a reshape to the same shape is how a value gets other axis names). */
  reshape: { readonly shape: readonly number[]; readonly axes: readonly string[] };
  /** Result dimension i is operand dimension `perm[i]`. */
  transpose: { readonly perm: readonly number[] };
  /** `start[i] <= x < stop[i]` with stride 1, one pair a dimension. */
  slice: { readonly start: readonly number[]; readonly stop: readonly number[] };
  /** Zeros (false, none) before and after, one pair a dimension. */
  pad: { readonly low: readonly number[]; readonly high: readonly number[] };
  /** Any number of operands along one dimension. */
  concat: { readonly axis: number };
  /** c: bool, x, y of one shape. The gradient of the branch not taken is 0, also where it is not finite. */
  select: None;
  /** bool -> float (0, 1), index -> float (position from 0, -1 for none), float -> index (rounds). */
  cast: { readonly to: "float" | "index" };
  /** Sum over `axes` (positions in the operand, ascending), which vanish. */
  reduce_sum: { readonly axes: readonly number[] };
  /** Gradient goes to the first largest element. Also on bools (any). */
  reduce_max: { readonly axes: readonly number[] };
  /** Also on bools (all). */
  reduce_min: { readonly axes: readonly number[] };
  cumsum: { readonly axis: number; readonly exclusive: boolean; readonly reverse: boolean };
  cumprod: { readonly axis: number; readonly exclusive: boolean; readonly reverse: boolean };
  /** Over the last dimension. */
  softmax: None;
  /**
   * `[...batch, ...left, ...contract]` by `[...batch, ...right, ...contract]` in any order of dimensions: `batch` and `contract` are pairs
   * of positions. Result: batch, then the rest of the left, then the rest of the right, each in operand order.
   */
  dot: {
    readonly batch: readonly (readonly [number, number])[];
    readonly contract: readonly (readonly [number, number])[];
  };
  /**
   * x: [...batch, n, ...rest], i: index [...batch, ...wanted] -> [...batch, ...wanted, ...rest], `batch` leading dimensions shared.
   * none (-1) gives zeros.
   */
  take: { readonly batch: number };
  /**
   * The transpose of `take`: i: index [...batch, ...wanted], y: [...batch, ...wanted, ...rest] -> [...batch, n, ...rest], rows of equal
   * index added up; none is dropped.
   */
  scatter_add: { readonly batch: number; readonly size: number; readonly axisName: string };
  /** Stable; along the last dimension; result is index of the same shape. */
  argsort: { readonly descending: boolean };
  /**
   * Of symmetric matrices, the last two dimensions (of others, of the mean of the matrix and its transpose): unit vectors, one a column, by
   * rising eigenvalue. Of v and -v the one whose elements, the k-th divided by k, do not sum up to a negative number.
   */
  eigenvectors: None;
  /** The identity whose derivative is 0. */
  stop_gradient: None;
  /**
   * x, y of any types -> x, made no earlier than y: whoever computes from it waits for y. That keeps a value that is computed a second time
   * apart from the first one, and from being computed long before it is needed.
   */
  after: None;
  /** Any number of operands; results as the function has. */
  call: { fn: string };
}

export type OpAttrs = { readonly [K in UnaryOp | BinaryOp | CompareOp]: None } & StructuredAttrs;
export type OpKind = keyof OpAttrs;
