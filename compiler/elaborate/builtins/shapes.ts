import { tensor } from "../../ir/graph.js";
import { type Axis, axis, findVisible, namesOf, sameAxis, shapeOf, unionAxes, visible } from "../axes.js";
import { toNumber, toTensor } from "../convert.js";
import { wholeNumber } from "../expr.js";
import { sideAxes } from "../reindex.js";
import {
  choose,
  concatAlong,
  constant,
  dot,
  lookUp,
  pick,
  relabel,
  scatter,
  slice,
  spread,
  stack,
  withLast,
  wrap,
} from "../tensors.js";
import type { TensorVal, Val } from "../values.js";
import { num } from "../values.js";
import {
  arg,
  argument,
  axisOn,
  type Builtin,
  type Call,
  expectCount,
  namedAxes,
  oneAxis,
  tensorArg,
} from "./builtin.js";

function tensors(call: Call): TensorVal[] {
  return call.args.positional.map((a, i) => toTensor(call.scope, arg(call, i), a.span));
}

function intArg(call: Call, i: number, name?: string): number {
  const a = argument(call, i, name);
  return wholeNumber(call.scope, toNumber(call.scope, a.value, a.span, "a whole number"), a.span);
}

/** `concat[a](x, y)`, `concat[a -> b](x, y)`: an operand without the axis counts as one position; other axes are spread over the union. */
function concat(call: Call): Val {
  const item = call.brackets?.[0];
  const from = item?.kind === "to" ? sideAxes(item.left, call.scope)[0] : oneAxis(call);
  const to = item?.kind === "to" ? sideAxes(item.right, call.scope)[0] : from;
  if (!from || !to) return call.scope.ctx.fail("one-axis", { name: "concat" }, call.span);
  const parts = tensors(call);
  if (parts.length === 0)
    return call.scope.ctx.fail("argument-count", { name: "concat", wanted: "1 or more", found: 0 }, call.span);
  if (!parts.some((p) => findVisible(p.axes, from.name))) axisOn(call, parts[0] as TensorVal, from.name);
  const others = unionAxes(...parts.map((p) => p.axes.filter((a) => !(a.tag === 0 && a.name === from.name))));
  checkSame(call, parts, from.name);
  const model = parts.find((p) => findVisible(p.axes, from.name)) as TensorVal;
  const order = [...others.filter((a) => !model.axes.some((b) => sameAxis(a, b))), ...model.axes];
  const rows = parts.map((p) => {
    const own = findVisible(p.axes, from.name);
    const target = order.map((a) => (a.tag === 0 && a.name === from.name ? axis(from.name, own?.size ?? 1) : a));
    if (own) return spread(p, target);
    const without = spread(
      p,
      target.filter((a) => !(a.tag === 0 && a.name === from.name)),
    );
    return relabel(without, target);
  });
  const joined = concatAlong(rows, axis(from.name, 1));
  return to.name === from.name
    ? joined
    : relabel(
        joined,
        joined.axes.map((a) => (a.tag === 0 && a.name === from.name ? axis(to.name, a.size) : a)),
      );
}

function checkSame(call: Call, parts: readonly TensorVal[], but: string): void {
  const sizes = new Map<string, number>();
  for (const p of parts)
    for (const a of visible(p.axes)) {
      if (a.name === but) continue;
      const before = sizes.get(a.name);
      if (before !== undefined && before !== a.size)
        call.scope.ctx.fail("axis-mismatch", { axis: a.name, here: a.size, there: before }, call.span);
      sizes.set(a.name, a.size);
    }
}

function repeat(call: Call): Val {
  expectCount(call, 2);
  const name = oneAxis(call).name;
  const t = tensorArg(call, 0);
  if (findVisible(t.axes, name)) return call.scope.ctx.fail("axis-collision", { axis: name }, call.span);
  return spread(t, [...t.axes, axis(name, intArg(call, 1, "n"))]);
}

/** Sliding windows, zeros around: one slice a position of the window, stacked. */
function windows(call: Call): Val {
  const [along, into] = namedAxes(call);
  if (!along || !into) return call.scope.ctx.fail("axis-argument", { name: "windows", axes: "two axes" }, call.span);
  const t = tensorArg(call, 0);
  const a = axisOn(call, t, along.name);
  const size = intArg(call, 1, "size");
  const pad = intArg(call, 2, "pad");
  const after = call.args.named.has("after") ? intArg(call, 3, "after") : pad;
  const stride = call.args.named.has("stride") ? intArg(call, 4, "stride") : 1;
  const i = t.axes.indexOf(a);
  const length = pad + a.size + after;
  if (length < size || stride < 1)
    return call.scope.ctx.fail("window-size", { size, axis: a.name, length, stride }, call.span);
  const out = Math.floor((length - size) / stride) + 1;
  // The last window's rest of a stride, so that the axis splits evenly.
  const spare = Math.max(0, size - 1 + out * stride - length);
  const padded = widened(t, i, pad, after + spare);
  const long = padded.axes[i] as Axis;
  const added = axis(into.name, 1);
  const rows = Array.from({ length: size }, (_, k) => {
    const s = everyOther(slice(padded, long, k, k + out * stride), i, stride);
    return relabel(s, [...s.axes, added]);
  });
  return concatAlong(rows, added);
}

function widened(t: TensorVal, i: number, low: number, high: number): TensorVal {
  const at = (n: number) => t.axes.map((_, k) => (k === i ? n : 0));
  const node = t.frame.builder.emit("pad", [t.node], { low: at(low), high: at(high) });
  return wrap(
    t.frame,
    node,
    t.axes.map((x, k) => (k === i ? axis(x.name, low + x.size + high, x.tag) : x)),
  );
}

/** The first of each `stride` positions of axis `i`. */
function everyOther(t: TensorVal, i: number, stride: number): TensorVal {
  const a = t.axes[i];
  if (!a || stride === 1) return t;
  const inner = axis("stride", stride, -1);
  const split = relabel(t, [
    ...t.axes.slice(0, i),
    axis(a.name, a.size / stride, a.tag),
    inner,
    ...t.axes.slice(i + 1),
  ]);
  return relabel(
    slice(split, inner, 0, 1),
    split.axes.filter((x) => x !== inner),
  );
}

/** Linear, half-pixel centres, along one axis: a product with a constant matrix. A square of tokens is resized along both sides. */
function resize(call: Call): Val {
  expectCount(call, 2);
  const name = oneAxis(call).name;
  const t = tensorArg(call, 0);
  const a = axisOn(call, t, name);
  const n = intArg(call, 1, "n");
  if (name !== "token") return along(call, t, a, n);
  const from = Math.round(Math.sqrt(a.size));
  const to = Math.round(Math.sqrt(n));
  if (from * from !== a.size || to * to !== n) return along(call, t, a, n);
  const i = t.axes.indexOf(a);
  const grid = relabel(t, [...t.axes.slice(0, i), axis("row#", from), axis("col#", from), ...t.axes.slice(i + 1)]);
  const rows = along(call, grid, grid.axes[i] as Axis, to);
  const both = along(call, rows, rows.axes.find((x) => x.name === "col#") as Axis, to);
  return relabel(both, [...both.axes.slice(0, i), axis(name, n), ...both.axes.slice(i + 2)]);
}

function along(call: Call, t: TensorVal, a: Axis, n: number): TensorVal {
  const data = new Float64Array(a.size * n);
  for (let k = 0; k < n; k++) {
    const x = Math.min(Math.max(((k + 0.5) * a.size) / n - 0.5, 0), a.size - 1);
    const low = Math.floor(x);
    const high = Math.min(low + 1, a.size - 1);
    data[low * n + k] = (data[low * n + k] ?? 0) + 1 - (x - low);
    data[high * n + k] = (data[high * n + k] ?? 0) + (x - low);
  }
  const fresh = axis(`${a.name}+`, n);
  const m = constant(t.frame, data, [a, fresh]);
  const y = dot(call.scope.ctx, t, m, [a], call.span);
  const order = t.axes.map((x) => (sameAxis(x, a) ? fresh : x));
  return relabel(
    spread(y, order),
    t.axes.map((x) => (sameAxis(x, a) ? axis(a.name, n, a.tag) : x)),
  );
}

function roll(call: Call): Val {
  expectCount(call, 2);
  const t = toTensor(call.scope, arg(call, 0), argument(call, 0).span);
  const a = axisOn(call, t, oneAxis(call).name);
  const n = ((intArg(call, 1, "n") % a.size) + a.size) % a.size;
  return choose(
    t,
    a,
    Array.from({ length: a.size }, (_, k) => (k - n + a.size) % a.size),
  );
}

function sorted(call: Call, descending: boolean): { index: TensorVal; along: Axis } {
  const t = tensorArg(call, 0);
  const a = t.axes.length === 0 || call.name === "argsort" ? axisOn(call, t, oneAxis(call).name) : topkAxis(call, t);
  const index = withLast(t, [a], (x) => x.frame.builder.emit("argsort", [x.node], { descending }));
  return { index: { ...index, dtype: "index", over: { axis: a.name, size: a.size } }, along: a };
}

function topkAxis(call: Call, t: TensorVal): Axis {
  return axisOn(call, t, oneAxis(call).name);
}

function scattered(call: Call): Val {
  const x = tensorArg(call, 0);
  const a = axisOn(call, x, oneAxis(call).name);
  const at = call.args.named.get("at");
  if (!at) return call.scope.ctx.fail("missing-argument", { name: "at" }, call.span);
  const index = toTensor(call.scope, at.value, at.span);
  if (index.dtype !== "index")
    return call.scope.ctx.fail("operand-kind", { op: "scatter", found: "positions that are numbers" }, at.span);
  return scatter(call.scope.ctx, x, a, index, tensorArg(call, 1, "y"), call.span);
}

/** `position(i)`: from 1; 0 for `none`. */
function positionOf(call: Call): Val {
  expectCount(call, 1);
  const v = arg(call, 0);
  if (v.kind === "none") return num(0);
  const t = toTensor(call.scope, v, argument(call, 0).span);
  if (t.dtype !== "index")
    return call.scope.ctx.fail(
      "operand-kind",
      { op: "position", found: "a tensor of numbers" },
      argument(call, 0).span,
    );
  const f = wrap(t.frame, t.frame.builder.emit("cast", [t.node], { to: "float" }), t.axes);
  const one = t.frame.builder.constant(tensor(shapeOf(t.axes), namesOf(t.axes)), 1);
  return wrap(t.frame, t.frame.builder.emit("add", [f.node, one], {}), t.axes);
}

/** `position[a]`, `position[a: n]`, `zeros[a: n]`, `ones[a: n]`: tensors that need no argument. */
export function filled(call: Call): Val {
  const refs = namedAxes(call);
  const axes = refs.map((r) =>
    axis(
      r.name,
      r.size ?? call.scope.axisSize(r.name) ?? call.scope.ctx.fail("unsized-axis", { axis: r.name }, call.span),
    ),
  );
  if (call.name === "zeros" || call.name === "ones")
    return constant(call.scope.frame, call.name === "ones" ? 1 : 0, axes);
  const a = axes[0];
  if (!a || axes.length !== 1) return call.scope.ctx.fail("one-axis", { name: call.name }, call.span);
  return constant(
    call.scope.frame,
    Array.from({ length: a.size }, (_, i) => i + 1),
    axes,
  );
}

function linspace(call: Call): Val {
  expectCount(call, 2);
  const ref = oneAxis(call);
  const n = ref.size ?? call.scope.axisSize(ref.name);
  if (n === undefined) return call.scope.ctx.fail("unsized-axis", { axis: ref.name }, call.span);
  const x = toNumber(call.scope, arg(call, 0), argument(call, 0).span);
  const y = toNumber(call.scope, arg(call, 1), argument(call, 1).span);
  return constant(
    call.scope.frame,
    Array.from({ length: n }, (_, i) => (n === 1 ? x : x + (i * (y - x)) / (n - 1))),
    [axis(ref.name, n)],
  );
}

export const shapes: Record<string, Builtin> = {
  concat: { signature: "concat[a](x, y, …)", run: concat },
  stack: {
    signature: "stack[a](x, y, …)",
    run: (call) => {
      const members = tensors(call);
      const name = oneAxis(call).name;
      if (members.length === 0)
        return call.scope.ctx.fail("argument-count", { name: "stack", wanted: "1 or more", found: 0 }, call.span);
      if (members.some((m) => findVisible(m.axes, name)))
        return call.scope.ctx.fail("axis-collision", { axis: name }, call.span);
      return stack(call.scope.ctx, members, name, call.span);
    },
  },
  unstack: {
    signature: "unstack[a](x)",
    run: (call) => {
      expectCount(call, 1);
      const t = toTensor(call.scope, arg(call, 0), argument(call, 0).span);
      const a = axisOn(call, t, oneAxis(call).name);
      return { kind: "tuple", items: Array.from({ length: a.size }, (_, i) => pick(t, a, i)) };
    },
  },
  repeat: { signature: "repeat[a](x, n)", run: repeat },
  windows: { signature: "windows[a, b](x, size, pad, after, stride)", run: windows },
  resize: { signature: "resize[a](x, n)", run: resize },
  roll: { signature: "roll[a](x, n)", run: roll },
  scatter: { signature: "scatter[a](x, at: i, y)", run: scattered },
  argsort: {
    signature: "argsort[a](x)",
    run: (call) => {
      expectCount(call, 1);
      return sorted(call, false).index;
    },
  },
  topk: {
    signature: "topk[a](x, n)",
    run: (call) => {
      expectCount(call, 2);
      const { index, along: a } = sorted(call, true);
      const n = intArg(call, 1, "n");
      if (n < 1 || n > a.size)
        return call.scope.ctx.fail(
          "index-range",
          { name: "topk", index: n, range: `1..${a.size}` },
          argument(call, 1).span,
        );
      const first = slice(index, a, 0, n);
      return {
        ...relabel(
          first,
          first.axes.map((x) => (x.tag === 0 && x.name === a.name ? axis("kept", n) : x)),
        ),
        over: index.over,
      };
    },
  },
  position: { signature: "position[a], position(i)", run: positionOf },
  zeros: { signature: "zeros[a: n]", run: filled },
  ones: { signature: "ones[a: n]", run: filled },
  linspace: { signature: "linspace[a: n](x, y)", run: linspace },
  size: {
    signature: "size[a](x)",
    run: (call) => {
      expectCount(call, 1);
      return num(axisOn(call, toTensor(call.scope, arg(call, 0), argument(call, 0).span), oneAxis(call).name).size);
    },
  },
  deal: {
    signature: "deal(l, k)",
    run: (call) => {
      expectCount(call, 2);
      const l = arg(call, 0);
      const k = toTensor(call.scope, arg(call, 1), argument(call, 1).span);
      if (l.kind !== "list" || l.items.length === 0)
        return call.scope.ctx.fail(
          "wrong-kind",
          { wanted: "a list of positions", found: l.kind },
          argument(call, 0).span,
        );
      const positions = l.items.map((x) =>
        wholeNumber(call.scope, toNumber(call.scope, x, argument(call, 0).span), argument(call, 0).span),
      );
      const top = Math.max(...positions);
      const item = axis("item", positions.length);
      const list = constant(
        call.scope.frame,
        positions.map((p) => p - 1),
        [item],
        "index",
      );
      const b = call.scope.frame.builder;
      const f = b.emit("cast", [k.node], { to: "float" });
      const wrapped = b.emit("mod", [f, b.constant(tensor(shapeOf(k.axes), namesOf(k.axes)), positions.length)], {});
      const i = wrap(call.scope.frame, b.emit("cast", [wrapped], { to: "index" }), k.axes);
      const listNumbers = wrap(call.scope.frame, b.emit("cast", [list.node], { to: "float" }), [item]);
      const dealt = lookUp(call.scope.ctx, listNumbers, item, i, call.span);
      const size = call.scope.axisSize("class") ?? top;
      const index = b.emit("cast", [dealt.node], { to: "index" });
      if (top > size)
        return call.scope.ctx.fail(
          "index-range",
          { name: "label", index: top, range: `1..${size}` },
          argument(call, 0).span,
        );
      return wrap(call.scope.frame, index, dealt.axes, { axis: "class", size });
    },
  },
};
