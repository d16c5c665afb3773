/** Ops that put tensors side by side, or zeros beside a tensor. */
import type { OpOf } from "../../ir/graph.js";
import { at, first, resultOf } from "../operands.js";
import { extent, identity, isSplat } from "./form.js";
import { commonOrder, type Scope } from "./scope.js";

/** A dimension along which all parts repeat stays a repetition; what one part only repeats is written out. */
export function concat(ctx: Scope, op: OpOf<"concat">): void {
  const { axis } = op.attrs;
  const { type } = resultOf(op);
  const forms = op.operands.map((v) => ctx.stored(v));
  const order = commonOrder(forms, [axis]).filter((d) => d >= 0);
  const sizes = order.map((d) => (forms.some((f) => extent(f, d) !== 1) ? at(type.shape, d) : 1));
  const names = forms.map((f, i) => {
    const { name, shape } = ctx.arrange(f, order, true);
    const size = at(op.operands[i]?.type.shape ?? [], axis);
    return ctx.repeat(
      name,
      shape,
      order.map((d, j) => (d === axis ? size : at(sizes, j))),
    );
  });
  const name = ctx.write.node("Concat", names, { axis: { int: order.indexOf(axis) } });
  ctx.set(resultOf(op), {
    name,
    shape: order.map((d, j) => (d === axis ? at(type.shape, d) : at(sizes, j))),
    map: order,
    scale: 1,
  });
}

export function pad(ctx: Scope, op: OpOf<"pad">): void {
  const { low, high } = op.attrs;
  const x = first(op);
  const form = ctx.form(x);
  const padded = identity(low.length).filter((d) => at(low, d) + at(high, d) > 0);
  if (padded.length === 0 || (isSplat(form) && form.splat === ctx.nothing(x.type.dtype))) {
    ctx.set(resultOf(op), form);
    return;
  }
  const solid = !isSplat(form) && padded.every((d) => extent(form, d) !== 1) ? form : ctx.solid(x, padded);
  const by = (pads: readonly number[]): number[] => solid.map.map((d) => (d < 0 ? 0 : at(pads, d)));
  const [before, after] = [by(low), by(high)];
  const shape = solid.shape.map((n, i) => n + at(before, i) + at(after, i));
  const name = ctx.write.node("Pad", [solid.name, ctx.write.list([...before, ...after]), ctx.zeroOf(x)]);
  ctx.set(resultOf(op), { ...solid, name, shape });
}
