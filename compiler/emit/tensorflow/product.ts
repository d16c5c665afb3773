/** Matrix products. */
import type { OpOf } from "../../ir/graph.js";
import { rowOf } from "../../ir/table/table.js";
import { first, resultOf, second } from "../operands.js";
import type { Attribute } from "./messages.js";
import type { Build, Scope } from "./scope.js";
import { bfloat16, float } from "./writer.js";

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

interface ProductNode {
  readonly type: string;
  readonly output: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/**
 * Between islands, as `passes/matrices.ts` leaves products. Elsewhere XLA does as well with any order of dimensions, and without XLA
 * TensorFlow would fuse a product with a sum whose second operand it takes for a bias, whatever its shape.
 */
function nodeOf(op: OpOf<"dot">, { xla }: Build): ProductNode {
  const { batch, contract } = op.attrs;
  const rank = first(op).type.shape.length;
  const [pair = [0, 0]] = contract;
  const whole = batch.every(([l, r], d) => l === d && r === d) && contract.length === 1;
  const even = rank === second(op).type.shape.length && rank === batch.length + 2;
  if (xla !== "islands" || !whole || !even || batch.length > 1) return einsum(op);
  const [x, y] = [{ bool: pair[0] !== rank - 1 }, { bool: pair[1] === rank - 1 }];
  return batch.length === 0
    ? { type: "MatMul", output: "product", attributes: { transpose_a: x, transpose_b: y } }
    : { type: "BatchMatMulV2", output: "output", attributes: { adj_x: x, adj_y: y } };
}

/** Leaves the order of dimensions to TensorFlow: XLA multiplies them as they lie. */
function einsum(op: OpOf<"dot">): ProductNode {
  const [x, y] = [first(op), second(op)];
  const { batch, contract } = op.attrs;
  const left = x.type.shape.map((_, d) => letters[d] ?? "?");
  const pairs = new Map([...batch, ...contract].map(([l, r]) => [r, l]));
  const right = y.type.shape.map((_, d) => letters[pairs.get(d) ?? left.length + d] ?? "?");
  const gone = (side: 0 | 1) => [...batch, ...contract].map((pair) => pair[side]);
  const free = (labels: readonly string[], not: readonly number[]) => labels.filter((_, d) => !not.includes(d));
  const out = [...batch.map(([l]) => left[l]), ...free(left, gone(0)), ...free(right, gone(1))];
  const equation = `${left.join("")},${right.join("")}->${out.join("")}`;
  return { type: "Einsum", output: "output", attributes: { equation: { text: equation }, N: { int: 2 } } };
}

export function dot(ctx: Scope, op: OpOf<"dot">): void {
  const { type, output, attributes } = nodeOf(op, ctx.build);
  const operands = [first(op), second(op)];
  if (ctx.build.half && rowOf("dot").half === true) {
    const halves = operands.map((v) => ctx.half(v));
    ctx.setHalf(resultOf(op), ctx.write.node(type, output, halves, { ...attributes, T: bfloat16 }));
    return;
  }
  const whole = operands.map((v) => ctx.full(v));
  ctx.plain(resultOf(op), ctx.write.node(type, output, whole, { ...attributes, T: float }));
}
