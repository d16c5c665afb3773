/** What a spec may say and this version does not execute: said in one diagnostic each, never ignored. */
import type { Diagnostic } from "../../grammar/diagnostic.js";
import type { PlanDecl } from "../../grammar/tree.js";
import { report } from "../diagnostics/create.js";
import type { Spec } from "../spec.js";
import type { BuiltTrain } from "./train.js";

export function notYet(spec: Spec, decl: PlanDecl, built: BuiltTrain): Diagnostic[] {
  const found: Diagnostic[] = [];
  const key = (name: string) => built.keys.get(name);
  const precision = key("precision");
  if (precision?.value.kind === "word" && precision.value.word !== "f32")
    found.push(report("not-yet", { what: `\`precision: ${precision.value.word}\`` }, precision.span));
  const micro = key("micro");
  if (micro?.value.kind === "number" && micro.value.value !== built.batch)
    found.push(report("not-yet", { what: "`micro` smaller than `batch`" }, micro.span));
  const memory = key("memory");
  if (memory && memory.value.kind !== "word") found.push(report("not-yet", { what: "a `memory` limit" }, memory.span));
  for (const s of decl.body) if (s.kind === "Stop") found.push(report("not-yet", { what: "`stop if`" }, s.span));
  void spec;
  return found;
}
