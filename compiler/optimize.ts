/** The passes every program goes through before anything is done with it. */
import type { Module } from "./ir/graph.js";
import { cse } from "./passes/cse.js";
import { dce } from "./passes/dce.js";
import { fold } from "./passes/fold.js";

export function optimize(module: Module): Module {
  return dce(cse(fold(module)));
}
