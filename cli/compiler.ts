/** The compiler's front door, loaded when a command first needs it. */
export type { PlanSummary, Spec } from "../compiler/index.js";
export type { CostReport, PlanCost } from "../compiler/plan/cost.js";

export type Compiler = typeof import("../compiler/index.js");

/** Values of `param`s given by `--set`, as written. */
export type Settings = Readonly<Record<string, string>>;

export function loadCompiler(): Promise<Compiler> {
  return import("../compiler/index.js");
}
