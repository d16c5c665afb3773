/** Ops on positions: look-ups, their transpose, sorting. */
import { type OpOf, sizeOf, type Value } from "../../ir/graph.js";
import { allPresent, at, first, resultOf, second } from "../operands.js";
import type { Scope } from "./scope.js";
import { int32, typed } from "./writer.js";

/** `none` is -1, which is no position for TensorFlow: the first row is read there and replaced by nothing. */
export function take(ctx: Scope, op: OpOf<"take">): void {
  const { batch } = op.attrs;
  const [x, i] = [first(op), second(op)];
  const result = resultOf(op);
  const { dtype } = x.type;
  const index = ctx.full(i);
  const sound = allPresent(i) ? index : ctx.write.node("Maximum", "z", [index, ctx.scalar("index", 0)], typed("index"));
  const rows = ctx.write.node("GatherV2", "output", [ctx.full(x), sound, ctx.write.ints([], [batch])], {
    batch_dims: { int: batch },
    Tparams: typed(dtype).T,
    Tindices: int32,
    Taxis: int32,
  });
  if (sound === index) {
    ctx.plain(result, rows);
    return;
  }
  const there = ctx.write.node("GreaterEqual", "z", [index, ctx.scalar("index", 0)], typed("index"));
  const rank = i.type.shape.length;
  const deep = [...i.type.shape, ...result.type.shape.slice(rank).map(() => 1)];
  const mask = ctx.reshape(there, "bool", i.type.shape, deep);
  const nothing = ctx.scalar(dtype, dtype === "index" ? -1 : 0);
  ctx.plain(result, ctx.write.node("SelectV2", "output", [mask, rows, nothing], typed(dtype)));
}

/** Rows of a negative segment are dropped, as those of `none` are to be. */
export function scatterAdd(ctx: Scope, op: OpOf<"scatter_add">): void {
  const { batch, size } = op.attrs;
  const [i, y] = [first(op), second(op)];
  const rank = i.type.shape.length;
  const outer = sizeOf(i.type.shape.slice(0, batch));
  const count = sizeOf(i.type.shape.slice(batch));
  const width = sizeOf(y.type.shape.slice(rank));
  const index = ctx.reshape(ctx.full(i), "index", i.type.shape, [outer, count]);
  const rows = ctx.reshape(ctx.full(y), "float", y.type.shape, [outer * count, width]);
  const segments = ctx.reshape(
    outer === 1 ? index : offset(ctx, index, outer, size),
    "index",
    [outer, count],
    [outer * count],
  );
  const sum = ctx.write.node("UnsortedSegmentSum", "output", [rows, segments, ctx.write.ints([], [outer * size])], {
    ...typed("float"),
    Tindices: int32,
    Tnumsegments: int32,
  });
  ctx.plain(resultOf(op), ctx.reshape(sum, "float", [outer * size, width], resultOf(op).type.shape));
}

/** Positions of each batch among the rows of all; `none` stays below zero. */
function offset(ctx: Scope, index: string, outer: number, size: number): string {
  const firsts = ctx.write.ints(
    [outer, 1],
    Array.from({ length: outer }, (_, b) => b * size),
  );
  const moved = ctx.write.node("AddV2", "z", [index, firsts], typed("index"));
  const none = ctx.write.node("Less", "z", [index, ctx.scalar("index", 0)], typed("index"));
  return ctx.write.node("SelectV2", "output", [none, ctx.scalar("index", -1), moved], typed("index"));
}

/** TopK of everything is a sort that takes the lower position first among equals. */
export function argsort(ctx: Scope, op: OpOf<"argsort">): void {
  const x: Value = first(op);
  const last = x.type.shape.length - 1;
  const { ref, shape } = ctx.solid(x, [last]);
  const from = op.attrs.descending ? ref : ctx.write.node("Neg", "y", [ref], typed(x.type.dtype));
  const name = ctx.write.add("TopKV2", [from, ctx.write.ints([], [at(x.type.shape, last)])], {
    ...typed(x.type.dtype),
    sorted: { bool: true },
    Tk: int32,
    index_type: int32,
  });
  ctx.set(resultOf(op), { ref: `${name}:indices:0`, shape });
}
