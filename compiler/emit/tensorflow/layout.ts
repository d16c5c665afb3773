/** Ops that only move elements or put zeros beside them. */
import type { OpOf } from "../../ir/graph.js";
import { at, first, resultOf, second } from "../operands.js";
import { isSplat, type Scope } from "./scope.js";
import { int32, typed } from "./writer.js";

export function constant(ctx: Scope, op: OpOf<"constant">): void {
  const { dtype, shape, data } = op.attrs;
  const only = typeof data === "number" ? data : data.length === 1 ? data[0] : undefined;
  if (only !== undefined) ctx.set(resultOf(op), { ref: ctx.scalar(dtype, only), shape: [] });
  else if (typeof data !== "number") ctx.plain(resultOf(op), ctx.write.values(dtype, shape, data));
}

export function stopGradient(ctx: Scope, op: OpOf<"stop_gradient">): void {
  ctx.set(resultOf(op), ctx.form(first(op)));
}

/**
 * A control input, or what XLA has for it, which looks at no control inputs and would compute equal things once. An argument of the function
 * is there before all nodes.
 */
export function after(ctx: Scope, op: OpOf<"after">): void {
  const x = first(op);
  const form = ctx.form(x);
  const [late = "", port] = ctx.form(second(op)).ref.split(":");
  if (isSplat(form) || port === undefined) ctx.set(resultOf(op), form);
  else if (ctx.compiled) {
    const types = [x, second(op)].map((v) => typed(v.type.dtype).T.type);
    const both = [form.ref, ctx.form(second(op)).ref];
    const barrier = ctx.write.add("XlaOptimizationBarrier", both, { T: { types } });
    ctx.set(resultOf(op), { ...form, ref: `${barrier}:output:0` });
  } else
    ctx.set(resultOf(op), {
      ...form,
      ref: ctx.write.node("Identity", "output", [form.ref, `^${late}`], typed(x.type.dtype)),
    });
}

export function broadcast(ctx: Scope, op: OpOf<"broadcast">): void {
  const x = first(op);
  const form = ctx.form(x);
  if (isSplat(form)) {
    ctx.set(resultOf(op), form);
    return;
  }
  const shape = op.attrs.shape.map((_, d) => {
    const from = op.attrs.dims.indexOf(d);
    return from < 0 ? 1 : at(form.shape, from);
  });
  ctx.set(resultOf(op), { ref: ctx.reshape(form.ref, x.type.dtype, form.shape, shape), shape });
}

export function transpose(ctx: Scope, op: OpOf<"transpose">): void {
  const x = first(op);
  const form = ctx.form(x);
  if (isSplat(form)) {
    ctx.set(resultOf(op), form);
    return;
  }
  const { perm } = op.attrs;
  const attributes = { ...typed(x.type.dtype), Tperm: int32 };
  const ref = ctx.write.node("Transpose", "y", [form.ref, ctx.write.list(perm)], attributes);
  ctx.set(resultOf(op), { ref, shape: perm.map((d) => at(form.shape, d)) });
}

/** Dimensions that are larger than one. */
function wide(shape: readonly number[]): number[] {
  return shape.flatMap((n, d) => (n === 1 ? [] : [d]));
}

export function reshape(ctx: Scope, op: OpOf<"reshape">): void {
  const x = first(op);
  const form = ctx.form(x);
  const [from, to] = [x.type.shape, op.attrs.shape];
  if (isSplat(form)) {
    ctx.set(resultOf(op), form);
    return;
  }
  const [a, b] = [wide(from), wide(to)];
  // Only dimensions of size 1 come and go: what repeats goes on repeating.
  if (a.length === b.length && a.every((d, i) => from[d] === to[at(b, i)])) {
    const shape = to.map((_, d) => {
      const i = b.indexOf(d);
      return i < 0 ? 1 : at(form.shape, at(a, i));
    });
    ctx.set(resultOf(op), { ref: ctx.reshape(form.ref, x.type.dtype, form.shape, shape), shape });
    return;
  }
  ctx.plain(resultOf(op), ctx.reshape(ctx.full(x), x.type.dtype, from, to));
}

export function slice(ctx: Scope, op: OpOf<"slice">): void {
  const x = first(op);
  const form = ctx.form(x);
  if (isSplat(form)) {
    ctx.set(resultOf(op), form);
    return;
  }
  const { start, stop } = op.attrs;
  const repeats = form.shape.map((n, d) => n === 1 && x.type.shape[d] !== 1);
  const begin = start.map((s, d) => (repeats[d] ? 0 : s));
  const shape = start.map((s, d) => (repeats[d] ? 1 : at(stop, d) - s));
  const attributes = { ...typed(x.type.dtype), Index: int32 };
  const ref = ctx.write.node("Slice", "output", [form.ref, ctx.write.list(begin), ctx.write.list(shape)], attributes);
  ctx.set(resultOf(op), { ref, shape });
}

export function pad(ctx: Scope, op: OpOf<"pad">): void {
  const x = first(op);
  const { low, high } = op.attrs;
  const { dtype } = x.type;
  const padded = low.flatMap((n, d) => (n + at(high, d) > 0 ? [d] : []));
  const form = ctx.solid(x, padded);
  const pads = ctx.write.ints(
    [low.length, 2],
    low.flatMap((n, d) => [n, at(high, d)]),
  );
  const nothing = ctx.scalar(dtype, dtype === "index" ? -1 : 0);
  const ref = ctx.write.node("PadV2", "output", [form.ref, pads, nothing], { ...typed(dtype), Tpaddings: int32 });
  ctx.set(resultOf(op), { ref, shape: form.shape.map((n, d) => n + at(low, d) + at(high, d)) });
}

export function concat(ctx: Scope, op: OpOf<"concat">): void {
  const result = resultOf(op);
  const axis = ctx.write.ints([], [op.attrs.axis]);
  const attributes = { ...typed(result.type.dtype), N: { int: op.operands.length }, Tidx: int32 };
  ctx.plain(result, ctx.write.node("ConcatV2", "output", [...op.operands.map((v) => ctx.full(v)), axis], attributes));
}
