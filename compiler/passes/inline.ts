import type { Fn, Module, Value } from "../ir/graph.js";
import { copyOp, of, type Rewrite, rebuild } from "./rebuild.js";

/** Puts the ops of functions in the place of their calls: of all, or of those that `which` names. Functions that are left are kept. */
export function inline(module: Module, which: (fn: Fn) => boolean = () => true): Module {
  // Decided on the functions as they were given, not on the copies with calls already inlined.
  const chosen = new Set<string>();
  for (const fn of module.fns.values()) if (which(fn)) chosen.add(fn.name);
  const inner: Rewrite = {
    primitive: (b, op) => (op.kind === "constant" ? b.constant(op.attrs, op.attrs.data) : undefined),
  };
  const inlined = rebuild(module, {
    call: (b, op, operands, callee) => {
      if (!callee || !chosen.has(callee.name)) return undefined;
      const map = new Map<Value, Value>();
      for (const [i, p] of callee.params.entries()) {
        const v = operands[i];
        if (v) map.set(p, v);
      }
      for (const o of callee.ops) copyOp(b, o, map, inner);
      return op.results.map((_, i) => {
        const r = callee.results[i];
        return r && of(map, r);
      });
    },
  });
  for (const name of chosen) inlined.fns.delete(name);
  return inlined;
}
