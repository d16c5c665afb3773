/** Ops that work on each element for itself. */
import type { Tensor } from "@tensorflow/tfjs-core";
import { resultOf, second } from "../../../compiler/emit/operands.js";
import type { BinaryOp, CompareOp, OpKind, UnaryOp } from "../../../compiler/ir/attrs.js";
import { splatOf } from "../../../compiler/ir/constant.js";
import { sizeOf } from "../../../compiler/ir/graph.js";
import { mergedShapes, sameList, widest } from "./dims.js";
import { reshaped, spread } from "./spread.js";
import { type Cell, operandAt, type Target, type Tf, typeOf } from "./target.js";

export type Unary = (tf: Tf, x: Tensor) => Tensor;
export type Binary = (tf: Tf, x: Tensor, y: Tensor) => Tensor;

export function unary(kernel: Unary): Cell<UnaryOp> {
  return ({ tf }, _op, operands) => kernel(tf, operandAt(operands, 0));
}

/** Those of webgpu may make a number of what is none: log 89, sigmoid 0. */
export function guarded(kernel: Unary): Cell<UnaryOp> {
  return ({ tf, backend }, _op, operands) => {
    const x = operandAt(operands, 0);
    return backend === "webgpu" ? tf.where(tf.isNaN(x), x, kernel(tf, x)) : kernel(tf, x);
  };
}

/** `kind` says whether the backend repeats an operand quickly. */
export function zip(target: Target, kind: OpKind, kernel: Binary, x: Tensor, y: Tensor): Tensor {
  const { tf, repeats } = target;
  if (sameList(x.shape, y.shape)) return kernel(tf, x, y);
  const shape = widest([x.shape, y.shape]);
  if (repeats !== "all" && !repeats.has(kind)) return kernel(tf, spread(target, x, shape), spread(target, y, shape));
  const [a = [], b = []] = mergedShapes([x.shape, y.shape]);
  return reshaped(target, kernel(tf, reshaped(target, x, a), reshaped(target, y, b)), shape);
}

export function binary<K extends BinaryOp | CompareOp>(kind: K, kernel: Binary): Cell<K> {
  return (target, _op, operands) => zip(target, kind, kernel, operandAt(operands, 0), operandAt(operands, 1));
}

/** The kernel of wasm forgets a second operand that is not a number. */
export function extremum<K extends "min" | "max">(kind: K, kernel: Binary): Cell<K> {
  const sound: Binary = (tf, x, y) => tf.where(tf.isNaN(y), y, kernel(tf, x, y));
  return (target, _op, operands) =>
    zip(target, kind, target.backend === "wasm" ? sound : kernel, operandAt(operands, 0), operandAt(operands, 1));
}

/** That of webgl is 1 for equal operands, 0 / 0 and infinite ones too. */
function quotientOn(backend: string): Binary {
  if (backend !== "webgl") return (tf, x, y) => tf.div(x, y);
  return (tf, x, y) => {
    const near = tf.mul(x, tf.reciprocal(y));
    return tf.where(tf.isNaN(near), near, tf.div(x, y));
  };
}

export const quotient: Cell<"div"> = (target, _op, operands) =>
  zip(target, "div", quotientOn(target.backend), operandAt(operands, 0), operandAt(operands, 1));

/** x - y · floor(x / y): the sign of the divisor. */
export const modulo: Cell<"mod"> = (target, _op, operands) => {
  const [x, y] = [operandAt(operands, 0), operandAt(operands, 1)];
  const ratio = target.tf.floor(zip(target, "div", quotientOn(target.backend), x, y));
  const whole = zip(target, "mul", (tf, a, b) => tf.mul(a, b), ratio, y);
  return zip(target, "sub", (tf, a, b) => tf.sub(a, b), x, whole);
};

/** Powers that are known and small are products: those of any number take ten times as long. */
const products: ReadonlyMap<number, Unary> = new Map<number, Unary>([
  [-1, (tf, x) => tf.reciprocal(x)],
  [1, (tf, x) => tf.clone(x)],
  [2, (tf, x) => tf.square(x)],
  [3, (tf, x) => tf.mul(tf.square(x), x)],
  [4, (tf, x) => tf.square(tf.square(x))],
]);

/** That of webgl makes numbers of what is none. */
function powerOn(backend: string): Binary {
  if (backend !== "webgl") return (tf, x, y) => tf.pow(x, y);
  return (tf, x, y) => tf.where(tf.logicalOr(tf.isNaN(x), tf.isNaN(y)), tf.add(x, y), tf.pow(x, y));
}

export const power: Cell<"pow"> = (target, op, operands) => {
  const [x, y] = [operandAt(operands, 0), operandAt(operands, 1)];
  const kernel = products.get(splatOf(second(op)) ?? Number.NaN);
  return kernel ? kernel(target.tf, x) : zip(target, "pow", powerOn(target.backend), x, y);
};

export const select: Cell<"select"> = (target, op, operands) => {
  const { dtype } = resultOf(op).type;
  return choose(target, operandAt(operands, 0), operandAt(operands, 1), operandAt(operands, 2), dtype === "bool");
};

/** The kernel of wasm takes elements of four bytes, and bools have one. */
export function choose(target: Target, c: Tensor, x: Tensor, y: Tensor, bools: boolean): Tensor {
  const { tf } = target;
  const shape = widest([c.shape, x.shape, y.shape]);
  const flat = [sizeOf(shape)];
  const [when, yes, no] = [c, x, y].map((t) => reshaped(target, spread(target, t, shape), flat));
  if (!when || !yes || !no) throw new Error("select has three operands");
  const chosen = bools
    ? tf.logicalOr(tf.logicalAnd(when, yes), tf.logicalAnd(tf.logicalNot(when), no))
    : tf.where(when, yes, no);
  return reshaped(target, chosen, shape);
}

export const cast: Cell<"cast"> = ({ tf, backend }, op, operands) => {
  const x = operandAt(operands, 0);
  if (op.attrs.to === "index") return tf.cast(tf.round(x), "int32");
  const floats = tf.cast(x, "float32");
  // Theirs calls the same memory of integers floats, which some kernels then read as they are.
  return backend === "webgpu" ? tf.add(floats, 0) : floats;
};

export const constant: Cell<"constant"> = ({ tf }, op) => {
  const { dtype, shape } = resultOf(op).type;
  const { data } = op.attrs;
  const type = typeOf[dtype];
  // A number that repeats is kept as one.
  if (typeof data === "number")
    return tf.fill(
      shape.map(() => 1),
      data,
      type,
    );
  const values =
    dtype === "float" ? Float32Array.from(data) : dtype === "index" ? Int32Array.from(data) : Uint8Array.from(data);
  return tf.tensor(values, [...shape], type);
};

export const identity: Cell<"stop_gradient" | "after"> = (_target, _op, operands) => operandAt(operands, 0);
