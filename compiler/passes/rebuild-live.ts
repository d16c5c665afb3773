import { FnBuilder } from "../ir/builder.js";
import type { Fn, Module, Value } from "../ir/graph.js";
import { at } from "../ir/table/row.js";
import { isPrimitive } from "../ir/table/table.js";
import type { Live } from "./dce.js";
import { copyPrimitive, of } from "./rebuild.js";

/** The module with only what is live in it. */
export function rebuildLive(module: Module, live: ReadonlyMap<Fn, Live>): Module {
  const fns = new Map<string, Fn>();
  for (const fn of module.fns.values()) {
    const mine = live.get(fn);
    if (!mine || mine.results.length === 0) continue;
    const b = copyLive(module, fn, mine, live, fns);
    b.b.finish(b.results);
  }
  const main = live.get(module.main);
  if (!main) return module;
  const { b, results } = copyLive(module, module.main, main, live, fns);
  return b.finishMain(results);
}

function copyLive(
  module: Module,
  fn: Fn,
  mine: Live,
  live: ReadonlyMap<Fn, Live>,
  fns: Map<string, Fn>,
): { b: FnBuilder; results: Value[] } {
  const b = new FnBuilder(fn.name, fns);
  const map = new Map<Value, Value>();
  for (const i of mine.params) {
    const p = at(fn.params, i);
    map.set(p, b.param(p.type, p.name));
  }
  for (const op of fn.ops) {
    if (!op.results.some((r) => mine.values.has(r))) continue;
    b.origin = op.origin;
    if (isPrimitive(op)) {
      const r = at(op.results, 0);
      const v = copyPrimitive(
        b,
        op,
        op.operands.map((x) => of(map, x)),
      );
      v.name = r.name;
      map.set(r, v);
      continue;
    }
    const old = module.fns.get(op.attrs.fn);
    const callee = fns.get(op.attrs.fn);
    const kept = old && live.get(old);
    if (!callee || !kept) continue;
    const call = b.call(
      callee,
      kept.params.map((i) => of(map, at(op.operands, i))),
      op.origin,
      0,
    );
    for (const [i, index] of kept.results.entries()) {
      const r = op.results[index];
      if (!r || !mine.values.has(r)) continue;
      const v = b.resultOf(call, i);
      v.name = r.name;
      map.set(r, v);
    }
  }
  return { b, results: mine.results.map((i) => of(map, at(fn.results, i))) };
}
