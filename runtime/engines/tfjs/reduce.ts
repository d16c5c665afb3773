/** Ops along some dimensions: sums, largest elements, running sums and products, softmax. */
import type { Tensor } from "@tensorflow/tfjs-core";
import { at, first } from "../../../compiler/emit/operands.js";
import { sizeOf } from "../../../compiler/ir/graph.js";
import { mergedAxes } from "./dims.js";
import { packed } from "./product.js";
import { reshaped, solid } from "./spread.js";
import { type Cell, operandAt, type Target, type Tf } from "./target.js";

type Along = (x: Tensor, axes: number[]) => Tensor;

/** Dimensions that repeat and stay go on repeating; `kernel` gets neighbours put together. */
function along(target: Target, x: Tensor, axes: readonly number[], kernel: Along): Tensor {
  const rest = x.shape.filter((_, d) => !axes.includes(d));
  const merged = mergedAxes(x.shape, axes);
  if (merged.axes.length === 0) return reshaped(target, x, rest);
  return reshaped(target, kernel(reshaped(target, x, merged.shape), merged.axes), rest);
}

/** What repeats is not added up but multiplied. */
export const reduceSum: Cell<"reduce_sum"> = (target, op, operands) => {
  const x = operandAt(operands, 0);
  const { axes } = op.attrs;
  const { shape } = first(op).type;
  if (sizeOf(shape) === 0) return zeros(target, shape, axes, 0);
  const times = sizeOf(axes.map((d) => (at(x.shape, d) === 1 ? at(shape, d) : 1)));
  const sum = along(target, x, axes, (y, over) => summed(target, y, over));
  return times === 1 ? sum : target.tf.mul(sum, times);
};

function summed(target: Target, x: Tensor, axes: number[]): Tensor {
  const { tf, sumByProduct } = target;
  const [rows = 1, columns = 1] = x.shape;
  if (!sumByProduct || x.shape.length > 2) return tf.sum(x, axes);
  if (x.shape.length === 1) {
    // One number after another loses digits: rows first.
    const width = divisor(rows);
    return tf.sum(tf.sum(tf.reshape(x, [rows / width, width]), [1]), [0]);
  }
  if (axes[0] !== 0) return tf.sum(x, axes);
  return tf.reshape(tf.matMul(tf.ones([1, rows]), packed(target, x)), [columns]);
}

/** The divisor nearest below the root. */
function divisor(n: number): number {
  let d = Math.floor(Math.sqrt(n));
  while (d > 1 && n % d !== 0) d--;
  return Math.max(1, d);
}

function zeros({ tf }: Target, shape: readonly number[], axes: readonly number[], value: number): Tensor {
  return tf.fill(
    shape.filter((_, d) => !axes.includes(d)),
    value,
  );
}

export function extreme<K extends "reduce_max" | "reduce_min">(
  of: (tf: Tf, x: Tensor, axes: number[]) => Tensor,
  ofBools: (tf: Tf, x: Tensor, axes: number[]) => Tensor,
  start: number,
): Cell<K> {
  return (target, op, operands) => {
    const { dtype, shape } = first(op).type;
    const { axes } = op.attrs;
    const { tf } = target;
    const bools = dtype === "bool";
    if (sizeOf(shape) === 0) {
      const none = zeros(target, shape, axes, bools ? (start > 0 ? 1 : 0) : start);
      return bools ? tf.cast(none, "bool") : none;
    }
    return along(target, operandAt(operands, 0), axes, (x, over) => (bools ? ofBools : of)(tf, x, over));
  };
}

type Scan = (tf: Tf, x: Tensor, exclusive: boolean, reverse: boolean) => Tensor;

export function scan<K extends "cumsum" | "cumprod">(kernel: Scan): Cell<K> {
  return (target, op, operands) => {
    const { axis, exclusive, reverse } = op.attrs;
    const x = solid(target, operandAt(operands, 0), first(op).type.shape, [axis]);
    const { shape } = x;
    const flat = [sizeOf(shape.slice(0, axis)), at(shape, axis), sizeOf(shape.slice(axis + 1))];
    const rows = reshaped(target, x, flat);
    const { tf, backend } = target;
    // webgpu compiles a length into the kernel that scans from the end, and takes it for other lengths, too.
    const turn = reverse && backend === "webgpu";
    const sums = kernel(tf, turn ? tf.reverse(rows, 1) : rows, exclusive, reverse && !turn);
    return reshaped(target, turn ? tf.reverse(sums, 1) : sums, shape);
  };
}

export const softmax: Cell<"softmax"> = (target, op, operands) => {
  const { shape } = first(op).type;
  const last = shape.length - 1;
  const x = solid(target, operandAt(operands, 0), shape, [last]);
  const rows = reshaped(target, x, [sizeOf(x.shape.slice(0, last)), at(shape, last)]);
  return reshaped(target, target.tf.softmax(rows), x.shape);
};
