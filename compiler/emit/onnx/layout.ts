/** Ops that only move elements. Most of them are a change of form and no node. */
import { type OpOf, sizeOf } from "../../ir/graph.js";
import { at, first, resultOf, second } from "../operands.js";
import { extent, identity, isSplat, live, remap, type Stored, storedSize } from "./form.js";
import type { Scope } from "./scope.js";

export function constant(ctx: Scope, op: OpOf<"constant">): void {
  const { dtype, shape, data } = op.attrs;
  const result = resultOf(op);
  const only = typeof data === "number" ? data : data.length === 1 ? (data[0] ?? 0) : undefined;
  if (only !== undefined) ctx.set(result, { splat: dtype === "bool" ? Number(only !== 0) : only });
  else if (typeof data !== "number") {
    const write = ctx.write;
    const name =
      dtype === "float"
        ? write.floats(shape, data)
        : dtype === "index"
          ? write.ints(shape, data)
          : write.bools(shape, data);
    ctx.plain(result, name);
  }
}

export function broadcast(ctx: Scope, op: OpOf<"broadcast">): void {
  ctx.set(
    resultOf(op),
    remap(ctx.form(first(op)), (d) => at(op.attrs.dims, d)),
  );
}

export function transpose(ctx: Scope, op: OpOf<"transpose">): void {
  ctx.set(
    resultOf(op),
    remap(ctx.form(first(op)), (d) => op.attrs.perm.indexOf(d)),
  );
}

export function stopGradient(ctx: Scope, op: OpOf<"stop_gradient">): void {
  ctx.set(resultOf(op), ctx.form(first(op)));
}

/**
 * A reshape to the shape it has, which comes from a choice between two equal shapes by an element of `y`: no copy, and onnxruntime, which
 * orders nodes by what they read, cannot do it before `y` is there.
 */
export function after(ctx: Scope, op: OpOf<"after">): void {
  const form = ctx.form(first(op));
  const late = ctx.form(second(op));
  if (isSplat(form) || isSplat(late) || storedSize(late) === 0) {
    ctx.set(resultOf(op), form);
    return;
  }
  const { write } = ctx;
  const list = (n: number): string => write.list([n]);
  const row = write.node("Reshape", [late.name, list(-1)]);
  const element = write.node("Slice", [row, list(0), list(1), list(0)]);
  const choice = write.node("Cast", [element], { to: { int: 9 } });
  const shape = write.list(form.shape);
  const same = write.node("Where", [choice, shape, shape]);
  ctx.set(resultOf(op), { ...form, name: write.node("Reshape", [form.name, same]) });
}

export function slice(ctx: Scope, op: OpOf<"slice">): void {
  const { start, stop } = op.attrs;
  const x = first(op);
  const form = ctx.form(x);
  const length = (d: number): number => at(stop, d) - at(start, d);
  if (isSplat(form)) {
    ctx.set(resultOf(op), form);
    return;
  }
  const cut = identity(form.map.length).filter((i) => {
    const d = at(form.map, i);
    return form.shape[i] !== 1 && length(d) !== form.shape[i];
  });
  if (cut.length === 0) {
    ctx.set(resultOf(op), form);
    return;
  }
  const dims = cut.map((i) => at(form.map, i));
  const list = (values: readonly number[]): string => ctx.write.list(values);
  const name = ctx.write.node("Slice", [
    form.name,
    list(dims.map((d) => at(start, d))),
    list(dims.map((d) => at(stop, d))),
    list(cut),
  ]);
  const shape = form.shape.map((n, i) => (cut.includes(i) ? length(at(form.map, i)) : n));
  ctx.set(resultOf(op), { ...form, name, shape });
}

interface Group {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** The smallest runs of dimensions of the two shapes that hold the same elements. Dimensions of size 1 are in no group. */
function groups(from: readonly number[], to: readonly number[]): Group[] {
  const wide = (shape: readonly number[]): number[] => identity(shape.length).filter((d) => shape[d] !== 1);
  const [a, b] = [wide(from), wide(to)];
  const result: Group[] = [];
  let [i, j] = [0, 0];
  while (i < a.length) {
    const [i0, j0] = [i, j];
    let size = at(from, at(a, i++));
    let other = at(to, at(b, j++));
    while (size !== other) {
      if (size < other) size *= at(from, at(a, i++));
      else other *= at(to, at(b, j++));
    }
    result.push({ from: a.slice(i0, i), to: b.slice(j0, j) });
  }
  return result;
}

/** Whether the group's dimensions lie side by side and in order, so that a reshape may merge them where they are. */
function together(order: readonly number[], group: Group): boolean {
  const at0 = order.indexOf(group.from[0] ?? -1);
  return group.from.every((d, i) => order[at0 + i] === d);
}

export function reshape(ctx: Scope, op: OpOf<"reshape">): void {
  const x = first(op);
  const result = resultOf(op);
  const form = ctx.form(x);
  if (isSplat(form)) {
    ctx.set(result, form);
    return;
  }
  const [from, to] = [x.type.shape, op.attrs.shape];
  if (sizeOf(from) === 0) {
    ctx.plain(result, ctx.reshape(ctx.full(x), from, to));
    return;
  }
  const all = groups(from, to);
  const varying = all.filter((g) => g.from.some((d) => extent(form, d) !== 1));
  if (varying.every((g) => g.from.length === 1 && g.to.length === 1)) {
    const target = new Map(varying.map((g) => [g.from[0] ?? -1, g.to[0] ?? -1]));
    ctx.set(
      result,
      remap(form, (d) => target.get(d) ?? -1),
    );
    return;
  }
  const order = live(form);
  // Where they lie if every group can be merged there, else in the order of the value.
  const inPlace = varying.every((g) => together(order, g));
  const sorted = inPlace
    ? [...varying].sort((g, h) => order.indexOf(g.from[0] ?? 0) - order.indexOf(h.from[0] ?? 0))
    : varying;
  const source = sorted.flatMap((g) => g.from);
  const arranged = ctx.arrange(form, source, true);
  const name = ctx.repeat(
    arranged.name,
    arranged.shape,
    source.map((d) => at(from, d)),
  );
  const map = sorted.flatMap((g) => g.to);
  const shape = map.map((d) => at(to, d));
  const moved: Stored = {
    name: ctx.reshape(
      name,
      source.map((d) => at(from, d)),
      shape,
    ),
    shape,
    map,
    scale: form.scale,
  };
  ctx.set(result, moved);
}
