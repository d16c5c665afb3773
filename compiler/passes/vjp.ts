/** Reverse mode: appends to a function the ops that compute gradients. */
import { FnBuilder, freshName } from "../ir/builder.js";
import type { Fn, OpOf, Value } from "../ir/graph.js";
import { at } from "../ir/table/row.js";
import { isPrimitive, type PrimitiveKind, rowOf } from "../ir/table/table.js";
import { dependents, positions } from "./activity.js";
import { Cotangents } from "./cotangents.js";
import { cached, callDerived, close, type Derived } from "./derive.js";

export interface Seed {
  readonly value: Value;
  readonly cotangent: Value;
}

/**
 * The gradient of Σ value · cotangent by each of `wrt`, as ops at the end of `b.fn`; `undefined` where there is no path. `wrt` may be any
 * values that are no constants; where a value is also used otherwise, take the derivative by an alias of it (`b.alias`), which separates
 * the uses. A call becomes a call of the backward of its function, which is made once. A cotangent has the type of its value.
 * Ops before the position `start` do not depend on `wrt`, as the caller knows, and are not looked at.
 */
export function vjp(b: FnBuilder, seeds: readonly Seed[], wrt: readonly Value[], start = 0): (Value | undefined)[] {
  const origin = b.origin;
  const gradients = pull(b, b.fn, seeds, wrt, start);
  b.origin = origin;
  return gradients;
}

/** Walks the ops of `source` backwards and emits into `b`. */
function pull(
  b: FnBuilder,
  source: Fn,
  seeds: readonly Seed[],
  wrt: readonly Value[],
  start = 0,
): (Value | undefined)[] {
  const active = dependents(source, wrt, b.fns, start);
  const cotangents = new Cotangents(b);
  const ops = source.ops;
  const count = ops.length;
  for (const { value, cotangent } of seeds) if (active.has(value)) cotangents.add(value, cotangent);
  for (let i = count - 1; i >= start; i--) {
    const op = at(ops, i);
    if (isPrimitive(op)) {
      const r = at(op.results, 0);
      if (!active.has(r)) continue;
      const ct = cotangents.total(r);
      if (!ct) continue;
      b.origin = op.origin;
      if (op.kind === "slice") {
        if (active.has(at(op.operands, 0))) cotangents.addSlice(op, ct);
      } else pullPrimitive(b, op, ct, active, cotangents);
    } else pullCall(b, source, op, active, cotangents);
  }
  return wrt.map((v) => cotangents.total(v));
}

function pullPrimitive<K extends PrimitiveKind>(
  b: FnBuilder,
  op: OpOf<K>,
  ct: Value,
  active: ReadonlySet<Value>,
  cotangents: Cotangents,
): void {
  const rule = rowOf(op.kind).vjp;
  // A `wrt` that is the result of an op without derivative is active all the same.
  if (rule === "none") return;
  const wanted = (i: number): boolean => active.has(at(op.operands, i));
  if (!op.operands.some((v) => active.has(v))) return;
  const back = rule(b, op, ct, wanted);
  for (const [i, x] of op.operands.entries()) {
    const g = back[i];
    if (g && wanted(i)) cotangents.add(x, g);
  }
}

function pullCall(
  b: FnBuilder,
  source: Fn,
  op: OpOf<"call">,
  active: ReadonlySet<Value>,
  cotangents: Cotangents,
): void {
  const callee = b.fns.get(op.attrs.fn);
  const params = positions(op.operands, active);
  if (!callee || params.length === 0) return;
  const seeded: number[] = [];
  const inputs: Value[] = [];
  for (const i of positions(op.results, active)) {
    const ct = cotangents.total(at(op.results, i));
    if (!ct) continue;
    seeded.push(i);
    inputs.push(ct);
  }
  if (seeded.length === 0) return;
  b.origin = op.origin;
  const back = callDerived(b, source, op, backwardOf(callee, params, seeded, b.fns), inputs);
  for (const [i, p] of params.entries()) {
    const g = back[i];
    if (g) cotangents.add(at(op.operands, p), g);
  }
}

/** The function from the cotangents of some results of `fn` (and residuals) to the cotangents of some of its parameters. */
export function backwardOf(
  fn: Fn,
  params: readonly number[],
  results: readonly number[],
  fns: Map<string, Fn>,
): Derived {
  return cached(fn, `bwd ${params.join()}|${results.join()}`, fns, () => {
    const b = new FnBuilder(freshName(fns, `${fn.name}.bwd`), fns);
    const seeds = results.map((i): Seed => {
      const value = at(fn.results, i);
      return { value, cotangent: b.param(value.type, `d_${value.name ?? i}`) };
    });
    const wrt = params.map((i) => at(fn.params, i));
    return close(b, fn, pull(b, fn, seeds, wrt));
  });
}
