/** Which values depend differentiably on given ones. */
import type { Fn, Value } from "../ir/graph.js";
import { at } from "../ir/table/row.js";
import { isPrimitive, rowOf } from "../ir/table/table.js";

export type Fns = ReadonlyMap<string, Fn>;

/** All float values of `fn` that depend on `from`, which they include; a `stop_gradient` or a comparison cuts the dependence. Ops before `start` are not looked at. */
export function dependents(fn: Fn, from: Iterable<Value>, fns: Fns, start = 0): Set<Value> {
  const active = new Set(from);
  if (active.size === 0) return active;
  for (let i = start; i < fn.ops.length; i++) {
    const op = at(fn.ops, i);
    if (isPrimitive(op)) {
      const v = op.results[0];
      if (v?.type.dtype !== "float" || rowOf(op.kind).vjp === "none") continue;
      for (const x of op.operands)
        if (active.has(x)) {
          active.add(v);
          break;
        }
      continue;
    }
    const params = positions(op.operands, active);
    const callee = fns.get(op.attrs.fn);
    if (!callee || params.length === 0) continue;
    const inner = calleeDependents(callee, params, fns);
    for (const [i, v] of op.results.entries()) {
      const r = callee.results[i];
      if (r && inner.has(r)) active.add(v);
    }
  }
  return active;
}

/** Positions of the members of a set. */
export function positions(values: readonly Value[], set: { has(v: Value): boolean }): number[] {
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (v && set.has(v)) found.push(i);
  }
  return found;
}

/** Kept until the function gets new values, which it does when one of its calls gets another result. */
const memo = new WeakMap<Fn, { version: number; sets: Map<string, Set<Value>> }>();

function calleeDependents(fn: Fn, params: readonly number[], fns: Fns): Set<Value> {
  let entry = memo.get(fn);
  if (entry?.version !== fn.nextId) {
    entry = { version: fn.nextId, sets: new Map() };
    memo.set(fn, entry);
  }
  const key = params.join();
  let set = entry.sets.get(key);
  if (!set) {
    const from = params.map((i) => fn.params[i]).filter((v) => v !== undefined);
    set = dependents(fn, from, fns);
    entry.sets.set(key, set);
  }
  return set;
}
