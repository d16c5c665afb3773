import type { OpKind } from "../../ir/attrs.js";
import type { Op, OpOf } from "../../ir/graph.js";
import { concat, pad } from "./concat.js";
import {
  binary,
  cast,
  difference,
  divide,
  finite,
  modulo,
  multiply,
  negative,
  notEqual,
  select,
  sum,
  unary,
} from "./elementwise.js";
import { after, broadcast, constant, reshape, slice, stopGradient, transpose } from "./layout.js";
import { argsort, scatterAdd, take } from "./lookup.js";
import { dot } from "./product.js";
import { cumprod, cumsum, reduceExtreme, reduceSum, softmax } from "./reduce.js";
import type { Scope } from "./scope.js";
import { eigenvectors } from "./spectral.js";

type Cell<K extends OpKind> = (ctx: Scope, op: OpOf<K>) => void;

/** The ONNX column of the op table: an op without a cell does not compile. */
export const lowering: { readonly [K in OpKind]: Cell<K> } = {
  neg: negative,
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
  round: unary("Round"),
  not: unary("Not"),
  is_finite: finite,

  add: sum,
  sub: difference,
  mul: multiply,
  div: divide,
  mod: modulo,
  pow: binary("Pow"),
  min: binary("Min"),
  max: binary("Max"),
  and: binary("And"),
  or: binary("Or"),

  eq: binary("Equal"),
  ne: notEqual,
  lt: binary("Less"),
  le: binary("LessOrEqual"),
  gt: binary("Greater"),
  ge: binary("GreaterOrEqual"),

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
  reduce_max: reduceExtreme("ReduceMax"),
  reduce_min: reduceExtreme("ReduceMin"),
  cumsum,
  cumprod,
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
