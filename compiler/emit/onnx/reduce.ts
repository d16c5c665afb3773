/** Ops along a dimension. */
import { type OpOf, sizeOf, type Value } from "../../ir/graph.js";
import { at, first, resultOf } from "../operands.js";
import { extent, identity, isSplat, live, remap, type Stored, sameList, scaled } from "./form.js";
import type { Scope } from "./scope.js";

/** Dimensions are reduced to size 1 and kept: whoever repeats the result along them, as a norm does, then need not put them back. */
function collapse(ctx: Scope, type: string, form: Stored, axes: readonly number[]): Stored {
  const positions = identity(form.map.length).filter((i) => axes.includes(at(form.map, i)) && form.shape[i] !== 1);
  const shape = form.shape.map((n, i) => (positions.includes(i) ? 1 : n));
  const name =
    positions.length === 0
      ? form.name
      : ctx.write.node(type, [form.name, ctx.write.list(positions)], { keepdims: { int: 1 } });
  return { ...form, name, shape };
}

/** Dimensions of the result after `axes` vanish. */
function without(axes: readonly number[]): (d: number) => number {
  return (d) => (axes.includes(d) ? -1 : d - axes.filter((a) => a < d).length);
}

/** A product that wants the value in order will have it moved anyway, and sums over its first dimensions are faster there. */
function inOrder(ctx: Scope, value: Value, form: Stored): Stored {
  const order = live(form).sort((a, b) => a - b);
  if (sameList(order, live(form)) || !ctx.feedsProduct(value)) return form;
  const { name, shape } = ctx.arrange(form, order, true);
  return { name, shape, map: order, scale: form.scale };
}

export function reduceSum(ctx: Scope, op: OpOf<"reduce_sum">): void {
  const { axes } = op.attrs;
  const x = first(op);
  const form = ctx.form(x);
  const size = (d: number): number => at(x.type.shape, d);
  if (isSplat(form)) ctx.set(resultOf(op), { splat: form.splat * sizeOf(axes.map(size)) });
  else {
    // Along a dimension that only repeats, the sum is a product.
    const repeats = axes.filter((d) => extent(form, d) === 1).map(size);
    const sum = collapse(ctx, "ReduceSum", inOrder(ctx, x, form), axes);
    ctx.set(resultOf(op), remap(scaled(sum, sizeOf(repeats)), without(axes)));
  }
}

export function reduceExtreme(
  type: "ReduceMax" | "ReduceMin",
): (ctx: Scope, op: OpOf<"reduce_max"> | OpOf<"reduce_min">) => void {
  return (ctx, op) => {
    const { axes } = op.attrs;
    const x = first(op);
    const form = ctx.form(x);
    if (isSplat(form)) {
      ctx.set(resultOf(op), form);
      return;
    }
    const bool = x.type.dtype === "bool";
    const stored = ctx.settle(form);
    const from = bool ? { ...stored, name: ctx.write.node("Cast", [stored.name], { to: { int: 6 } }) } : stored;
    const reduced = collapse(ctx, type, from, axes);
    const name = bool ? ctx.write.node("Cast", [reduced.name], { to: { int: 9 } }) : reduced.name;
    ctx.set(resultOf(op), remap({ ...reduced, name }, without(axes)));
  };
}

export function softmax(ctx: Scope, op: OpOf<"softmax">): void {
  const x = first(op);
  const last = x.type.shape.length - 1;
  const form = ctx.stored(x);
  // The node is fast along the last dimension only.
  const fits = form.map[form.map.length - 1] === last && extent(form, last) === at(x.type.shape, last);
  const from = fits ? form : ctx.solid(x, [last]);
  ctx.set(resultOf(op), { ...from, name: ctx.write.node("Softmax", [from.name], { axis: { int: -1 } }) });
}

export function cumsum(ctx: Scope, op: OpOf<"cumsum">): void {
  const { axis, exclusive, reverse } = op.attrs;
  const x = ctx.solid(first(op), [axis]);
  const flags = { exclusive: { int: exclusive ? 1 : 0 }, reverse: { int: reverse ? 1 : 0 } };
  ctx.set(resultOf(op), { ...x, name: ctx.write.node("CumSum", [x.name, ctx.write.ints([], [axis])], flags) });
}

/** Each round multiplies by the products that end twice as far away: log2(n) nodes, as ONNX has none for it. */
export function cumprod(ctx: Scope, op: OpOf<"cumprod">): void {
  const { axis, exclusive, reverse } = op.attrs;
  const x = ctx.solid(first(op), [axis]);
  const size = at(x.shape, axis);
  const one = ctx.write.floats([], [1]);
  const shifted = (name: string, by: number): string => {
    const [low, high] = x.shape
      .map((_, d) => (d === axis ? by : 0))
      .reduce<[number[], number[]]>(
        ([l, h], n) =>
          reverse
            ? [
                [...l, 0 - n],
                [...h, n],
              ]
            : [
                [...l, n],
                [...h, 0 - n],
              ],
        [[], []],
      );
    return ctx.write.node("Pad", [name, ctx.write.list([...low, ...high]), one]);
  };
  let name = exclusive && size > 0 ? shifted(x.name, 1) : x.name;
  for (let reach = 1; reach < size; reach *= 2) name = ctx.write.node("Mul", [name, shifted(name, reach)]);
  ctx.set(resultOf(op), { ...x, name });
}
