/**
 * Functions made from a function: its backward or its tangent. They are written against the values of the function they come from; then
 * what they use of it becomes parameters, and the function gets these values as further results. So the forward is not computed twice and
 * nothing is copied into the callers.
 */
import { callResult, exportValue, type FnBuilder } from "../ir/builder.js";
import { assume, factsOf } from "../ir/facts.js";
import type { Fn, Op, OpOf, Value } from "../ir/graph.js";
import { at } from "../ir/table/row.js";

/** Where a caller finds the argument for a parameter: among the operands or the results of its call of the original function. */
export interface Residual {
  readonly from: "param" | "result";
  readonly index: number;
}

/** Its parameters: one for each given cotangent or tangent, then the residuals. */
export interface Derived {
  readonly fn: Fn;
  readonly residuals: readonly Residual[];
  /** For what was asked, in order: the result of `fn` that holds it, or `undefined` for zero. */
  readonly outputs: readonly (number | undefined)[];
}

const caches = new WeakMap<Fn, Map<string, Derived>>();

/** What `make` gives for a function and key, once for each module. */
export function cached(fn: Fn, key: string, fns: ReadonlyMap<string, Fn>, make: () => Derived): Derived {
  let cache = caches.get(fn);
  if (!cache) {
    cache = new Map();
    caches.set(fn, cache);
  }
  const found = cache.get(key);
  if (found && fns.get(found.fn.name) === found.fn) return found;
  const made = make();
  cache.set(key, made);
  return made;
}

/** Closes what `b` has built against the values of `source`. */
export function close(b: FnBuilder, source: Fn, outputs: readonly (Value | undefined)[]): Derived {
  const residuals: Residual[] = [];
  const ops: Op[] = [];
  const mapped = new Map<Value, Value>();
  const params = new Map(source.params.map((v, i) => [v, i]));
  const own = new Set<Value>(b.fn.params);
  for (const op of b.fn.ops) for (const r of op.results) own.add(r);

  const local = (v: Value): Value => {
    if (own.has(v)) return v;
    const known = mapped.get(v);
    if (known) return known;
    const made = again(v) ?? residual(v);
    mapped.set(v, made);
    return made;
  };
  /** Constants and spreads are made anew: cheaper than to keep them. */
  const again = (v: Value): Value | undefined => {
    const op = v.op;
    if (op?.kind !== "constant" && op?.kind !== "broadcast" && op?.kind !== "reshape") return undefined;
    const operands = op.operands.map(local);
    const copy: Value = { id: b.fn.nextId++, type: v.type, op: { ...op, operands, results: [] } as Op, name: v.name };
    (copy.op as Op).results.push(copy);
    ops.push(copy.op as Op);
    return copy;
  };
  const residual = (v: Value): Value => {
    const param = params.get(v);
    residuals.push(
      param !== undefined ? { from: "param", index: param } : { from: "result", index: exportValue(source, v) },
    );
    const p = b.param(v.type, v.name);
    assume(p, factsOf(v, b.fns));
    return p;
  };

  for (const op of live(b.fn.ops, outputs)) {
    op.operands = op.operands.map(local);
    ops.push(op);
  }
  const results: Value[] = [];
  const indices = outputs.map((v) => {
    if (!v) return undefined;
    const mine = local(v);
    const i = results.indexOf(mine);
    return i >= 0 ? i : results.push(mine) - 1;
  });
  b.fn.ops.splice(0, b.fn.ops.length, ...ops);
  return { fn: b.finish(results), residuals, outputs: indices };
}

/** The ops that the outputs need: an op nobody needs must not cost a residual. */
function live(ops: readonly Op[], outputs: readonly (Value | undefined)[]): Op[] {
  const needed = new Set<Value>();
  for (const v of outputs) if (v) needed.add(v);
  const kept: Op[] = [];
  for (let i = ops.length - 1; i >= 0; i--) {
    const op = at(ops, i);
    if (!op.results.some((r) => needed.has(r))) continue;
    for (const x of op.operands) needed.add(x);
    kept.push(op);
  }
  return kept.reverse();
}

/**
 * Calls a derived function next to a call of its original, which stands in `source`. Gives its outputs, `undefined` for zero.
 */
export function callDerived(
  b: FnBuilder,
  source: Fn,
  call: OpOf<"call">,
  derived: Derived,
  inputs: readonly Value[],
): (Value | undefined)[] {
  const residuals = derived.residuals.map(({ from, index }) =>
    from === "param" ? at(call.operands, index) : callResult(source, call, index, b.fns),
  );
  if (derived.fn.results.length === 0) return derived.outputs.map(() => undefined);
  const made = b.call(derived.fn, [...inputs, ...residuals]);
  return derived.outputs.map((i) => (i === undefined ? undefined : b.resultOf(made, i)));
}
