/** Ops that work on each element for itself. Operands that repeat are left to the node to repeat. */
import type { BinaryOp, CompareOp, UnaryOp } from "../../ir/attrs.js";
import type { OpOf, Value } from "../../ir/graph.js";
import { first, resultOf, second, third } from "../operands.js";
import { joint, type Scope } from "./scope.js";
import { typed } from "./writer.js";

/** `typeless`: the op is of bools only and takes no attribute `T`. */
export function unary(type: string, typeless = false): (ctx: Scope, op: OpOf<UnaryOp>) => void {
  return (ctx, op) => {
    const x = first(op);
    const { ref, shape } = ctx.form(x);
    ctx.set(resultOf(op), { ref: ctx.write.node(type, "y", [ref], typeless ? {} : typed(x.type.dtype)), shape });
  };
}

export function zip(ctx: Scope, type: string, x: Value, y: Value, typeless: boolean): { ref: string; shape: number[] } {
  const forms = [ctx.form(x), ctx.form(y)];
  const ref = ctx.write.node(
    type,
    "z",
    forms.map((f) => f.ref),
    typeless ? {} : typed(x.type.dtype),
  );
  return { ref, shape: joint(forms.map((f) => f.shape)) };
}

export function binary(type: string, typeless = false): (ctx: Scope, op: OpOf<BinaryOp | CompareOp>) => void {
  return (ctx, op) => {
    ctx.set(resultOf(op), zip(ctx, type, first(op), second(op), typeless));
  };
}

export function select(ctx: Scope, op: OpOf<"select">): void {
  const forms = [first(op), second(op), third(op)].map((v) => ctx.form(v));
  const ref = ctx.write.node(
    "SelectV2",
    "output",
    forms.map((f) => f.ref),
    typed(second(op).type.dtype),
  );
  ctx.set(resultOf(op), { ref, shape: joint(forms.map((f) => f.shape)) });
}

export function cast(ctx: Scope, op: OpOf<"cast">): void {
  const x = first(op);
  const { ref, shape } = ctx.form(x);
  const from = op.attrs.to === "index" ? ctx.write.node("Rint", "y", [ref], typed("float")) : ref;
  ctx.set(resultOf(op), { ref: ctx.convert(from, typed(x.type.dtype).T, typed(op.attrs.to).T), shape });
}
