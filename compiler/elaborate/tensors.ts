/** The algebra of named tensors: alignment by name, renaming, reductions, products. Everything here ends in ops on positions. */
import type { Span } from "../../grammar/source.js";
import type { BinaryOp, CompareOp, UnaryOp } from "../ir/attrs.js";
import { type DType, type Value as Node, tensor } from "../ir/graph.js";
import {
  type Axis,
  axis,
  cameFrom,
  findVisible,
  namesOf,
  sameAxis,
  shapeOf,
  showAxes,
  unionAxes,
  visible,
} from "./axes.js";
import type { Ctx } from "./ctx.js";
import type { Frame } from "./frame.js";
import type { TensorVal } from "./values.js";

export function wrap(frame: Frame, node: Node, axes: readonly Axis[], over?: TensorVal["over"]): TensorVal {
  return { kind: "tensor", dtype: node.type.dtype, axes, node, frame, over };
}

export function constant(
  frame: Frame,
  data: number | readonly number[] | Float64Array,
  axes: readonly Axis[],
  dtype: DType = "float",
): TensorVal {
  return wrap(frame, frame.builder.constant(tensor(shapeOf(axes), namesOf(axes), dtype), data), axes);
}

/** The dimensions in the order of `order`, which must hold the same axes. */
export function permute(t: TensorVal, order: readonly Axis[]): TensorVal {
  // A gradient of a weight [dim -> dim] has one name twice: what stands in order already is left alone.
  if (sameList(order, t.axes)) return t;
  const perm = order.map((a) => t.axes.findIndex((b) => sameAxis(a, b)));
  if (perm.every((p, i) => p === i)) return t;
  return wrap(t.frame, t.frame.builder.emit("transpose", [t.node], { perm }), order, t.over);
}

/** `t` with exactly the axes `target`, in that order: missing ones are repeated. */
export function spread(t: TensorVal, target: readonly Axis[]): TensorVal {
  const kept = target.filter((a) => t.axes.some((b) => sameAxis(a, b)));
  const ordered = permute(t, kept);
  if (kept.length === target.length) return ordered;
  const dims = kept.map((a) => target.findIndex((b) => sameAxis(a, b)));
  const node = t.frame.builder.emit("broadcast", [ordered.node], {
    shape: shapeOf(target),
    axes: namesOf(target),
    dims,
  });
  return wrap(t.frame, node, target, t.over);
}

/** Sizes of equal visible names must agree; the spans of both operands are shown. */
export function checkSizes(ctx: Ctx, a: TensorVal, b: TensorVal, span: Span): void {
  for (const x of a.axes) {
    const y = b.axes.find((c) => sameAxis(x, c));
    if (y && y.size !== x.size) {
      ctx.fail("axis-mismatch", { axis: x.name, here: x.size, there: y.size }, span, {
        related: [...cameFrom(x), ...cameFrom(y)],
        notes: [`${showAxes(a.axes)} meets ${showAxes(b.axes)}`],
      });
    }
  }
}

/** The common axes of two operands of elementwise arithmetic (language reference §4.2): one side's visible axes contain the other's. */
export function align(
  ctx: Ctx,
  a: TensorVal,
  b: TensorVal,
  span: Span,
  what: string,
): [TensorVal, TensorVal, readonly Axis[]] {
  checkSizes(ctx, a, b, span);
  const left = visible(a.axes);
  const right = visible(b.axes);
  const onlyLeft = left.filter((x) => !findVisible(right, x.name));
  const onlyRight = right.filter((x) => !findVisible(left, x.name));
  if (onlyLeft.length > 0 && onlyRight.length > 0) {
    const l = onlyLeft[0] as Axis;
    const r = onlyRight[0] as Axis;
    ctx.fail("unannounced-outer", { op: what, table: showAxes([...onlyLeft, ...onlyRight]) }, span, {
      notes: [`${showAxes(left)} ${what} ${showAxes(right)}`],
      help: [
        `map one to the other (\`Linear { to: [${l.name}] }\`), rename (\`[${r.name} -> ${l.name}]\`), or say that you mean it: \`repeat[${l.name}](…, ${l.size})\``,
      ],
    });
  }
  const target = resultAxes(a.axes, b.axes);
  return [spread(a, target), spread(b, target), target];
}

/** The order of the larger operand, with what only the smaller one has in front: no transpose in the common case. */
function resultAxes(a: readonly Axis[], b: readonly Axis[]): readonly Axis[] {
  const [large, small] = a.length >= b.length ? [a, b] : [b, a];
  const extra = small.filter((x) => !large.some((y) => sameAxis(x, y)));
  return extra.length === 0 ? large : [...extra, ...large];
}

export function unary(kind: UnaryOp, t: TensorVal): TensorVal {
  return wrap(t.frame, t.frame.builder.emit(kind, [t.node], {}), t.axes);
}

export function binary(
  ctx: Ctx,
  kind: BinaryOp | CompareOp,
  a: TensorVal,
  b: TensorVal,
  span: Span,
  sign: string,
): TensorVal {
  const [x, y, axes] = align(ctx, a, b, span, sign);
  return wrap(x.frame, x.frame.builder.emit(kind, [x.node, y.node], {}), axes);
}

export function select(ctx: Ctx, c: TensorVal, x: TensorVal, y: TensorVal, span: Span): TensorVal {
  const [x1, y1, xy] = align(ctx, x, y, span, "where");
  const [c2, x2, axes] = align(ctx, c, x1, span, "where");
  const y2 = spread(sameList(xy, axes) ? y1 : permuteInto(y1, axes), axes);
  const over = x.over ?? y.over;
  return wrap(x.frame, x.frame.builder.emit("select", [c2.node, x2.node, y2.node], {}), axes, over);
}

function permuteInto(t: TensorVal, axes: readonly Axis[]): TensorVal {
  return permute(
    t,
    axes.filter((a) => t.axes.some((b) => sameAxis(a, b))),
  );
}

function sameList(a: readonly Axis[], b: readonly Axis[]): boolean {
  return a.length === b.length && a.every((x, i) => sameAxis(x, b[i] as Axis));
}

export function cast(t: TensorVal, to: "float" | "index", over?: TensorVal["over"]): TensorVal {
  return wrap(t.frame, t.frame.builder.emit("cast", [t.node], { to }), t.axes, over);
}

/** Sum, largest, smallest over some axes, which vanish. */
export function reduce(
  kind: "reduce_sum" | "reduce_max" | "reduce_min",
  t: TensorVal,
  over: readonly Axis[],
): TensorVal {
  if (over.length === 0) return t;
  const axes = t.axes.map((a, i) => ({ a, i })).filter(({ a }) => over.some((b) => sameAxis(a, b)));
  const rest = t.axes.filter((a) => !over.some((b) => sameAxis(a, b)));
  return wrap(t.frame, t.frame.builder.emit(kind, [t.node], { axes: axes.map(({ i }) => i) }), rest);
}

export function scale(t: TensorVal, factor: number): TensorVal {
  if (factor === 1) return t;
  const c = t.frame.builder.constant(tensor(shapeOf(t.axes), namesOf(t.axes)), factor);
  return wrap(t.frame, t.frame.builder.emit("mul", [t.node, c], {}), t.axes);
}

export function mean(t: TensorVal, over: readonly Axis[]): TensorVal {
  let n = 1;
  for (const a of over) n *= a.size;
  return scale(reduce("reduce_sum", t, over), 1 / n);
}

/** Same dimensions, other names: `x[token -> key]`. */
export function relabel(t: TensorVal, axes: readonly Axis[]): TensorVal {
  const node = t.frame.builder.emit("reshape", [t.node], { shape: shapeOf(axes), axes: namesOf(axes) });
  return wrap(t.frame, node, axes, t.over);
}

/** Replaces the neighbouring axes `from` (in that order) by `to`; the elements keep their row-major order. */
export function regroup(t: TensorVal, from: readonly Axis[], to: readonly Axis[]): TensorVal {
  const first = t.axes.findIndex((a) => from.some((b) => sameAxis(a, b)));
  const rest = t.axes.filter((a) => !from.some((b) => sameAxis(a, b)));
  const before = t.axes.slice(0, first).filter((a) => !from.some((b) => sameAxis(a, b)));
  const after = rest.slice(before.length);
  const ordered = permute(t, [...before, ...from, ...after]);
  return relabel(ordered, [...before, ...to, ...after]);
}

/** Sum of the product over `contract`; axes of both sides that are equal align, the others are kept. Batch axes come first. */
export function dot(ctx: Ctx, a: TensorVal, b: TensorVal, contract: readonly Axis[], span: Span): TensorVal {
  checkSizes(ctx, a, b, span);
  const contracted = (x: Axis) => contract.some((c) => sameAxis(c, x));
  const position = (t: TensorVal, x: Axis) => t.axes.findIndex((y) => sameAxis(x, y));
  const shared = a.axes.filter((x) => !contracted(x) && position(b, x) >= 0);
  const batch = shared.map((x) => [position(a, x), position(b, x)] as const);
  const pairs = contract.map((x) => [position(a, x), position(b, x)] as const);
  const left = a.axes.filter((x) => !contracted(x) && position(b, x) < 0);
  const right = b.axes.filter((x) => !contracted(x) && position(a, x) < 0);
  const node = a.frame.builder.emit("dot", [a.node, b.node], { batch, contract: pairs });
  return wrap(a.frame, node, [...shared, ...left, ...right]);
}

export function slice(t: TensorVal, at: Axis, start: number, stop: number): TensorVal {
  const i = t.axes.findIndex((a) => sameAxis(a, at));
  if (start === 0 && stop === at.size) return t;
  const node = t.frame.builder.emit("slice", [t.node], {
    start: t.axes.map((_, k) => (k === i ? start : 0)),
    stop: t.axes.map((a, k) => (k === i ? stop : a.size)),
  });
  return wrap(
    t.frame,
    node,
    t.axes.map((a, k) => (k === i ? axis(a.name, stop - start, a.tag) : a)),
    t.over,
  );
}

/** One position; the axis goes. */
export function pick(t: TensorVal, at: Axis, index: number): TensorVal {
  const one = slice(t, at, index, index + 1);
  return relabel(
    one,
    one.axes.filter((_, k) => !sameAxis(t.axes[k] as Axis, at)),
  );
}

/** Some positions in the order given; neighbours that follow each other are one slice. */
export function choose(t: TensorVal, at: Axis, positions: readonly number[]): TensorVal {
  const runs: { start: number; stop: number }[] = [];
  for (const p of positions) {
    const last = runs[runs.length - 1];
    if (last && last.stop === p) last.stop = p + 1;
    else runs.push({ start: p, stop: p + 1 });
  }
  const pieces = runs.map((r) => slice(t, at, r.start, r.stop));
  return concatAlong(pieces, at);
}

/** Operands have the same axes in the same order, but for the size of `at`. */
export function concatAlong(pieces: readonly TensorVal[], at: Axis): TensorVal {
  const first = pieces[0];
  if (!first) throw new Error("concat of nothing");
  if (pieces.length === 1) return first;
  const i = first.axes.findIndex((a) => sameAxis(a, at));
  const node = first.frame.builder.emit(
    "concat",
    pieces.map((p) => p.node),
    { axis: i },
  );
  return wrap(
    first.frame,
    node,
    first.axes.map((a, k) => (k === i ? axis(a.name, node.type.shape[i] as number, a.tag) : a)),
    first.over,
  );
}

/** A new leading axis over tensors of equal axes (in any order). */
export function stack(ctx: Ctx, members: readonly TensorVal[], name: string, span: Span): TensorVal {
  const first = members[0];
  if (!first) throw new Error("stack of nothing");
  for (const m of members) checkSizes(ctx, first, m, span);
  const axes = unionAxes(...members.map((m) => m.axes));
  const added = axis(name, 1);
  const rows = members.map((m) => {
    const s = spread(m, axes);
    return relabel(s, [added, ...axes]);
  });
  return concatAlong(rows, added);
}

/** The axis last, as softmax and argsort want it; `back` restores the order. */
export function withLast(t: TensorVal, last: readonly Axis[], apply: (t: TensorVal) => Node): TensorVal {
  const rest = t.axes.filter((a) => !last.some((b) => sameAxis(a, b)));
  let merged = permute(t, [...rest, ...last]);
  const flat = axis(
    "flat",
    last.reduce((n, a) => n * a.size, 1),
  );
  if (last.length > 1) merged = relabel(merged, [...rest, flat]);
  let result = wrap(t.frame, apply(merged), merged.axes);
  if (last.length > 1) result = relabel(result, [...rest, ...last]);
  return permute(result, t.axes);
}

/** `x.at(token: keep)`: the axis is replaced by those of the index; axes of both align, `none` gives 0. */
export function lookUp(ctx: Ctx, t: TensorVal, at: Axis, index: TensorVal, span: Span): TensorVal {
  const others = { ...t, axes: t.axes.filter((a) => !sameAxis(a, at)) };
  checkSizes(ctx, others, index, span);
  const shared = index.axes.filter((a) => others.axes.some((b) => sameAxis(a, b)));
  const wanted = index.axes.filter((a) => !shared.some((b) => sameAxis(a, b)));
  const rest = others.axes.filter((a) => !shared.some((b) => sameAxis(a, b)));
  const x = permute(t, [...shared, at, ...rest]);
  const i = permute(index, [...shared, ...wanted]);
  const node = t.frame.builder.emit("take", [x.node, i.node], { batch: shared.length });
  return wrap(t.frame, node, [...shared, ...wanted, ...rest], t.over);
}

/** `x` with the rows at `index` replaced by those of `y` (indices are distinct). */
export function scatter(ctx: Ctx, x: TensorVal, at: Axis, index: TensorVal, y: TensorVal, span: Span): TensorVal {
  checkSizes(ctx, index, y, span);
  // a lifted axis of the indices is one set of indices for each element of the map, also where `x` is the same for all
  const kept = index.axes.filter((a) => a.tag === 0 && !x.axes.some((b) => sameAxis(a, b)));
  const rest = x.axes.filter((a) => !sameAxis(a, at) && !index.axes.some((b) => sameAxis(a, b)));
  const shared = unionAxes(
    index.axes.filter((a) => !kept.some((k) => sameAxis(a, k))),
    x.axes.filter((a) => a.tag !== 0 && !rest.some((r) => sameAxis(a, r))),
  );
  const hidden = y.axes.filter(
    (a) =>
      a.tag !== 0 &&
      !shared.some((s) => sameAxis(s, a)) &&
      !rest.some((r) => sameAxis(r, a)) &&
      !kept.some((k) => sameAxis(k, a)),
  );
  const batch = [...shared, ...hidden.filter((h) => index.axes.some((i) => sameAxis(i, h)))];
  const values = unionAxes(
    rest,
    hidden.filter((h) => !batch.some((s) => sameAxis(s, h))),
  );
  const i = spread(index, [...batch, ...kept]);
  const updates = spread(y, [...batch, ...kept, ...values]);
  const builder = x.frame.builder;
  const attrs = { batch: batch.length, size: at.size, axisName: at.name };
  const axes = [...batch, at, ...values];
  const put = wrap(x.frame, builder.emit("scatter_add", [i.node, updates.node], attrs), axes);
  const one = builder.constant(tensor(shapeOf([...batch, ...kept]), []), 1);
  const seen = wrap(x.frame, builder.emit("scatter_add", [i.node, one], attrs), [...batch, at]);
  const base = spread(x, axes);
  const mask = spread(seen, axes);
  const keep = wrap(
    x.frame,
    builder.emit("sub", [builder.constant(tensor(shapeOf(axes), []), 1), mask.node], {}),
    axes,
  );
  const left = wrap(x.frame, builder.emit("mul", [base.node, keep.node], {}), axes);
  return wrap(x.frame, builder.emit("add", [left.node, put.node], {}), axes);
}
