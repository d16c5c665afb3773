/** Every `dot` as a product of matrices, or of stacks of them, as libraries of linear algebra have it. */
import type { FnBuilder } from "../ir/builder.js";
import { none } from "../ir/constant.js";
import { type Fn, type Module, type OpOf, sizeOf, type TensorType, type Value } from "../ir/graph.js";
import { at } from "../ir/table/row.js";
import { isIdentity, others, sameShape } from "../ir/types.js";
import { rebuild } from "./rebuild.js";

type Pairs = OpOf<"dot">["attrs"]["contract"];

/**
 * Operands get the dimensions `[stack, rows, columns]`, or without the stack, by reshapes and, where the order of their dimensions allows
 * neither the matrix nor its transpose, by a transposition. Products of single numbers become sums of elementwise products.
 */
export function matrices(fn: Fn): Fn {
  const module: Module = { fns: new Map(), main: fn };
  return rebuild(module, {
    primitive: (b, op, operands) => (op.kind === "dot" ? product(b, op, at(operands, 0), at(operands, 1)) : undefined),
  }).main;
}

/** How an operand lies: the order to bring its dimensions to, and whether the contracted ones come before its own. */
interface Placement {
  readonly perm: readonly number[];
  readonly contractFirst: boolean;
  readonly moved: number;
}

function place(v: Value, batch: readonly number[], contract: readonly number[]): Placement {
  const { shape } = v.type;
  const free = others(shape.length, [...batch, ...contract]);
  const plain = [...batch, ...free, ...contract];
  const turned = [...batch, ...contract, ...free];
  const still = (perm: readonly number[]): boolean => isIdentity(ascending(perm.filter((d) => shape[d] !== 1)));
  if (still(plain)) return { perm: plain, contractFirst: false, moved: 0 };
  if (still(turned)) return { perm: turned, contractFirst: true, moved: 0 };
  // What has to be moved keeps its last dimension: then rows are copied and not single numbers.
  const contractFirst = free.includes(shape.length - 1);
  return { perm: contractFirst ? turned : plain, contractFirst, moved: sizeOf(shape) };
}

/** Ranks of the entries: the identity where they ascend. */
function ascending(list: readonly number[]): number[] {
  const sorted = [...list].sort((a, b) => a - b);
  return list.map((d) => sorted.indexOf(d));
}

function product(b: FnBuilder, op: OpOf<"dot">, left: Value, right: Value): Value {
  const { batch, contract } = op.attrs;
  const type = at(op.results, 0).type;
  const sides = (pairs: Pairs, side: 0 | 1): number[] => pairs.map((p) => p[side]);
  // The order of the sum is free: that of one of the operands.
  const orders = [0, 1].map((side) => [...contract].sort((p, q) => at(p, side) - at(q, side)));
  const plans = orders.map((pairs) => {
    const l = place(left, sides(batch, 0), sides(pairs, 0));
    const r = place(right, sides(batch, 1), sides(pairs, 1));
    return { l, r, moved: l.moved + r.moved };
  });
  const [first, second] = [at(plans, 0), at(plans, 1)];
  const { l, r } = second.moved < first.moved ? second : first;
  const n = sizeOf(batch.map(([d]) => at(left.type.shape, d)));
  const k = sizeOf(contract.map(([d]) => at(left.type.shape, d)));
  const rows = sizeOf(left.type.shape) / Math.max(1, n * k);
  const columns = sizeOf(right.type.shape) / Math.max(1, n * k);
  const stack = batch.length > 0 ? [n] : [];
  const x = matrix(b, left, l, [...stack, ...(l.contractFirst ? [k, rows] : [rows, k])]);
  const y = matrix(b, right, r, [...stack, ...(r.contractFirst ? [k, columns] : [columns, k])]);
  const d = stack.length;
  if (d > 0 && rows === 1 && columns === 1) {
    const flat = (v: Value): Value => b.emit("reshape", [v], { shape: [n, k], axes: ["stack", "sum"] });
    const sum = b.emit("reduce_sum", [b.emit("mul", [flat(x), flat(y)], none)], { axes: [1] });
    return reshaped(b, sum, type);
  }
  const attrs = {
    batch: d > 0 ? ([[0, 0]] as const) : [],
    contract: [[l.contractFirst ? d : d + 1, r.contractFirst ? d : d + 1]] as const,
  };
  return reshaped(b, b.emit("dot", [x, y], attrs), type);
}

function reshaped(b: FnBuilder, v: Value, { shape, axes }: Omit<TensorType, "dtype">): Value {
  return sameShape(v.type.shape, shape) ? v : b.emit("reshape", [v], { shape, axes });
}

function matrix(b: FnBuilder, v: Value, { perm, moved }: Placement, shape: readonly number[]): Value {
  const turned = moved === 0 ? v : b.emit("transpose", [v], { perm });
  const axes = [...(shape.length > 2 ? ["stack"] : []), "row", "column"];
  return reshaped(b, turned, { shape, axes });
}
