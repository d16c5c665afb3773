/** Ops that work on each element for itself. Operands that repeat are left to the node to repeat. */
import type { BinaryOp, CompareOp, UnaryOp } from "../../ir/attrs.js";
import type { OpOf, Value } from "../../ir/graph.js";
import { first, resultOf, second, third } from "../operands.js";
import { type Form, isSplat, type Stored, scaled, storedSize, unscaled } from "./form.js";
import { biased } from "./product.js";
import type { Scope } from "./scope.js";

export function unary(type: string): (ctx: Scope, op: OpOf<UnaryOp>) => void {
  return (ctx, op) => {
    const x = ctx.stored(first(op));
    ctx.set(resultOf(op), { ...x, name: ctx.write.node(type, [x.name]) });
  };
}

export function negative(ctx: Scope, op: OpOf<"neg">): void {
  ctx.set(resultOf(op), scaled(ctx.form(first(op)), -1));
}

/** |x| < inf holds for neither infinity nor NaN, and is one node less than asking for both. */
export function finite(ctx: Scope, op: OpOf<"is_finite">): void {
  const x = ctx.stored(first(op));
  const size = ctx.write.node("Abs", [x.name]);
  const infinity = ctx.write.floats([], [Number.POSITIVE_INFINITY]);
  ctx.set(resultOf(op), { ...x, name: ctx.write.node("Less", [size, infinity]) });
}

export function zip(ctx: Scope, type: string, operands: readonly Stored[], scale = 1): Stored {
  const { names, shape, map } = ctx.align(operands);
  return { name: ctx.write.node(type, names), shape, map, scale };
}

/** Only the elements, no factor taken out: for nodes that are not linear. */
export function binary(type: string): (ctx: Scope, op: OpOf<BinaryOp | CompareOp>) => void {
  return (ctx, op) => {
    ctx.set(resultOf(op), zip(ctx, type, [ctx.stored(first(op)), ctx.stored(second(op))]));
  };
}

export function notEqual(ctx: Scope, op: OpOf<"ne">): void {
  const same = zip(ctx, "Equal", [ctx.stored(first(op)), ctx.stored(second(op))]);
  ctx.set(resultOf(op), { ...same, name: ctx.write.node("Not", [same.name]) });
}

/**
 * As it lies, with its factor still to be applied, for a product that can pass it on. Where the value has other readers too the factor is
 * applied once here, or each of them would apply it to its own result.
 */
function factor(ctx: Scope, value: Value): Stored {
  return ctx.onlyUse(value) ? ctx.scaledStored(value) : ctx.stored(value);
}

function product(ctx: Scope, a: Stored, b: Stored): Form {
  return scaled(zip(ctx, "Mul", [a, b].map(unscaled)), a.scale * b.scale);
}

/**
 * `x · s` or `x / s` for a single number `s`, where `x` is a tensor times or by a number that is known only at run time: the numbers are
 * put together first, and the tensor is walked over once.
 */
function gathered(ctx: Scope, type: "Mul" | "Div", x: Value, s: Value): [Stored, Stored] | undefined {
  const inner = x.op;
  if ((inner?.kind !== "mul" && inner?.kind !== "div") || !ctx.onlyUse(x)) return undefined;
  const [y, t] = [first(inner), second(inner)];
  // The product is part of an activation, which was made in one: its factors were not.
  if (!ctx.isMade(y) || !ctx.isMade(t)) return undefined;
  const [fs, fy, ft] = [ctx.form(s), ctx.form(y), ctx.form(t)];
  if (isSplat(fy) || isSplat(ft) || (!isSplat(fs) && storedSize(fs) !== 1)) return undefined;
  const turned = inner.kind === "mul" && storedSize(fy) === 1;
  const [big, small] = turned ? [fy, ft].reverse() : [fy, ft];
  if (!big || !small || storedSize(small) !== 1 || storedSize(big) === 1) return undefined;
  const [outer, own] = [isSplat(fs) ? splat(ctx, fs.splat) : ctx.settle(fs), ctx.settle(small)];
  const number =
    inner.kind === "mul"
      ? zip(ctx, type, [own, outer])
      : type === "Mul"
        ? zip(ctx, "Div", [outer, own])
        : zip(ctx, "Div", [splat(ctx, 1), zip(ctx, "Mul", [own, outer])]);
  return [big, number];
}

/** A factor known now goes into one known at run time, and is no walk over the tensor of its own. */
function timesSplat(ctx: Scope, x: Value, s: Value): Form | undefined {
  const both = gathered(ctx, "Mul", x, s);
  return both && product(ctx, ...both);
}

export function multiply(ctx: Scope, op: OpOf<"mul">): void {
  const [x, y] = [first(op), second(op)];
  const [fx, fy] = [ctx.form(x), ctx.form(y)];
  let result: Form;
  if (isSplat(fy)) result = timesSplat(ctx, x, y) ?? scaled(fx, fy.splat);
  else if (isSplat(fx)) result = timesSplat(ctx, y, x) ?? scaled(fy, fx.splat);
  else {
    const [a, b] = gathered(ctx, "Mul", x, y) ?? gathered(ctx, "Mul", y, x) ?? [factor(ctx, x), factor(ctx, y)];
    result = product(ctx, a, b);
  }
  ctx.set(resultOf(op), result);
}

export function divide(ctx: Scope, op: OpOf<"div">): void {
  const [x, y] = [first(op), second(op)];
  const [fx, fy] = [ctx.form(x), ctx.form(y)];
  let result: Form;
  if (isSplat(fy)) result = isSplat(fx) ? { splat: fx.splat / fy.splat } : scaled(fx, 1 / fy.splat);
  else {
    const both = gathered(ctx, "Div", x, y);
    const [a, b] = both ?? [isSplat(fx) ? ctx.stored(x) : factor(ctx, x), factor(ctx, y)];
    result = both ? product(ctx, a, b) : scaled(zip(ctx, "Div", [a, b].map(unscaled)), a.scale / b.scale);
  }
  ctx.set(resultOf(op), result);
}

export function sum(ctx: Scope, op: OpOf<"add">): void {
  const [x, y] = [first(op), second(op)];
  const product = biased(ctx, x, y) ?? biased(ctx, y, x);
  ctx.set(resultOf(op), product ?? add(ctx, x, y, 1));
}

export function difference(ctx: Scope, op: OpOf<"sub">): void {
  ctx.set(resultOf(op), add(ctx, first(op), second(op), -1));
}

/** x + sign · y, with the signs in the choice of node and a common factor left for later. */
function add(ctx: Scope, x: Value, y: Value, sign: 1 | -1): Form {
  const [fx, fy] = [ctx.form(x), scaled(ctx.form(y), sign)];
  if (isSplat(fx) && isSplat(fy)) return { splat: fx.splat + fy.splat };
  if (isSplat(fx) && fx.splat === 0) return fy;
  if (isSplat(fy) && fy.splat === 0) return fx;
  const a = isSplat(fx) ? ctx.stored(x) : ctx.onlyUse(x) || fx.scale === -1 ? fx : ctx.settle(fx);
  const b = isSplat(fy) ? splat(ctx, fy.splat) : ctx.onlyUse(y) || fy.scale === -1 ? fy : ctx.settle(fy);
  if (a.scale === b.scale) return scaled(zip(ctx, "Add", [a, b].map(unscaled)), a.scale);
  if (a.scale === -b.scale) return scaled(zip(ctx, "Sub", [a, b].map(unscaled)), a.scale);
  if (b.scale === -1) return zip(ctx, "Sub", [ctx.settle(a), unscaled(b)]);
  if (a.scale === -1) return zip(ctx, "Sub", [ctx.settle(b), unscaled(a)]);
  return zip(ctx, "Add", [ctx.settle(a), ctx.settle(b)]);
}

function splat(ctx: Scope, value: number): Stored {
  return { name: ctx.write.floats([], [value]), shape: [], map: [], scale: 1 };
}

/** x - y · floor(x / y): the sign of the divisor, which ONNX's Mod does not have for floats. */
export function modulo(ctx: Scope, op: OpOf<"mod">): void {
  const x = ctx.stored(first(op));
  const y = ctx.stored(second(op));
  const ratio = zip(ctx, "Div", [x, y]);
  const whole = { ...ratio, name: ctx.write.node("Floor", [ratio.name]) };
  ctx.set(resultOf(op), zip(ctx, "Sub", [x, zip(ctx, "Mul", [whole, y])]));
}

export function select(ctx: Scope, op: OpOf<"select">): void {
  const operands = [ctx.stored(first(op)), ctx.stored(second(op)), ctx.stored(third(op))];
  ctx.set(resultOf(op), where(ctx, operands, resultOf(op).type.dtype === "bool"));
}

/** Where has no kernel for bools in onnxruntime. */
function where(ctx: Scope, operands: readonly Stored[], bool: boolean): Stored {
  if (!bool) return zip(ctx, "Where", operands);
  const { names, shape, map } = ctx.align(operands);
  const [c = "", x = "", y = ""] = names;
  const taken = ctx.write.node("And", [c, x]);
  const other = ctx.write.node("And", [ctx.write.node("Not", [c]), y]);
  return { name: ctx.write.node("Or", [taken, other]), shape, map, scale: 1 };
}

export function cast(ctx: Scope, op: OpOf<"cast">): void {
  const x = ctx.stored(first(op));
  const name =
    op.attrs.to === "float"
      ? ctx.write.node("Cast", [x.name], { to: { int: 1 } })
      : ctx.write.node("Cast", [ctx.write.node("Round", [x.name])], { to: { int: 7 } });
  ctx.set(resultOf(op), { ...x, name });
}
