import type { Fn, Module } from "../../ir/graph.js";
import { inline } from "../../passes/inline.js";
import { memory } from "../../passes/liveness.js";
import type { Rolled } from "../../passes/roll.js";

/** A function of the module with every call in it inlined, as `emitOnnx` takes it. */
export function flat(module: Module, fn: Fn = module.main): Fn {
  return inline({ fns: new Map(module.fns), main: fn }).main;
}

/** The main function as `emitLoop` takes it: calls that are loops stay. */
export { type Rolled, roll } from "../../passes/roll.js";

/** Bytes of a run at its fullest moment; of a loop, in one of its rounds. */
export function peakOf({ main, repeats }: Rolled): number {
  return memory({ fns: new Map([...repeats.values()].map(({ fn }) => [fn.name, fn])), main }).peak;
}
