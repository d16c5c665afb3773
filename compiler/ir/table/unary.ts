import type { UnaryOp } from "../attrs.js";
import * as build from "../build.js";
import type { FnBuilder } from "../builder.js";
import type { OpOf, TensorType, Value } from "../graph.js";
import { erf, roundEven, sigmoid } from "../kernels/special.js";
import { checkArity, checkDType, elements } from "../types.js";
import { guarded, guardedTangent, reciprocalFactor, type Times } from "./guard.js";
import { at, operand, type Row, type Rows, result, TRANSCENDENTAL } from "./row.js";

type Kernel = (x: number) => number;

/** The derivative of the op times `t`: both modes of an elementwise op are this one product. */
type Slope<K extends UnaryOp> = (b: FnBuilder, op: OpOf<K>, t: Value, times: Times) => Value;

function map(kernel: Kernel, make: (n: number) => Float64Array | Uint8Array): Row<UnaryOp>["eval"] {
  return (inputs, _attrs, type) => {
    const x = at(inputs, 0).data;
    const n = x.length;
    const y = make(n);
    for (let i = 0; i < n; i++) y[i] = kernel(x[i] as number);
    return { dtype: type.dtype, shape: type.shape, data: y };
  };
}

function float(kind: string): (types: readonly TensorType[]) => TensorType {
  return (types) => {
    checkArity(kind, types, 1);
    const t = at(types, 0);
    checkDType(kind, t, "float");
    return t;
  };
}

function row<K extends UnaryOp>(kind: K, cost: number, kernel: Kernel, slope: Slope<K> | "none"): Row<K> {
  return {
    infer: float(kind),
    flops: (_types, _attrs, type) => cost * elements(type),
    vjp: slope === "none" ? "none" : (b, op, ct) => [slope(b, op, ct, guarded)],
    jvp: slope === "none" ? "none" : (b, op, [t]) => t && slope(b, op, t, guardedTangent),
    eval: map(kernel, (n) => new Float64Array(n)),
  };
}

const x = (op: OpOf<UnaryOp>): Value => operand(op, 0);
const y = (op: OpOf<UnaryOp>): Value => result(op);
const { mul, neg, scale, shift, sub, like, unary } = build;

export const unaryRows: Rows<UnaryOp> = {
  neg: row(
    "neg",
    1,
    (v) => -v,
    (b, _op, t) => neg(b, t),
  ),
  exp: row("exp", TRANSCENDENTAL, Math.exp, (b, op, t, times) => times(b, t, y(op))),
  log: row("log", TRANSCENDENTAL, Math.log, (b, op, t) => reciprocalFactor(b, t, x(op))),
  sin: row("sin", TRANSCENDENTAL, Math.sin, (b, op, t, times) => times(b, t, unary(b, "cos", x(op)))),
  cos: row("cos", TRANSCENDENTAL, Math.cos, (b, op, t, times) => times(b, t, neg(b, unary(b, "sin", x(op))))),
  tan: row("tan", TRANSCENDENTAL, Math.tan, (b, op, t, times) => times(b, t, shift(b, mul(b, y(op), y(op)), 1))),
  tanh: row("tanh", TRANSCENDENTAL, Math.tanh, (b, op, t, times) => {
    const one = like(b, y(op), 1);
    return times(b, t, sub(b, one, mul(b, y(op), y(op))));
  }),
  atan: row("atan", TRANSCENDENTAL, Math.atan, (b, op, t) => reciprocalFactor(b, t, shift(b, mul(b, x(op), x(op)), 1))),
  erf: row("erf", TRANSCENDENTAL, erf, (b, op, t, times) => {
    const bell = unary(b, "exp", neg(b, mul(b, x(op), x(op))));
    return times(b, t, scale(b, bell, 2 / Math.sqrt(Math.PI)));
  }),
  sqrt: row("sqrt", 1, Math.sqrt, (b, op, t) => reciprocalFactor(b, scale(b, t, 0.5), y(op))),
  abs: row("abs", 1, Math.abs, (b, op, t, times) => times(b, t, unary(b, "sign", x(op)))),
  sign: row("sign", 1, Math.sign, "none"),
  sigmoid: row("sigmoid", TRANSCENDENTAL, sigmoid, (b, op, t, times) => {
    const one = like(b, y(op), 1);
    return times(b, t, mul(b, y(op), sub(b, one, y(op))));
  }),
  floor: row("floor", 1, Math.floor, "none"),
  round: row("round", 1, roundEven, "none"),
  not: {
    infer: (types) => {
      checkArity("not", types, 1);
      checkDType("not", at(types, 0), "bool");
      return at(types, 0);
    },
    flops: (_types, _attrs, type) => elements(type),
    vjp: "none",
    jvp: "none",
    eval: map(
      (v) => (v ? 0 : 1),
      (n) => new Uint8Array(n),
    ),
  },
  is_finite: {
    infer: (types) => ({ ...float("is_finite")(types), dtype: "bool" }),
    flops: (_types, _attrs, type) => elements(type),
    vjp: "none",
    jvp: "none",
    eval: map(
      (v) => (Number.isFinite(v) ? 1 : 0),
      (n) => new Uint8Array(n),
    ),
  },
};
