import type { BinaryOp, CompareOp } from "../attrs.js";
import * as build from "../build.js";
import type { FnBuilder } from "../builder.js";
import { splatOf } from "../constant.js";
import { type DType, type OpOf, sizeOf, type TensorType, type Value } from "../graph.js";
import type { Data } from "../kernels/memory.js";
import { modulo } from "../kernels/special.js";
import { check, checkArity, checkDType, elements, sameType, typeText } from "../types.js";
import { guarded, guardedTangent, reciprocalFactor, type Times } from "./guard.js";
import { at, type Jvp, operand, type Row, type Rows, result, TRANSCENDENTAL, type Vjp } from "./row.js";

type Zip = (x: Data, y: Data, z: Float64Array | Uint8Array) => void;

/** A loop around a kernel. Ops that a training step spends its time in have loops of their own, which the machine code can inline. */
function loop(kernel: (x: number, y: number) => number): Zip {
  return (x, y, z) => {
    for (let i = 0; i < z.length; i++) z[i] = kernel(x[i] as number, y[i] as number);
  };
}

const addLoop: Zip = (x, y, z) => {
  for (let i = 0; i < z.length; i++) z[i] = (x[i] as number) + (y[i] as number);
};
const subLoop: Zip = (x, y, z) => {
  for (let i = 0; i < z.length; i++) z[i] = (x[i] as number) - (y[i] as number);
};
const mulLoop: Zip = (x, y, z) => {
  for (let i = 0; i < z.length; i++) z[i] = (x[i] as number) * (y[i] as number);
};
const divLoop: Zip = (x, y, z) => {
  for (let i = 0; i < z.length; i++) z[i] = (x[i] as number) / (y[i] as number);
};

function evaluate(zip: Zip, make: (n: number) => Float64Array | Uint8Array): Row<BinaryOp | CompareOp>["eval"] {
  return (inputs, _attrs, type) => {
    const z = make(sizeOf(type.shape));
    zip(at(inputs, 0).data, at(inputs, 1).data, z);
    return { dtype: type.dtype, shape: type.shape, data: z };
  };
}

const floats = (n: number): Float64Array => new Float64Array(n);
const bools = (n: number): Uint8Array => new Uint8Array(n);

function pair(kind: string, types: readonly TensorType[], ...allowed: DType[]): TensorType {
  checkArity(kind, types, 2);
  const a = at(types, 0);
  const b = at(types, 1);
  checkDType(kind, a, ...allowed);
  check(sameType(a, b), () => `${kind} of ${typeText(a)} and ${typeText(b)}`);
  return a;
}

function arithmetic<K extends BinaryOp>(
  kind: K,
  cost: number,
  zip: Zip,
  vjp: Vjp<K> | "none",
  jvp: Jvp<K> | "none",
): Row<K> {
  return {
    infer: (types) => pair(kind, types, "float"),
    flops: (_types, _attrs, type) => cost * elements(type),
    vjp,
    jvp,
    eval: evaluate(zip, floats),
  };
}

function logic<K extends "and" | "or">(kind: K, zip: Zip): Row<K> {
  return {
    infer: (types) => pair(kind, types, "bool"),
    flops: (_types, _attrs, type) => elements(type),
    vjp: "none",
    jvp: "none",
    eval: evaluate(zip, bools),
  };
}

function comparison<K extends CompareOp>(kind: K, zip: Zip): Row<K> {
  return {
    infer: (types) => ({ ...pair(kind, types, "float", "index"), dtype: "bool" }),
    flops: (_types, _attrs, type) => elements(type),
    vjp: "none",
    jvp: "none",
    eval: evaluate(zip, bools),
  };
}

const { add, div, like, mul, neg, select, sub, unary, compare } = build;

/** x + y where either may be zero by absence. */
function plus(b: FnBuilder, x: Value | undefined, y: Value | undefined): Value | undefined {
  return x && y ? add(b, x, y) : (x ?? y);
}

const x = (op: OpOf<BinaryOp>): Value => operand(op, 0);
const y = (op: OpOf<BinaryOp>): Value => operand(op, 1);

/** min and max choose one operand; `first` holds where it is the first. */
function choice<K extends "min" | "max">(kind: K, zip: Zip, first: "le" | "ge"): Row<K> {
  return arithmetic(
    kind,
    1,
    zip,
    (b, op, ct, wanted) => {
      const zero = like(b, ct, 0);
      const c = compare(b, first, x(op), y(op));
      return [wanted(0) ? select(b, c, ct, zero) : undefined, wanted(1) ? select(b, c, zero, ct) : undefined];
    },
    (b, op, [tx, ty]) => {
      const t = tx ?? ty;
      if (!t) return undefined;
      const zero = like(b, t, 0);
      return select(b, compare(b, first, x(op), y(op)), tx ?? zero, ty ?? zero);
    },
  );
}

/** t · d/dx x^p */
function powerSlope(b: FnBuilder, op: OpOf<"pow">, t: Value, times: Times): Value | undefined {
  const base = x(op);
  const p = splatOf(y(op));
  if (p !== undefined) {
    if (p === 0) return undefined;
    const slope = build.scale(b, b.emit("pow", [base, like(b, base, p - 1)], {}), p);
    return times(b, t, slope);
  }
  // 0 · x^-1 is 0, also at x = 0.
  const e = y(op);
  const zero = like(b, e, 0);
  const one = like(b, e, 1);
  const lower = select(b, compare(b, "eq", e, zero), one, sub(b, e, one));
  return times(b, t, mul(b, e, b.emit("pow", [base, lower], {})));
}

/** t · d/dp x^p; 0 at x = 0. */
function exponentSlope(b: FnBuilder, op: OpOf<"pow">, t: Value, times: Times): Value {
  const base = x(op);
  const zero = like(b, base, 0);
  const sound = select(b, compare(b, "eq", base, zero), like(b, base, 1), base);
  return times(b, t, mul(b, result(op), unary(b, "log", sound)));
}

export const binaryRows: Rows<BinaryOp> = {
  add: arithmetic(
    "add",
    1,
    addLoop,
    (_b, _op, ct) => [ct, ct],
    (b, _op, [tx, ty]) => plus(b, tx, ty),
  ),
  sub: arithmetic(
    "sub",
    1,
    subLoop,
    (b, _op, ct, wanted) => [ct, wanted(1) ? neg(b, ct) : undefined],
    (b, _op, [tx, ty]) => (tx && ty ? sub(b, tx, ty) : (tx ?? (ty && neg(b, ty)))),
  ),
  mul: arithmetic(
    "mul",
    1,
    mulLoop,
    (b, op, ct, wanted) => {
      // The factor 2 of a square goes where it may be cheap: to a cotangent that may have been spread.
      if (x(op) === y(op)) return [guarded(b, build.scale(b, ct, 2), x(op)), undefined];
      return [wanted(0) ? guarded(b, ct, y(op)) : undefined, wanted(1) ? guarded(b, ct, x(op)) : undefined];
    },
    (b, op, [tx, ty]) => plus(b, tx && guardedTangent(b, tx, y(op)), ty && guardedTangent(b, ty, x(op))),
  ),
  div: arithmetic(
    "div",
    1,
    divLoop,
    (b, op, ct, wanted) => {
      const over = reciprocalFactor(b, ct, y(op));
      return [over, wanted(1) ? neg(b, guarded(b, over, result(op))) : undefined];
    },
    (b, op, [tx, ty]) => {
      const pull = ty && guardedTangent(b, ty, result(op));
      const top = tx && pull ? sub(b, tx, pull) : (tx ?? (pull && neg(b, pull)));
      return top && reciprocalFactor(b, top, y(op));
    },
  ),
  mod: arithmetic(
    "mod",
    3,
    loop(modulo),
    (b, op, ct, wanted) => [
      ct,
      wanted(1) ? neg(b, guarded(b, ct, unary(b, "floor", div(b, x(op), y(op))))) : undefined,
    ],
    (b, op, [tx, ty]) => {
      const pull = ty && neg(b, guardedTangent(b, ty, unary(b, "floor", div(b, x(op), y(op)))));
      return plus(b, tx, pull);
    },
  ),
  pow: arithmetic(
    "pow",
    TRANSCENDENTAL,
    loop(Math.pow),
    (b, op, ct, wanted) => [
      wanted(0) ? powerSlope(b, op, ct, guarded) : undefined,
      wanted(1) ? exponentSlope(b, op, ct, guarded) : undefined,
    ],
    (b, op, [tx, ty]) =>
      plus(b, tx && powerSlope(b, op, tx, guardedTangent), ty && exponentSlope(b, op, ty, guardedTangent)),
  ),
  min: choice("min", loop(Math.min), "le"),
  max: choice("max", loop(Math.max), "ge"),
  and: logic(
    "and",
    loop((a, b) => a & b),
  ),
  or: logic(
    "or",
    loop((a, b) => a | b),
  ),
};

export const compareRows: Rows<CompareOp> = {
  eq: comparison(
    "eq",
    loop((a, b) => (a === b ? 1 : 0)),
  ),
  ne: comparison(
    "ne",
    loop((a, b) => (a !== b ? 1 : 0)),
  ),
  lt: comparison(
    "lt",
    loop((a, b) => (a < b ? 1 : 0)),
  ),
  le: comparison(
    "le",
    loop((a, b) => (a <= b ? 1 : 0)),
  ),
  gt: comparison(
    "gt",
    loop((a, b) => (a > b ? 1 : 0)),
  ),
  ge: comparison(
    "ge",
    loop((a, b) => (a >= b ? 1 : 0)),
  ),
};
