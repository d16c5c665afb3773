import type { Span } from "../../grammar/source.js";
import type { Expr } from "../../grammar/tree.js";
import { report } from "../diagnostics/create.js";
import { visitStatement } from "../names/mentions.js";
import { expressions, type Facts } from "./facts.js";
import type { Rule } from "./rule.js";

/** Numbers that `step` is compared with or counted against, against the steps there are. */
export const steps: Rule = (facts) => [...guards(facts), ...warmups(facts), ...intervals(facts)];

function guards(facts: Facts) {
  const most = Math.max(0, ...facts.trains.map((t) => t.steps));
  if (most === 0) return [];
  const all: Expr[] = [];
  const visitor = { expr: (e: Expr) => void all.push(e) };
  for (const file of facts.spec.loaded.files)
    for (const item of file.tree.items) {
      if (item.kind === "Plan") for (const s of item.body) visitStatement(s, visitor);
      else if (item.kind === "Instance") visitStatement(item, visitor);
    }
  return all.flatMap((e) => {
    if (e.kind !== "Binary" || e.left.kind !== "Name" || e.left.name !== "step") return [];
    if (e.op !== ">=" && e.op !== ">" && e.op !== "<" && e.op !== "<=") return [];
    const n = facts.number(e.right);
    const beyond = n !== undefined && (e.op === ">=" || e.op === "<" ? n >= most : n >= most - 1);
    if (n === undefined || !beyond) return [];
    return [report("step-beyond-run", { at: n, steps: most, always: e.op === "<" || e.op === "<=" }, e.span)];
  });
}

/** `warmup(step, 10_000)`, `min(1, step / 10_000)`: a count that the run never reaches. */
function warmups(facts: Facts) {
  return facts.trains.flatMap((t) =>
    expressions(t.decl).flatMap((e) => {
      const over = countedOver(e);
      if (!over) return [];
      const n = facts.number(over);
      return n !== undefined && n > t.steps
        ? [report("warmup-too-long", { steps: t.steps, what: "the factor" }, over.span)]
        : [];
    }),
  );
}

function countedOver(e: Expr): Expr | undefined {
  const isStep = (x: Expr | undefined) => x?.kind === "Name" && x.name === "step";
  if (e.kind === "Binary" && e.op === "/" && isStep(e.left)) return e.right;
  if (e.kind === "Call" && e.callee.kind === "Name" && isStep(e.args[0]?.value)) return e.args[1]?.value;
  return undefined;
}

/** Every so many steps, in a run that has fewer. */
function intervals(facts: Facts) {
  const found = facts.trains.flatMap((t) => {
    const late = (what: string, every: number | undefined, span: Span) =>
      every !== undefined && every > t.steps
        ? [report("interval-longer-than-run", { what, every, steps: t.steps }, span)]
        : [];
    const key = t.keys.get("log");
    // The default is printed by `dit resolve`; it may be more than a short run has.
    const written =
      key?.value.kind === "number" && key.value.value !== 50 ? late("`log`", key.value.value, key.span) : [];
    const logs = t.decl.body.flatMap((s) =>
      s.kind === "Log" ? late("`log every`", facts.number(s.every), s.every.span) : [],
    );
    return [...written, ...logs];
  });
  const samples = facts.spec.samples.flatMap((s) => {
    const key = s.keys.get("every");
    const run = facts.trains.find((t) => t.name === s.of);
    if (key?.value.kind !== "number" || !run || key.value.value <= run.steps) return [];
    return [
      report("interval-longer-than-run", { what: "`every`", every: key.value.value, steps: run.steps }, key.span),
    ];
  });
  return [...found, ...samples];
}
