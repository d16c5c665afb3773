/** Rules about ops that move elements, and about reductions of what was spread. */
import { broadcast, mul, neg, scale, sum } from "../ir/build.js";
import type { FnBuilder } from "../ir/builder.js";
import { splatOf } from "../ir/constant.js";
import { type OpOf, sizeOf, type Value } from "../ir/graph.js";
import { at } from "../ir/table/row.js";
import type { Primitive } from "../ir/table/table.js";
import { others } from "../ir/types.js";

export function movement(b: FnBuilder, op: Primitive, operands: readonly Value[]): Value | undefined {
  const [x, y] = operands;
  if (!x) return undefined;
  switch (op.kind) {
    case "reduce_sum":
      return reduceSpread(b, op, x) ?? reduceTwice(b, op, x) ?? sumOfScaled(b, op, x);
    case "reduce_max":
    case "reduce_min":
      return reduceSpread(b, op, x) ?? reduceTwice(b, op, x);
    case "dot":
      return y && dotOfTransposed(b, op, x, y);
    case "slice":
      return sliceOf(b, op, x);
    case "concat":
      return concatOf(b, op, operands);
    case "reshape":
      return x.op?.kind === "reshape" ? b.emit("reshape", x.op.operands, op.attrs) : undefined;
    case "transpose": {
      if (x.op?.kind !== "transpose") return undefined;
      const inner = x.op.attrs.perm;
      return b.emit("transpose", x.op.operands, { perm: op.attrs.perm.map((p) => at(inner, p)) });
    }
    case "broadcast": {
      if (x.op?.kind !== "broadcast") return undefined;
      const dims = x.op.attrs.dims.map((d) => at(op.attrs.dims, d));
      return b.emit("broadcast", x.op.operands, { ...op.attrs, dims });
    }
    case "stop_gradient":
      return x.op?.kind === "stop_gradient" ? x : undefined;
    case "pad":
      if (x.op?.kind !== "pad") return undefined;
      return b.emit("pad", [at(x.op.operands, 0)], {
        low: plus(op.attrs.low, x.op.attrs.low),
        high: plus(op.attrs.high, x.op.attrs.high),
      });
    default:
      return undefined;
  }
}

type Reduce = OpOf<"reduce_sum"> | OpOf<"reduce_max"> | OpOf<"reduce_min">;

function plus(a: readonly number[], b: readonly number[]): number[] {
  return a.map((n, i) => n + at(b, i));
}

/** Reduces before spreading; what was spread and is summed up is a factor. */
function reduceSpread(b: FnBuilder, op: Reduce, x: Value): Value | undefined {
  if (x.op?.kind !== "broadcast") return undefined;
  const { axes } = op.attrs;
  const { dims, shape } = x.op.attrs;
  const spread = axes.filter((d) => !dims.includes(d));
  if (spread.length === 0) return undefined;
  const count = sizeOf(spread.map((d) => at(shape, d)));
  if (count === 0) return undefined;
  const source = at(x.op.operands, 0);
  const inner = b.emit(op.kind, [source], { axes: dims.flatMap((d, i) => (axes.includes(d) ? [i] : [])) });
  const total = op.kind === "reduce_sum" ? scale(b, inner, count) : inner;
  const kept = others(shape.length, axes);
  const back = kept.flatMap((d, i) => (dims.includes(d) ? [i] : []));
  return broadcast(b, total, at(op.results, 0).type, back);
}

function reduceTwice(b: FnBuilder, op: Reduce, x: Value): Value | undefined {
  if (x.op?.kind !== op.kind) return undefined;
  const source = at(x.op.operands, 0);
  const left = others(source.type.shape.length, x.op.attrs.axes);
  const axes = [...x.op.attrs.axes, ...op.attrs.axes.map((d) => at(left, d))].sort((p, q) => p - q);
  return b.emit(op.kind, [source], { axes });
}

/** Σ (x · n) = (Σ x) · n and Σ -x = -Σ x */
function sumOfScaled(b: FnBuilder, op: OpOf<"reduce_sum">, x: Value): Value | undefined {
  if (x.op?.kind === "neg") return neg(b, sum(b, at(x.op.operands, 0), op.attrs.axes));
  if (x.op?.kind !== "mul") return undefined;
  const [u, v] = x.op.operands;
  const n = v && splatOf(v);
  if (!u || n === undefined) return undefined;
  const s = sum(b, u, op.attrs.axes);
  return mul(b, s, b.splat(s.type, n));
}

/** A dot finds its dimensions wherever they are, if the order of those it keeps stays. */
function dotOfTransposed(b: FnBuilder, op: OpOf<"dot">, x: Value, y: Value): Value | undefined {
  const { batch, contract } = op.attrs;
  const pairs = [...batch, ...contract];
  const left = untransposed(
    x,
    pairs.map(([l]) => l),
  );
  const right = untransposed(
    y,
    pairs.map(([, r]) => r),
  );
  if (!left && !right) return undefined;
  const move = ([l, r]: readonly [number, number]): readonly [number, number] => [
    left ? at(left.perm, l) : l,
    right ? at(right.perm, r) : r,
  ];
  return b.emit("dot", [left?.source ?? x, right?.source ?? y], {
    batch: batch.map(move),
    contract: contract.map(move),
  });
}

function untransposed(v: Value, used: readonly number[]): { source: Value; perm: readonly number[] } | undefined {
  if (v.op?.kind !== "transpose") return undefined;
  const { perm } = v.op.attrs;
  const kept = others(perm.length, used).map((d) => at(perm, d));
  const ascending = kept.every((d, i) => i === 0 || d > at(kept, i - 1));
  return ascending ? { source: at(v.op.operands, 0), perm } : undefined;
}

function sliceOf(b: FnBuilder, { attrs: { start, stop } }: OpOf<"slice">, x: Value): Value | undefined {
  const inner = x.op;
  if (!inner) return undefined;
  const source = inner.operands[0];
  if (!source) return undefined;
  switch (inner.kind) {
    case "slice":
      return b.emit("slice", [source], { start: plus(start, inner.attrs.start), stop: plus(stop, inner.attrs.start) });
    case "broadcast": {
      const { dims } = inner.attrs;
      const part = b.emit("slice", [source], {
        start: dims.map((d) => at(start, d)),
        stop: dims.map((d) => at(stop, d)),
      });
      const shape = stop.map((n, i) => n - at(start, i));
      return broadcast(b, part, { ...x.type, shape }, dims);
    }
    case "pad": {
      const { low } = inner.attrs;
      const from = start.map((n, i) => n - at(low, i));
      const to = stop.map((n, i) => n - at(low, i));
      const inside = from.every((n) => n >= 0) && to.every((n, i) => n <= at(source.type.shape, i));
      return inside ? b.emit("slice", [source], { start: from, stop: to }) : undefined;
    }
    case "concat": {
      const { axis } = inner.attrs;
      let offset = 0;
      for (const piece of inner.operands) {
        const end = offset + at(piece.type.shape, axis);
        if (at(start, axis) >= offset && at(stop, axis) <= end)
          return b.emit("slice", [piece], {
            start: start.with(axis, at(start, axis) - offset),
            stop: stop.with(axis, at(stop, axis) - offset),
          });
        offset = end;
      }
      return undefined;
    }
    default:
      return undefined;
  }
}

/** Neighbouring slices of one value are one slice; a concat of concats is one. */
function concatOf(b: FnBuilder, op: OpOf<"concat">, operands: readonly Value[]): Value | undefined {
  const { axis } = op.attrs;
  const flat = operands.flatMap((v) => (v.op?.kind === "concat" && v.op.attrs.axis === axis ? v.op.operands : [v]));
  const joined: Value[] = [];
  for (const v of flat) {
    const last = joined.at(-1);
    const both = last && joinSlices(b, last, v, axis);
    if (both) joined[joined.length - 1] = both;
    else joined.push(v);
  }
  return joined.length < operands.length || flat.length > operands.length
    ? b.emit("concat", joined, { axis })
    : undefined;
}

function joinSlices(b: FnBuilder, p: Value, q: Value, axis: number): Value | undefined {
  if (p.op?.kind !== "slice" || q.op?.kind !== "slice") return undefined;
  const source = at(p.op.operands, 0);
  if (q.op.operands[0] !== source || p.op.attrs.stop[axis] !== q.op.attrs.start[axis]) return undefined;
  const { start } = p.op.attrs;
  const { stop } = q.op.attrs;
  const along = (a: readonly number[], c: readonly number[]): boolean => a.every((n, i) => i === axis || n === c[i]);
  if (!along(start, q.op.attrs.start) || !along(p.op.attrs.stop, stop)) return undefined;
  return b.emit("slice", [source], { start, stop });
}
