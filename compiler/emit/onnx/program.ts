import type { Fn, Module } from "../../ir/graph.js";
import { inline } from "../../passes/inline.js";
import { memory } from "../../passes/liveness.js";

/** A function of the module with every call in it inlined, as `emitOnnx` takes it. */
export function flat(module: Module, fn: Fn = module.main): Fn {
  return inline({ fns: new Map(module.fns), main: fn }).main;
}

/** The main function as `emitLoop` takes it: calls that are loops stay. */
export { type Rolled, roll } from "../../passes/roll.js";

/** Bytes of a run of a function without calls at its fullest moment. */
export function peakOf(fn: Fn): number {
  return memory({ fns: new Map(), main: fn }).peak;
}
