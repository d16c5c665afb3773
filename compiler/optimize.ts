/** The passes every program goes through before anything is done with it. */
import type { Module, Value } from "./ir/graph.js";
import { cse } from "./passes/cse.js";
import { dce } from "./passes/dce.js";
import { fold } from "./passes/fold.js";
import type { Program } from "./plan/plan.js";

export function optimize(module: Module): Module {
  return dce(cse(fold(module)));
}

export function optimized(program: Program): Program {
  return prune({ ...program, module: optimize(program.module) });
}

/**
 * Without the parameters that no op and no result reads, and with the meanings of the others still in their order: nobody has to feed
 * pictures to a step of which only an encoder looks at them.
 */
export function prune(program: Program): Program {
  const { main } = program.module;
  const read = new Set<Value>([...main.ops.flatMap((op) => op.operands), ...main.results]);
  const kept = main.params.map((p) => read.has(p));
  if (!kept.includes(false)) return program;
  const inputs = program.inputs.filter((_, i) => kept[i]);
  const drawn = new Set(inputs.flatMap((i) => (i.role === "draw" ? [i.path] : [])));
  return {
    ...program,
    module: { ...program.module, main: { ...main, params: main.params.filter((_, i) => kept[i]) } },
    inputs,
    draws: program.draws.filter((d) => drawn.has(d.path)),
  };
}
