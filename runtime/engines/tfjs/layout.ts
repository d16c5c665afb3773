/** Ops that only move elements. */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { Tensor } from "@tensorflow/tfjs-core";
import { at, first, resultOf } from "../../../compiler/emit/operands.js";
import { sizeOf } from "../../../compiler/ir/graph.js";
import { groups, mergedCuts, mergedPermutation, widest } from "./dims.js";
import { reshaped, solid, spread } from "./spread.js";
import { type Cell, nothing, operandAt, type Target } from "./target.js";

export const broadcast: Cell<"broadcast"> = (target, op, operands) => {
  const x = operandAt(operands, 0);
  const { shape, dims } = op.attrs;
  const thin = shape.map(() => 1);
  dims.forEach((d, i) => {
    thin[d] = at(x.shape, i);
  });
  return reshaped(target, x, thin);
};

/** Dimensions that repeat go on repeating where the reshape leaves them alone, or splits them. */
export const reshape: Cell<"reshape"> = (target, op, operands) => {
  const x = operandAt(operands, 0);
  const from = first(op).type.shape;
  const to = resultOf(op).type.shape;
  const thin = [...to];
  const written: number[] = [];
  for (const group of groups(from, to)) {
    if (group.from.every((d) => at(x.shape, d) === 1)) for (const d of group.to) thin[d] = 1;
    else written.push(...group.from);
  }
  return reshaped(target, solid(target, x, from, written), thin);
};

export function permuted(target: Target, x: Tensor, perm: readonly number[]): Tensor {
  const merged = mergedPermutation(x.shape, perm);
  const shape = perm.map((p) => at(x.shape, p));
  if (merged.perm.length < 2) return reshaped(target, x, shape);
  return reshaped(target, target.tf.transpose(reshaped(target, x, merged.shape), merged.perm), shape);
}

export const transpose: Cell<"transpose"> = (target, op, operands) =>
  permuted(target, operandAt(operands, 0), op.attrs.perm);

export const slice: Cell<"slice"> = (target, op, operands) => {
  const x = operandAt(operands, 0);
  const { start, stop } = op.attrs;
  // Of what repeats, the one element there is.
  const one = (d: number): boolean => at(x.shape, d) === 1;
  const size = start.map((s, d) => (one(d) ? 1 : at(stop, d) - s));
  const cuts = mergedCuts(
    x.shape,
    start.map((s, d) => (one(d) ? 0 : s)),
    size,
  );
  if (cuts.shape.length === 0) return reshaped(target, x, size);
  if (target.backend === "wasm" && cuts.shape.length === 1) return part(target, x, at(cuts.low, 0), size);
  return reshaped(target, target.tf.slice(reshaped(target, x, cuts.shape), cuts.low, cuts.size), size);
};

/** Elements that lie one after another: the kernel of wasm copies the whole tensor to take them from it. */
function part({ tf }: Target, x: Tensor, from: number, shape: readonly number[]): Tensor {
  const values = (tf.backend() as BackendWasm).readSync(x.dataId, from, from + sizeOf(shape));
  return tf.tensor(values, [...shape], x.dtype);
}

export const pad: Cell<"pad"> = (target, op, operands) => {
  const { low, high } = op.attrs;
  const { type } = first(op);
  const padded = [...low.keys()].filter((d) => at(low, d) + at(high, d) > 0);
  const x = solid(target, operandAt(operands, 0), type.shape, padded);
  const size = x.shape.map((n, d) => at(low, d) + n + at(high, d));
  const cuts = mergedCuts(
    x.shape,
    low.map((n) => 0 - n),
    size,
  );
  if (cuts.shape.length === 0) return x;
  const margins = cuts.low.map((l, d): [number, number] => [0 - l, at(cuts.size, d) + l - at(cuts.shape, d)]);
  const wide = target.tf.pad(reshaped(target, x, cuts.shape), margins, nothing[type.dtype]);
  return reshaped(target, wide, size);
};

export const concat: Cell<"concat"> = (target, op, operands) => {
  const { axis } = op.attrs;
  const sizes = op.operands.map((v) => at(v.type.shape, axis));
  const outer = widest(operands.map((x) => x.shape));
  const parts = operands.flatMap((x, i) => {
    const n = at(sizes, i);
    if (n === 0) return [];
    const whole = spread(target, x, outer.with(axis, n));
    return [reshaped(target, whole, [sizeOf(outer.slice(0, axis)), n * sizeOf(outer.slice(axis + 1))])];
  });
  const total = sizes.reduce((sum, n) => sum + n, 0);
  return reshaped(target, target.tf.concat(parts, 1), outer.with(axis, total));
};
