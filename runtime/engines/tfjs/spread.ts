/** The elements of a tensor that repeats, written out where somebody needs them. */
import type { Tensor } from "@tensorflow/tfjs-core";
import { sizeOf } from "../../../compiler/ir/graph.js";
import { strides } from "../../../compiler/ir/kernels/memory.js";
import { copy } from "../../../compiler/ir/kernels/strided.js";
import { mergedShapes, type Shape, sameList } from "./dims.js";
import type { Target } from "./target.js";

export function reshaped({ tf }: Target, x: Tensor, shape: Shape): Tensor {
  return sameList(x.shape, shape) ? x : tf.reshape(x, [...shape]);
}

/** As `shape` says, which is that of the tensor but for dimensions of size 1. */
export function spread(target: Target, x: Tensor, shape: Shape): Tensor {
  if (sameList(x.shape, shape)) return x;
  const [from = [], to = []] = mergedShapes([x.shape, shape]);
  const flat = reshaped(target, x, from);
  return reshaped(target, target.nearby ? written(target, flat, to) : tiled(target, flat, to), shape);
}

function tiled({ tf }: Target, x: Tensor, shape: Shape): Tensor {
  const times = shape.map((n, d) => (x.shape[d] === n ? 1 : n));
  return tf.tile(x, times);
}

/** `Tile` of the backends that compute on the host takes a hundred times as long as a copy. */
function written({ tf }: Target, x: Tensor, shape: Shape): Tensor {
  const n = sizeOf(shape);
  const from = x.dataSync<"float32" | "int32" | "bool">() as Float32Array | Int32Array | Uint8Array;
  const data =
    x.dtype === "float32" ? new Float32Array(n) : x.dtype === "int32" ? new Int32Array(n) : new Uint8Array(n);
  const steps = strides(x.shape).map((s, d) => (x.shape[d] === 1 ? 0 : s));
  copy(shape, data, strides(shape), 0, from, steps, 0);
  return tf.tensor(data, [...shape], x.dtype);
}

/** With the dimensions `dims` written out; the others may go on repeating. */
export function solid(target: Target, x: Tensor, shape: Shape, dims: readonly number[]): Tensor {
  return spread(
    target,
    x,
    shape.map((n, d) => (dims.includes(d) ? n : (x.shape[d] ?? 1))),
  );
}
