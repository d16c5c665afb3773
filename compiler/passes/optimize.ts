import type { Module } from "../ir/graph.js";
import { cse } from "./cse.js";
import { dce } from "./dce.js";
import { type SimplifyOptions, simplify } from "./simplify.js";

/** What every graph goes through before it is run or written out. Twice, as a simplification may make ops equal. */
export function optimize(module: Module, options: SimplifyOptions = {}): Module {
  const once = (m: Module): Module => cse(simplify(dce(m), options));
  return dce(once(once(module)));
}
