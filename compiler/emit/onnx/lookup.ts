/** Ops on positions: look-ups, their transpose, sorting. */
import { type OpOf, sizeOf } from "../../ir/graph.js";
import { allPresent, at, first, resultOf, second } from "../operands.js";
import type { Scope } from "./scope.js";

/** `none` is -1, which both gathers read as the last row: harmless, as the result is replaced by zeros there. */
export function take(ctx: Scope, op: OpOf<"take">): void {
  const { batch } = op.attrs;
  const [x, i] = [first(op), second(op)];
  const result = resultOf(op);
  const rank = i.type.shape.length;
  const index = ctx.full(i);
  const deep = (): string => ctx.write.node("Unsqueeze", [index, ctx.write.list([rank])]);
  const rows =
    batch === 0
      ? ctx.write.node("Gather", [ctx.full(x), index], { axis: { int: 0 } })
      : ctx.write.node("GatherND", [ctx.full(x), deep()], { batch_dims: { int: batch } });
  if (allPresent(i)) {
    ctx.plain(result, rows);
    return;
  }
  const rest = result.type.shape.length - rank;
  const aligned = ctx.reshape(index, i.type.shape, [...i.type.shape, ...Array<number>(rest).fill(1)]);
  const zero = ctx.write.ints([], [0]);
  // No `Where` for bools in onnxruntime.
  if (x.type.dtype === "bool")
    ctx.plain(result, ctx.write.node("And", [ctx.write.node("GreaterOrEqual", [aligned, zero]), rows]));
  else ctx.plain(result, ctx.write.node("Where", [ctx.write.node("Less", [aligned, zero]), ctx.zeroOf(x), rows]));
}

/** Above this many multiplications a one-hot matrix costs more than adding row by row, which ORT does on one core. */
const oneHotLimit = 2 ** 28;

export function scatterAdd(ctx: Scope, op: OpOf<"scatter_add">): void {
  const { batch, size } = op.attrs;
  const [i, y] = [first(op), second(op)];
  const result = resultOf(op);
  const rank = i.type.shape.length;
  const outer = i.type.shape.slice(0, batch);
  const count = sizeOf(i.type.shape.slice(batch));
  const width = sizeOf(y.type.shape.slice(rank));
  const index = ctx.reshape(ctx.full(i), i.type.shape, [sizeOf(outer), count]);
  const rows = ctx.reshape(ctx.full(y), y.type.shape, [sizeOf(outer), count, width]);
  const flat = [sizeOf(outer), size, width];
  const sum =
    sizeOf(outer) * count * size * width <= oneHotLimit
      ? oneHot(ctx, index, rows, flat)
      : byRow(ctx, index, rows, flat, count);
  ctx.plain(result, ctx.reshape(sum, flat, result.type.shape));
}

/** `none` equals no position, so its row falls out of the product. */
function oneHot(ctx: Scope, index: string, rows: string, [, size]: readonly number[]): string {
  const positions = ctx.write.ints(
    [size ?? 0, 1],
    Array.from({ length: size ?? 0 }, (_, p) => p),
  );
  const wanted = ctx.write.node("Unsqueeze", [index, ctx.write.list([1])]);
  const hot = ctx.write.node("Cast", [ctx.write.node("Equal", [wanted, positions])], { to: { int: 1 } });
  return ctx.write.node("MatMul", [hot, rows]);
}

/** `none` is added to one more row, which is cut off. */
function byRow(
  ctx: Scope,
  index: string,
  rows: string,
  [outer, size, width]: readonly number[],
  count: number,
): string {
  const [b, n, w] = [outer ?? 0, size ?? 0, width ?? 0];
  const wider = [b, n + 1, w];
  const none = ctx.write.node("Less", [index, ctx.write.ints([], [0])]);
  const sound = ctx.write.node("Where", [none, ctx.write.ints([], [n]), index]);
  const target = ctx.repeat(ctx.write.node("Unsqueeze", [sound, ctx.write.list([2])]), [b, count, 1], [b, count, w]);
  const zeros = ctx.repeat(ctx.write.floats([], [0]), [], wider);
  const sum = ctx.write.node("ScatterElements", [zeros, target, rows], {
    axis: { int: 1 },
    reduction: { text: "add" },
  });
  return ctx.write.node("Slice", [sum, ctx.write.list([0]), ctx.write.list([n]), ctx.write.list([1])]);
}

/** TopK of everything is a sort, and among equals takes the lower position first in both directions. */
export function argsort(ctx: Scope, op: OpOf<"argsort">): void {
  const x = first(op);
  const last = x.type.shape.length - 1;
  const from = ctx.solid(x, [last]);
  const flags = { axis: { int: -1 }, largest: { int: op.attrs.descending ? 1 : 0 }, sorted: { int: 1 } };
  const [, positions] = ctx.write.outputs(
    "TopK",
    [from.name, ctx.write.list([at(x.type.shape, last)])],
    [true, true],
    flags,
  );
  ctx.set(resultOf(op), { ...from, name: positions ?? "" });
}
