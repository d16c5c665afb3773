import type { Fn, Module } from "../ir/graph.js";
import { inline } from "../passes/inline.js";

/** A function of the module with every call in it inlined, as the writers take it. */
export function flat(module: Module, fn: Fn = module.main): Fn {
  return inline({ fns: new Map(module.fns), main: fn }).main;
}
