/** Short names for what is built often. Elementwise operands have one shape; results take their names from the first. */
import type { BinaryOp, CompareOp, UnaryOp } from "./attrs.js";
import type { FnBuilder } from "./builder.js";
import { none } from "./constant.js";
import { type TensorType, tensor, type Value } from "./graph.js";
import { inverse, others, sameAxes, sameShape } from "./types.js";

export const unary = (b: FnBuilder, kind: UnaryOp, x: Value): Value => b.emit(kind, [x], none);
export const binary = (b: FnBuilder, kind: BinaryOp, x: Value, y: Value): Value => b.emit(kind, [x, y], none);
export const compare = (b: FnBuilder, kind: CompareOp, x: Value, y: Value): Value => b.emit(kind, [x, y], none);

export const add = (b: FnBuilder, x: Value, y: Value): Value => b.emit("add", [x, y], none);
export const sub = (b: FnBuilder, x: Value, y: Value): Value => b.emit("sub", [x, y], none);
export const mul = (b: FnBuilder, x: Value, y: Value): Value => b.emit("mul", [x, y], none);
export const div = (b: FnBuilder, x: Value, y: Value): Value => b.emit("div", [x, y], none);
export const neg = (b: FnBuilder, x: Value): Value => b.emit("neg", [x], none);
export const select = (b: FnBuilder, c: Value, x: Value, y: Value): Value => b.emit("select", [c, x, y], none);

/** The constant of the type of `x` whose elements are all `n`. */
export const like = (b: FnBuilder, x: Value, n: number): Value => b.splat(x.type, n);
export const scale = (b: FnBuilder, x: Value, n: number): Value => mul(b, x, like(b, x, n));
export const shift = (b: FnBuilder, x: Value, n: number): Value => add(b, x, like(b, x, n));
export const zeros = (b: FnBuilder, type: TensorType): Value => b.splat(type, 0);

/** Spreads `x` to a type; dimension i of `x` becomes dimension `dims[i]`. */
export const broadcast = (b: FnBuilder, x: Value, to: TensorType, dims: readonly number[]): Value =>
  b.emit("broadcast", [x], { shape: to.shape, axes: to.axes, dims });

export const reshape = (b: FnBuilder, x: Value, shape: readonly number[], axes: readonly string[] = []): Value =>
  b.emit("reshape", [x], { shape, axes: tensor(shape, axes).axes });

export const transpose = (b: FnBuilder, x: Value, perm: readonly number[]): Value => b.emit("transpose", [x], { perm });
export const untranspose = (b: FnBuilder, x: Value, perm: readonly number[]): Value => transpose(b, x, inverse(perm));

export const sum = (b: FnBuilder, x: Value, axes: readonly number[]): Value => b.emit("reduce_sum", [x], { axes });

/** Spreads a reduction of something of type `to` over `axes` back to that type. */
export const unreduce = (b: FnBuilder, x: Value, to: TensorType, axes: readonly number[]): Value =>
  broadcast(b, x, to, others(to.shape.length, axes));

/** `x` with the shape and names of `type`. */
export function as(b: FnBuilder, x: Value, type: TensorType): Value {
  return sameShape(x.type.shape, type.shape) && sameAxes(x.type.axes, type.axes)
    ? x
    : reshape(b, x, type.shape, type.axes);
}

/** Positions 0, 1, … along dimension `axis` of a type, as floats. */
export function iota(b: FnBuilder, type: TensorType, axis: number): Value {
  const n = type.shape[axis] ?? 0;
  const line = b.constant(
    tensor([n], [type.axes[axis] ?? ""]),
    Float64Array.from({ length: n }, (_, i) => i),
  );
  return broadcast(b, line, { dtype: "float", shape: type.shape, axes: type.axes }, [axis]);
}
