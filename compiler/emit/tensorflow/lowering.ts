import type { OpKind } from "../../ir/attrs.js";
import type { Op, OpOf } from "../../ir/graph.js";
import { binary, cast, select, unary } from "./elementwise.js";
import { after, broadcast, concat, constant, pad, reshape, slice, stopGradient, transpose } from "./layout.js";
import { argsort, scatterAdd, take } from "./lookup.js";
import { dot } from "./product.js";
import { reduceExtreme, reduceSum, scan, softmax } from "./reduce.js";
import type { Scope } from "./scope.js";
import { eigenvectors } from "./spectral.js";

type Cell<K extends OpKind> = (ctx: Scope, op: OpOf<K>) => void;

/** The TensorFlow column of the op table: an op without a cell does not compile. */
export const lowering: { readonly [K in OpKind]: Cell<K> } = {
  neg: unary("Neg"),
  exp: unary("Exp"),
  log: unary("Log"),
  sin: unary("Sin"),
  cos: unary("Cos"),
  tan: unary("Tan"),
  tanh: unary("Tanh"),
  atan: unary("Atan"),
  erf: unary("Erf"),
  sqrt: unary("Sqrt"),
  abs: unary("Abs"),
  sign: unary("Sign"),
  sigmoid: unary("Sigmoid"),
  floor: unary("Floor"),
  // Halves to the even neighbour, as ours.
  round: unary("Rint"),
  not: unary("LogicalNot", true),
  is_finite: unary("IsFinite"),

  add: binary("AddV2"),
  sub: binary("Sub"),
  mul: binary("Mul"),
  div: binary("RealDiv"),
  mod: binary("FloorMod"),
  pow: binary("Pow"),
  min: binary("Minimum"),
  max: binary("Maximum"),
  and: binary("LogicalAnd", true),
  or: binary("LogicalOr", true),

  eq: binary("Equal"),
  ne: binary("NotEqual"),
  lt: binary("Less"),
  le: binary("LessEqual"),
  gt: binary("Greater"),
  ge: binary("GreaterEqual"),

  constant,
  select,
  cast,
  stop_gradient: stopGradient,
  after,
  broadcast,
  reshape,
  transpose,
  slice,
  pad,
  concat,

  reduce_sum: reduceSum,
  reduce_max: reduceExtreme("Max", "Any"),
  reduce_min: reduceExtreme("Min", "All"),
  cumsum: scan("Cumsum"),
  cumprod: scan("Cumprod"),
  softmax,
  dot,

  take,
  scatter_add: scatterAdd,
  argsort,
  eigenvectors,

  call: (_ctx, op) => {
    throw new Error(`a call of ${op.attrs.fn} has no node: calls are inlined before`);
  },
};

export function lower(ctx: Scope, op: Op): void {
  (lowering[op.kind] as Cell<OpKind>)(ctx, op);
}
