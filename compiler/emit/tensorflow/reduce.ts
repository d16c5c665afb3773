/** Ops along dimensions. */
import type { OpOf } from "../../ir/graph.js";
import { at, first, resultOf } from "../operands.js";
import { type Form, isSplat, type Scope } from "./scope.js";
import { int32, typed } from "./writer.js";

/** `form` has as many dimensions as the value. */
function collapse(ctx: Scope, type: string, form: Form, axes: readonly number[], attributes: object): Form {
  const shape = form.shape.filter((_, d) => !axes.includes(d));
  const ref = ctx.write.node(type, "output", [form.ref, ctx.write.list(axes)], {
    ...attributes,
    Tidx: int32,
    keep_dims: { bool: false },
  });
  return { ref, shape };
}

export function reduceSum(ctx: Scope, op: OpOf<"reduce_sum">): void {
  const { axes } = op.attrs;
  const x = first(op);
  const form = ctx.form(x);
  const size = (d: number): number => at(x.type.shape, d);
  const repeats = axes.filter((d) => isSplat(form) || (form.shape[d] === 1 && size(d) !== 1));
  let count = 1;
  for (const d of repeats) count *= size(d);
  const sum = isSplat(form) ? form : collapse(ctx, "Sum", form, axes, typed("float"));
  // Along a dimension that only repeats, the sum is a product.
  const ref = count === 1 ? sum.ref : ctx.write.node("Mul", "z", [sum.ref, ctx.scalar("float", count)], typed("float"));
  ctx.set(resultOf(op), { ref, shape: sum.shape });
}

/** `ofBools`: the op that does it for bools. */
export function reduceExtreme(
  type: "Max" | "Min",
  ofBools: "Any" | "All",
): (ctx: Scope, op: OpOf<"reduce_max"> | OpOf<"reduce_min">) => void {
  return (ctx, op) => {
    const x = first(op);
    const { dtype } = x.type;
    const form = ctx.form(x);
    const { axes } = op.attrs;
    if (isSplat(form)) ctx.set(resultOf(op), form);
    else
      ctx.set(
        resultOf(op),
        dtype === "bool" ? collapse(ctx, ofBools, form, axes, {}) : collapse(ctx, type, form, axes, typed(dtype)),
      );
  };
}

export function scan(type: "Cumsum" | "Cumprod"): (ctx: Scope, op: OpOf<"cumsum"> | OpOf<"cumprod">) => void {
  return (ctx, op) => {
    const { axis, exclusive, reverse } = op.attrs;
    const { ref, shape } = ctx.solid(first(op), [axis]);
    const flags = { exclusive: { bool: exclusive }, reverse: { bool: reverse } };
    const attributes = { ...typed("float"), Tidx: int32, ...flags };
    ctx.set(resultOf(op), { ref: ctx.write.node(type, "out", [ref, ctx.write.ints([], [axis])], attributes), shape });
  };
}

export function softmax(ctx: Scope, op: OpOf<"softmax">): void {
  const x = first(op);
  const { ref, shape } = ctx.solid(x, [x.type.shape.length - 1]);
  ctx.set(resultOf(op), { ref: ctx.write.node("Softmax", "softmax", [ref], typed("float")), shape });
}
