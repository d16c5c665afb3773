/** Forward mode: appends to a function the ops that compute directional derivatives. */
import { FnBuilder, freshName } from "../ir/builder.js";
import type { Fn, OpOf, Value } from "../ir/graph.js";
import { at } from "../ir/table/row.js";
import { isPrimitive, type PrimitiveKind, rowOf } from "../ir/table/table.js";
import { positions } from "./activity.js";
import { cached, callDerived, close, type Derived } from "./derive.js";

export interface Direction {
  readonly value: Value;
  readonly tangent: Value;
}

/**
 * The derivative of each output along the given directions, as ops at the end of `b.fn`; `undefined` where there is no path. A value with
 * a direction counts as independent of the others; it may be an alias, as for `vjp`. A call becomes a call of the tangent of its function,
 * which is made once. A tangent has the type of its value. Ops before the position `start` do not depend on the directions, as the caller
 * knows: a sampler differentiates hundreds of small pieces of one long function.
 */
export function jvp(
  b: FnBuilder,
  at: readonly Direction[],
  outputs: readonly Value[],
  start = 0,
): (Value | undefined)[] {
  const origin = b.origin;
  const tangents = push(b, b.fn, at, outputs, start);
  b.origin = origin;
  return tangents;
}

/** Walks the ops of `source` and emits into `b`. */
function push(
  b: FnBuilder,
  source: Fn,
  from: readonly Direction[],
  outputs: readonly Value[],
  start = 0,
): (Value | undefined)[] {
  const tangents = new Map<Value, Value>();
  for (const { value, tangent } of from) tangents.set(value, tangent);
  const fixed = new Set(tangents.keys());
  const needed = ancestors(source, outputs, fixed, start);
  // The ops of today: `b` may append to the same list.
  const count = source.ops.length;
  for (let i = start; i < count; i++) {
    const op = at(source.ops, i);
    if (!op.operands.some((v) => tangents.has(v))) continue;
    if (isPrimitive(op)) {
      const r = at(op.results, 0);
      if (r.type.dtype !== "float" || !needed.has(r) || fixed.has(r)) continue;
      b.origin = op.origin;
      const t = pushPrimitive(b, op, tangents);
      if (t) tangents.set(r, t);
    } else pushCall(b, source, op, needed, fixed, tangents);
  }
  return outputs.map((v) => tangents.get(v));
}

function pushPrimitive<K extends PrimitiveKind>(
  b: FnBuilder,
  op: OpOf<K>,
  tangents: ReadonlyMap<Value, Value>,
): Value | undefined {
  const rule = rowOf(op.kind).jvp;
  if (rule === "none") return undefined;
  return rule(
    b,
    op,
    op.operands.map((v) => tangents.get(v)),
  );
}

function pushCall(
  b: FnBuilder,
  source: Fn,
  op: OpOf<"call">,
  needed: ReadonlySet<Value>,
  fixed: ReadonlySet<Value>,
  tangents: Map<Value, Value>,
): void {
  const callee = b.fns.get(op.attrs.fn);
  const params = positions(op.operands, tangents);
  const results = positions(op.results, needed).filter((i) => {
    const r = at(op.results, i);
    return r.type.dtype === "float" && !fixed.has(r);
  });
  if (!callee || results.length === 0) return;
  b.origin = op.origin;
  const inputs = params.map((i) => tangents.get(at(op.operands, i))).filter((t) => t !== undefined);
  const out = callDerived(b, source, op, tangentOf(callee, params, results, b.fns), inputs);
  for (const [i, r] of results.entries()) {
    const t = out[i];
    if (t) tangents.set(at(op.results, r), t);
  }
}

/** Values from `start` on that the outputs are computed from, not looking behind `stop`. */
function ancestors(source: Fn, outputs: readonly Value[], stop: ReadonlySet<Value>, start: number): Set<Value> {
  const needed = new Set(outputs);
  for (let i = source.ops.length - 1; i >= start; i--) {
    const op = at(source.ops, i);
    if (op.results.some((r) => needed.has(r) && !stop.has(r))) for (const x of op.operands) needed.add(x);
  }
  return needed;
}

/** The function from the tangents of some parameters of `fn` (and residuals) to the tangents of some of its results. */
export function tangentOf(
  fn: Fn,
  params: readonly number[],
  results: readonly number[],
  fns: Map<string, Fn>,
): Derived {
  return cached(fn, `jvp ${params.join()}|${results.join()}`, fns, () => {
    const b = new FnBuilder(freshName(fns, `${fn.name}.jvp`), fns);
    const from = params.map((i): Direction => {
      const value = at(fn.params, i);
      return { value, tangent: b.param(value.type, `t_${value.name ?? i}`) };
    });
    const outputs = results.map((i) => at(fn.results, i));
    return close(b, fn, push(b, fn, from, outputs));
  });
}
