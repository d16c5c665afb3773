/** `dot`: a matrix product, with operands put where the kernel wants them. */
import type { Tensor } from "@tensorflow/tfjs-core";
import { at, first, resultOf, second } from "../../../compiler/emit/operands.js";
import { sizeOf } from "../../../compiler/ir/graph.js";
import { mergedPermutation, type Shape } from "./dims.js";
import { permuted } from "./layout.js";
import { reshaped, solid } from "./spread.js";
import { type Cell, operandAt, type Target } from "./target.js";

/** The dimensions of one side: shared, its own, summed. */
interface Side {
  readonly batch: readonly number[];
  readonly rest: readonly number[];
  readonly contract: readonly number[];
}

/** What repeats and is not summed goes on repeating. */
export const dot: Cell<"dot"> = (target, op, operands) => {
  const { batch, contract } = op.attrs;
  const [l, r] = [first(op).type.shape, second(op).type.shape];
  const left = sideOf(
    l,
    batch.map(([d]) => d),
    contract.map(([d]) => d),
  );
  const right = sideOf(
    r,
    batch.map(([, d]) => d),
    contract.map(([, d]) => d),
  );
  const [x, y] = [operandAt(operands, 0), operandAt(operands, 1)];
  const shared = left.batch.filter((d, i) => at(x.shape, d) !== at(y.shape, at(right.batch, i)));
  const other = right.batch.filter((d, i) => at(y.shape, d) !== at(x.shape, at(left.batch, i)));
  const a = solid(target, x, l, [...left.contract, ...shared]);
  const b = solid(target, y, r, [...right.contract, ...other]);
  const shape = [...pick(a, left.batch), ...pick(a, left.rest), ...pick(b, right.rest)];
  if (sizeOf(left.contract.map((d) => at(l, d))) === 0) return target.tf.zeros(resultOf(op).type.shape.slice());
  return reshaped(target, product(target, a, left, b, right), shape);
};

function sideOf(shape: Shape, batch: readonly number[], contract: readonly number[]): Side {
  const rest = [...shape.keys()].filter((d) => !batch.includes(d) && !contract.includes(d));
  return { batch, rest, contract };
}

function pick(x: Tensor, dims: readonly number[]): number[] {
  return dims.map((d) => at(x.shape, d));
}

function product(target: Target, a: Tensor, left: Side, b: Tensor, other: Side): Tensor {
  const { tf } = target;
  const [m, k] = [sizeOf(pick(a, left.rest)), sizeOf(pick(a, left.contract))];
  const n = sizeOf(pick(b, other.rest));
  const count = sizeOf(pick(a, left.batch));
  const x = matrix(target, a, left.batch, left.rest, left.contract);
  const y = matrix(target, b, other.batch, other.contract, other.rest);
  const shape = (rows: number, columns: number, turned: boolean): number[] => [
    ...(count === 1 ? [] : [count]),
    ...(turned ? [columns, rows] : [rows, columns]),
  ];
  const right = reshaped(target, y.tensor, shape(k, n, y.turned));
  return tf.matMul(reshaped(target, x.tensor, shape(m, k, x.turned)), packed(target, right), x.turned, y.turned);
}

/** The shape that a right operand had first, by its memory. */
const packings = new WeakMap<object, string>();

/**
 * wasm packs a right operand once for its memory, whatever shape it comes in later: in another shape it would read and write out of bounds,
 * so there it gets memory of its own.
 */
export function packed({ tf, backend }: Target, x: Tensor): Tensor {
  if (backend !== "wasm") return x;
  const shape = x.shape.join();
  const before = packings.get(x.dataId);
  if (before === undefined) packings.set(x.dataId, shape);
  return before === undefined || before === shape ? x : tf.mul(x, 1);
}

/** As batch, rows, columns; `turned`: it lies as batch, columns, rows, and the kernel takes it so. */
function matrix(
  target: Target,
  x: Tensor,
  batch: readonly number[],
  rows: readonly number[],
  columns: readonly number[],
): { readonly tensor: Tensor; readonly turned: boolean } {
  const order = [...batch, ...rows, ...columns];
  const turned = [...batch, ...columns, ...rows];
  if (target.transposedProducts && moves(x, order) && !moves(x, turned)) return { tensor: x, turned: true };
  return { tensor: permuted(target, x, order), turned: false };
}

function moves(x: Tensor, perm: readonly number[]): boolean {
  return mergedPermutation(x.shape, perm).perm.length > 1;
}
