/** What a spec may say and this version does not execute: said in one diagnostic each, never ignored. */
import type { Diagnostic } from "../../grammar/diagnostic.js";
import type { PlanDecl } from "../../grammar/tree.js";
import { report } from "../diagnostics/create.js";
import type { Spec } from "../spec.js";
import type { BuiltTrain } from "./train.js";

export function notYet(spec: Spec, decl: PlanDecl, built: BuiltTrain): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const span of new Set(built.gradients))
    found.push(report("not-yet", { what: "`grad` with `micro` smaller than `batch`" }, span));
  for (const s of decl.body) if (s.kind === "Stop") found.push(report("not-yet", { what: "`stop if`" }, s.span));
  found.push(...besides(spec));
  return found;
}

/** Scores and sweeps stand beside a run: it is not refused for them, but they are not silently left out either. */
function besides(spec: Spec): Diagnostic[] {
  return spec.loaded.main.tree.items.flatMap((item): Diagnostic[] => {
    const scores =
      (item.kind === "Plan" && item.plan === "evaluate") || (item.kind === "Instance" && item.of === "evaluate");
    if (item.kind !== "Sweep" && !scores) return [];
    const what = item.kind === "Sweep" ? `the sweep \`${item.name.text}\`` : `\`evaluate ${item.name.text}\``;
    return [{ ...report("not-yet", { what }, item.name.span), severity: "warning" }];
  });
}
