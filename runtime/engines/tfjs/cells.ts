import type { Tensor } from "@tensorflow/tfjs-core";
import type { OpKind } from "../../../compiler/ir/attrs.js";
import type { Op } from "../../../compiler/ir/graph.js";
import { angle } from "./angles.js";
import {
  binary,
  cast,
  constant,
  extremum,
  guarded,
  identity,
  modulo,
  power,
  quotient,
  select,
  unary,
} from "./elementwise.js";
import { broadcast, concat, pad, reshape, slice, transpose } from "./layout.js";
import { argsort, scatterAdd, take } from "./lookup.js";
import { dot } from "./product.js";
import { extreme, reduceSum, scan, softmax } from "./reduce.js";
import { eigenvectors } from "./spectral.js";
import type { Cell, Target } from "./target.js";

/** The tfjs column of the op table: an op without a cell does not compile. Forward kernels only: derivatives are ops of the graph. */
export const cells: { readonly [K in OpKind]: Cell<K> } = {
  neg: unary((tf, x) => tf.neg(x)),
  exp: guarded((tf, x) => tf.exp(x)),
  log: guarded((tf, x) => tf.log(x)),
  sin: angle("sin", (tf, x) => tf.sin(x)),
  cos: angle("cos", (tf, x) => tf.cos(x)),
  tan: angle("tan", (tf, x) => tf.tan(x)),
  tanh: unary((tf, x) => tf.tanh(x)),
  atan: unary((tf, x) => tf.atan(x)),
  erf: unary((tf, x) => tf.erf(x)),
  sqrt: unary((tf, x) => tf.sqrt(x)),
  abs: unary((tf, x) => tf.abs(x)),
  // Theirs of what is not a number is 0.
  sign: unary((tf, x) => tf.where(tf.isNaN(x), x, tf.sign(x))),
  sigmoid: guarded((tf, x) => tf.sigmoid(x)),
  floor: unary((tf, x) => tf.floor(x)),
  // Halves to the even neighbour, as ours.
  round: unary((tf, x) => tf.round(x)),
  not: unary((tf, x) => tf.logicalNot(x)),
  is_finite: unary((tf, x) => tf.isFinite(x)),

  add: binary("add", (tf, x, y) => tf.add(x, y)),
  sub: binary("sub", (tf, x, y) => tf.sub(x, y)),
  mul: binary("mul", (tf, x, y) => tf.mul(x, y)),
  div: quotient,
  mod: modulo,
  pow: power,
  min: extremum("min", (tf, x, y) => tf.minimum(x, y)),
  max: extremum("max", (tf, x, y) => tf.maximum(x, y)),
  and: binary("and", (tf, x, y) => tf.logicalAnd(x, y)),
  or: binary("or", (tf, x, y) => tf.logicalOr(x, y)),

  eq: binary("eq", (tf, x, y) => tf.equal(x, y)),
  ne: binary("ne", (tf, x, y) => tf.notEqual(x, y)),
  lt: binary("lt", (tf, x, y) => tf.less(x, y)),
  le: binary("le", (tf, x, y) => tf.lessEqual(x, y)),
  gt: binary("gt", (tf, x, y) => tf.greater(x, y)),
  ge: binary("ge", (tf, x, y) => tf.greaterEqual(x, y)),

  constant,
  select,
  cast,
  stop_gradient: identity,
  after: identity,
  broadcast,
  reshape,
  transpose,
  slice,
  pad,
  concat,

  reduce_sum: reduceSum,
  reduce_max: extreme(
    (tf, x, axes) => tf.max(x, axes),
    (tf, x, axes) => tf.any(x, axes),
    Number.NEGATIVE_INFINITY,
  ),
  reduce_min: extreme(
    (tf, x, axes) => tf.min(x, axes),
    (tf, x, axes) => tf.all(x, axes),
    Number.POSITIVE_INFINITY,
  ),
  cumsum: scan((tf, x, exclusive, reverse) => tf.cumsum(x, 1, exclusive, reverse)),
  cumprod: scan((tf, x, exclusive, reverse) => tf.cumprod(x, 1, exclusive, reverse)),
  softmax,
  dot,

  take,
  scatter_add: scatterAdd,
  argsort,
  eigenvectors,

  call: (_target, op) => {
    throw new Error(`a call of ${op.attrs.fn} has no kernel: its function is walked`);
  },
};

export function compute(target: Target, op: Op, operands: readonly Tensor[]): Tensor {
  return (cells[op.kind] as Cell<OpKind>)(target, op, operands);
}
