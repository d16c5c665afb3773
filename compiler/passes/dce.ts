import type { Fn, Module, Value } from "../ir/graph.js";
import { at } from "../ir/table/row.js";
import { isPrimitive } from "../ir/table/table.js";
import { rebuildLive } from "./rebuild-live.js";

/** What of a function is needed by anybody. */
export interface Live {
  readonly values: ReadonlySet<Value>;
  /** Positions among its results, ascending. */
  readonly results: readonly number[];
  /** Positions among its parameters, ascending. */
  readonly params: readonly number[];
}

/** Drops ops nobody needs, results and parameters of functions no call needs, and functions nobody calls. The main function keeps its own. */
export function dce(module: Module): Module {
  return rebuildLive(module, liveness(module));
}

/**
 * Needed results are known from the callers, needed parameters from the callees; each narrows the other until nothing changes. As
 * functions do not call themselves there are at most as many rounds as calls are nested.
 */
function liveness(module: Module): Map<Fn, Live> {
  const fns = [...module.fns.values()];
  const all = [...fns, module.main].reverse();
  let live = new Map<Fn, Live>(
    all.map((fn) => [fn, { values: new Set(), results: [], params: [...fn.params.keys()] }]),
  );
  for (;;) {
    const next = new Map<Fn, Live>();
    const wanted = new Map<Fn, Set<number>>([[module.main, new Set(module.main.results.keys())]]);
    let changed = false;
    for (const fn of all) {
      const results = wanted.get(fn);
      if (!results) continue;
      const values = needed(module, fn, results, live, wanted);
      const params =
        fn === module.main ? [...fn.params.keys()] : [...fn.params.keys()].filter((i) => values.has(at(fn.params, i)));
      const before = live.get(fn);
      changed ||= before?.params.length !== params.length || before.results.length !== results.size;
      next.set(fn, { values, results: [...results].sort((a, b) => a - b), params });
    }
    live = next;
    if (!changed) return live;
  }
}

/** Values that some results of a function need; notes in `wanted` which results its calls need. */
function needed(
  module: Module,
  fn: Fn,
  results: ReadonlySet<number>,
  live: ReadonlyMap<Fn, Live>,
  wanted: Map<Fn, Set<number>>,
): Set<Value> {
  const values = new Set<Value>();
  for (const i of results) values.add(at(fn.results, i));
  for (let i = fn.ops.length - 1; i >= 0; i--) {
    const op = at(fn.ops, i);
    if (isPrimitive(op)) {
      if (values.has(at(op.results, 0))) for (const x of op.operands) values.add(x);
      continue;
    }
    const callee = module.fns.get(op.attrs.fn);
    if (!callee) continue;
    let used = wanted.get(callee);
    let any = false;
    for (const [j, r] of op.results.entries()) {
      if (!values.has(r)) continue;
      any = true;
      if (!used) {
        used = new Set();
        wanted.set(callee, used);
      }
      used.add(j);
    }
    if (any) for (const p of live.get(callee)?.params ?? []) values.add(at(op.operands, p));
  }
  return values;
}
