/**
 * What is known of the elements of a value without running anything. The derivative rules ask it whether a factor can be infinite, so that
 * a normalisation (`x / sqrt(mean(x²) + eps)`) needs no guard and `ln(x)` does. Parameters are taken to be finite and rounding is left out
 * of account: sums and products of finite numbers are finite.
 */

import { constantOf, splatOf } from "./constant.js";
import type { Fn, Op, Value } from "./graph.js";
import { elements } from "./types.js";

export interface Facts {
  /** Bounds of every element that is a number. */
  readonly lo: number;
  readonly hi: number;
  readonly nonzero: boolean;
  /** Neither infinite nor not-a-number. */
  readonly finite: boolean;
}

const INF = Number.POSITIVE_INFINITY;
export const anyFinite: Facts = { lo: -INF, hi: INF, nonzero: false, finite: true };
const nothing: Facts = { ...anyFinite, finite: false };

/** Above this `exp` is infinite in 32 bits. */
const EXP_LIMIT = 88;

const known = new WeakMap<Value, Facts>();

/** Tells what is known of a parameter, from where its arguments are known. */
export function assume(v: Value, facts: Facts): void {
  known.set(v, facts);
}

export function factsOf(v: Value, fns: ReadonlyMap<string, Fn>): Facts {
  const found = known.get(v);
  if (found) return found;
  // Depth first with a stack of our own: chains of ops are longer than the call stack.
  const stack: Value[] = [v];
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    if (known.has(top)) {
      stack.pop();
      continue;
    }
    const needs = dependencies(top, fns);
    let ready = true;
    for (const need of needs)
      if (!known.has(need)) {
        stack.push(need);
        ready = false;
      }
    if (!ready) continue;
    stack.pop();
    const facts = needs.map((need) => known.get(need) ?? nothing);
    known.set(top, top.op ? conclude(top.op, facts) : anyFinite);
  }
  return known.get(v) ?? nothing;
}

function dependencies(v: Value, fns: ReadonlyMap<string, Fn>): readonly Value[] {
  const op = v.op;
  if (!op) return [];
  if (op.kind !== "call") return op.operands;
  const inner = fns.get(op.attrs.fn)?.results[op.results.indexOf(v)];
  return inner ? [inner] : [];
}

function facts(lo: number, hi: number, nonzero: boolean, finite: boolean): Facts {
  return { lo, hi, nonzero: nonzero || lo > 0 || hi < 0, finite };
}

/** A product of bounds, where 0 · ∞ is 0. */
function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a * b;
}

function union(a: Facts, b: Facts): Facts {
  return {
    lo: Math.min(a.lo, b.lo),
    hi: Math.max(a.hi, b.hi),
    nonzero: a.nonzero && b.nonzero,
    finite: a.finite && b.finite,
  };
}

/** `f` at both bounds of an increasing function. */
function increasing(a: Facts, f: (x: number) => number): Facts {
  const lo = f(a.lo);
  const hi = f(a.hi);
  return facts(lo, hi, false, a.finite && Number.isFinite(hi));
}

function conclude(op: Op, from: readonly Facts[]): Facts {
  const a = from[0] ?? anyFinite;
  const b = from[1] ?? anyFinite;
  const finite = from.every((f) => f.finite);
  switch (op.kind) {
    case "constant":
      return ofConstant(op.attrs.data);
    case "broadcast":
    case "reshape":
    case "transpose":
    case "slice":
    case "stop_gradient":
    case "after":
    case "reduce_max":
    case "reduce_min":
    case "call":
      return from.length > 0 ? a : nothing;
    case "concat":
      return from.reduce(union);
    case "select":
      return union(b, from[2] ?? anyFinite);
    case "pad":
    case "take":
      return union(a, facts(0, 0, false, true));
    case "neg":
      return facts(-a.hi, -a.lo, a.nonzero, finite);
    case "add":
      return facts(a.lo + b.lo, a.hi + b.hi, false, finite);
    case "sub":
      return fromOwnMaximum(op) ? facts(-INF, 0, false, finite) : facts(a.lo - b.hi, a.hi - b.lo, false, finite);
    case "mul": {
      if (op.operands[0] === op.operands[1]) return square(a);
      const corners = [times(a.lo, b.lo), times(a.lo, b.hi), times(a.hi, b.lo), times(a.hi, b.hi)];
      return facts(Math.min(...corners), Math.max(...corners), a.nonzero && b.nonzero, finite);
    }
    case "div":
      if (!b.nonzero) return nothing;
      if (b.lo <= 0) return facts(-INF, INF, a.nonzero, finite);
      return facts(a.lo >= 0 ? 0 : -INF, a.hi <= 0 ? 0 : INF, a.nonzero, finite);
    case "min":
      return facts(Math.min(a.lo, b.lo), Math.min(a.hi, b.hi), a.nonzero && b.nonzero, finite);
    case "max":
      return facts(Math.max(a.lo, b.lo), Math.max(a.hi, b.hi), a.nonzero && b.nonzero, finite);
    case "pow":
      return power(a, op.operands[1] && splatOf(op.operands[1]));
    case "mod":
      return b.nonzero ? facts(b.lo > 0 ? 0 : -INF, b.lo > 0 ? b.hi : INF, false, finite) : nothing;
    case "exp":
      return { ...facts(0, Math.exp(a.hi), true, false), finite: finite && a.hi <= EXP_LIMIT };
    case "log":
      return a.lo > 0 ? facts(Math.log(a.lo), Math.log(a.hi), false, finite) : nothing;
    case "sqrt":
      return a.lo >= 0 ? facts(Math.sqrt(a.lo), Math.sqrt(a.hi), a.nonzero, finite) : { ...nothing, lo: 0 };
    case "abs":
      return facts(Math.max(0, a.lo, -a.hi), Math.max(-a.lo, a.hi), a.nonzero, finite);
    case "sigmoid":
      return facts(0, 1, true, finite);
    case "tanh":
    case "erf":
    case "sign":
      return facts(a.lo >= 0 ? 0 : -1, a.hi <= 0 ? 0 : 1, a.nonzero, finite);
    case "sin":
    case "cos":
      return facts(-1, 1, false, finite);
    case "atan":
      return facts(Math.atan(a.lo), Math.atan(a.hi), a.nonzero, finite);
    case "floor":
    case "round":
      return { ...increasing(a, Math.floor), hi: Math.ceil(a.hi), finite };
    case "softmax":
      return facts(0, 1, false, finite);
    case "cast":
      return facts(-1, op.operands[0]?.type.dtype === "bool" ? 1 : INF, false, true);
    case "reduce_sum":
      return total(op, a);
    case "cumsum":
      return facts(a.lo >= 0 ? 0 : -INF, a.hi <= 0 ? 0 : INF, false, finite);
    case "cumprod":
      return facts(a.lo >= 0 ? 0 : -INF, INF, a.nonzero, finite);
    case "tan":
    case "dot":
    case "scatter_add":
      return facts(-INF, INF, false, finite);
    default:
      // Bools and indices.
      return anyFinite;
  }
}

function ofConstant(data: number | ArrayLike<number>): Facts {
  const list = typeof data === "number" ? [data] : data;
  let lo = INF;
  let hi = -INF;
  let nonzero = true;
  let finite = true;
  for (let i = 0; i < list.length; i++) {
    const x = list[i] as number;
    if (x < lo) lo = x;
    if (x > hi) hi = x;
    if (x === 0 || Number.isNaN(x)) nonzero = false;
    if (!Number.isFinite(x)) finite = false;
  }
  return { lo, hi, nonzero, finite };
}

function square(a: Facts): Facts {
  const low = a.lo > 0 ? a.lo : Math.min(a.hi, 0);
  return facts(low * low, Math.max(a.lo * a.lo, a.hi * a.hi), a.nonzero, a.finite);
}

function power(a: Facts, p: number | undefined): Facts {
  const whole = p !== undefined && Number.isInteger(p);
  if (a.lo > 0) return facts(0, INF, true, a.finite);
  if (a.lo >= 0 && p !== undefined && p >= 0) return facts(0, INF, a.nonzero, a.finite);
  if (!whole) return nothing;
  const even = p % 2 === 0;
  return facts(even ? 0 : -INF, INF, a.nonzero, a.finite && (p >= 0 || a.nonzero));
}

function total(op: Op, a: Facts): Facts {
  const x = op.operands[0];
  const y = op.results[0];
  const n = x && y && elements(y.type) > 0 ? elements(x.type) / elements(y.type) : 0;
  const lo = times(n, a.lo);
  const hi = times(n, a.hi);
  // Terms of one sign do not cancel.
  return facts(lo, hi, n > 0 && a.nonzero && (a.lo >= 0 || a.hi <= 0), a.finite);
}

/** `x - max(x)`, spread back over what was reduced: the first step of every stable logarithm of a sum of exponentials. */
function fromOwnMaximum(op: Op): boolean {
  const [x, y] = op.operands;
  let m = y;
  while (m?.op && (m.op.kind === "broadcast" || m.op.kind === "reshape" || m.op.kind === "stop_gradient"))
    m = m.op.operands[0];
  return m?.op?.kind === "reduce_max" && m.op.operands[0] === x && !constantOf(m);
}
