/** Matrix products. */
import type { OpOf } from "../../ir/graph.js";
import { rowOf } from "../../ir/table/table.js";
import { first, resultOf, second } from "../operands.js";
import { convert } from "./elementwise.js";
import type { Scope } from "./scope.js";

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** `Einsum` leaves the order of dimensions to TensorFlow: XLA multiplies them as they lie. */
export function dot(ctx: Scope, op: OpOf<"dot">): void {
  const [x, y] = [first(op), second(op)];
  const { batch, contract } = op.attrs;
  const left = x.type.shape.map((_, d) => letters[d] ?? "?");
  const pairs = new Map([...batch, ...contract].map(([l, r]) => [r, l]));
  const right = y.type.shape.map((_, d) => letters[pairs.get(d) ?? left.length + d] ?? "?");
  const gone = (side: 0 | 1) => [...batch, ...contract].map((pair) => pair[side]);
  const free = (labels: readonly string[], not: readonly number[]) => labels.filter((_, d) => !not.includes(d));
  const out = [...batch.map(([l]) => left[l]), ...free(left, gone(0)), ...free(right, gone(1))];
  const equation = `${left.join("")},${right.join("")}->${out.join("")}`;
  const [a, b] = [ctx.full(x), ctx.full(y)];
  const half = ctx.build.half && rowOf("dot").half === true;
  const type = half ? ({ type: "bfloat16" } as const) : ({ type: "float" } as const);
  const operands = half ? [a, b].map((ref) => convert(ctx, ref, { type: "float" }, type)) : [a, b];
  const ref = ctx.write.node("Einsum", "output", operands, { equation: { text: equation }, N: { int: 2 }, T: type });
  ctx.plain(resultOf(op), half ? convert(ctx, ref, type, { type: "float" }) : ref);
}
