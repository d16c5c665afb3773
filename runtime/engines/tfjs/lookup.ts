/** Ops on positions: look-ups, their transpose, sorting. */
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { allPresent, at, first, resultOf, second } from "../../../compiler/emit/operands.js";
import { sizeOf } from "../../../compiler/ir/graph.js";
import { choose } from "./elementwise.js";
import { reshaped, spread } from "./spread.js";
import { type Cell, nothing, operandAt, type Target, typeOf } from "./target.js";

/** Positions in `[batch · stride, rest]` of those in `[batch, stride, rest]`. */
function offset({ tf }: Target, index: Tensor2D, stride: number): Tensor1D {
  const [batch, wanted] = index.shape;
  if (batch === 1) return tf.reshape(index, [wanted]);
  const starts = Int32Array.from({ length: batch * wanted }, (_, i) => Math.floor(i / wanted) * stride);
  return tf.add(tf.reshape(index, [batch * wanted]), tf.tensor1d(starts, "int32"));
}

/** Kernels refuse a position that is not there, so `none` looks at the first row, which is then replaced. */
export const take: Cell<"take"> = (target, op, operands) => {
  const { tf } = target;
  const { batch } = op.attrs;
  const [table, index] = [first(op).type, second(op).type];
  const result = resultOf(op).type;
  const n = at(table.shape, batch);
  const type = typeOf[table.dtype];
  if (n === 0) return tf.cast(tf.fill(result.shape.slice(), nothing[table.dtype]), type);
  const [outer, rest] = [sizeOf(table.shape.slice(0, batch)), sizeOf(table.shape.slice(batch + 1))];
  const whole = spread(target, operandAt(operands, 0), table.shape);
  const i = spread(target, operandAt(operands, 1), index.shape);
  const flat: Tensor2D = tf.reshape(i, [outer, sizeOf(index.shape.slice(batch))]);
  const present = allPresent(second(op));
  const sound = present ? flat : tf.mul(flat, tf.cast(tf.greaterEqual(flat, tf.zerosLike(flat)), "int32"));
  const rows = tf.gather(reshaped(target, whole, [outer * n, rest]), offset(target, sound as Tensor2D, n));
  if (present) return reshaped(target, rows, result.shape);
  const wanted = at(rows.shape, 0);
  const there = tf.reshape(tf.greaterEqual(flat, tf.zerosLike(flat)), [wanted, 1]);
  const missing = tf.cast(tf.fill([1, 1], nothing[table.dtype], "int32"), type);
  return reshaped(target, choose(target, there, rows, missing, table.dtype === "bool"), result.shape);
};

/** `none` is added to one more row, which is cut off. */
export const scatterAdd: Cell<"scatter_add"> = (target, op, operands) => {
  const { tf } = target;
  const { batch, size } = op.attrs;
  const [index, rows] = [first(op).type.shape, second(op).type.shape];
  const result = resultOf(op).type.shape;
  const [outer, count] = [sizeOf(index.slice(0, batch)), sizeOf(index.slice(batch))];
  const rest = sizeOf(rows.slice(index.length));
  if (count === 0) return tf.zeros(result.slice());
  const i = spread(target, operandAt(operands, 0), index);
  const y = spread(target, operandAt(operands, 1), rows);
  const flat: Tensor2D = tf.reshape(i, [outer, count]);
  const none = tf.cast(tf.less(flat, tf.zerosLike(flat)), "int32");
  const sound: Tensor2D = tf.add(flat, tf.mul(none, tf.fill([outer, count], size + 1, "int32")));
  const places = tf.reshape(offset(target, sound, size + 1), [outer * count, 1]);
  const sums = tf.scatterND(places, reshaped(target, y, [outer * count, rest]), [outer * (size + 1), rest]);
  return reshaped(target, tf.slice(tf.reshape(sums, [outer, size + 1, rest]), [0, 0, 0], [outer, size, rest]), result);
};

/** Largest first, and among equals the lower position, which TopK of everything gives. Numbers of no size come last, and compare with none. */
export const argsort: Cell<"argsort"> = (target, op, operands) => {
  const { tf } = target;
  const { shape } = first(op).type;
  const n = at(shape, shape.length - 1);
  const whole = spread(target, operandAt(operands, 0), shape);
  const x = reshaped(target, whole, [sizeOf(shape) / n, n]);
  const keys = op.attrs.descending ? x : tf.neg(x);
  const largest = tf.fill(x.shape, 3.4e38);
  const smallest = tf.neg(largest);
  const bounded = tf.minimum(tf.maximum(keys, smallest), largest);
  const { indices } = tf.topk(tf.where(tf.isNaN(keys), smallest, bounded), n, true);
  return reshaped(target, indices, shape);
};
