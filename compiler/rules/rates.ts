import type { Span } from "../../grammar/source.js";
import type { MinimizeStatement, Ref } from "../../grammar/tree.js";
import { report } from "../diagnostics/create.js";
import { definitionOf, refine } from "../elaborate/make-instance.js";
import type { Val } from "../elaborate/values.js";
import type { Facts } from "./facts.js";
import type { Rule } from "./rule.js";

/** Learning rates: their size, and the course they take over the steps of this run. */
export const rates: Rule = (facts) =>
  facts.trains.flatMap((t) => t.decl.body.flatMap((s) => (s.kind === "Minimize" ? ratesOf(facts, s, t.steps) : [])));

function ratesOf(facts: Facts, m: MinimizeStatement, steps: number) {
  return m.by.flatMap((by) => {
    const found = read(facts, by.optimizer);
    if (!found) return [];
    const { lr, schedule, lrSpan, scheduleSpan, name, matrix } = found;
    const all = [];
    if (lr?.kind === "number" && lr.value <= 0) all.push(report("lr-not-positive", { lr: lr.value }, lrSpan));
    // Optimizers of matrices normalise their steps: their rates are larger.
    if (lr?.kind === "number" && lr.value >= 0.1 && !matrix)
      all.push(report("lr-high", { lr: lr.value, optimizer: name }, lrSpan));
    if (schedule) all.push(...courseOf(facts, schedule, scheduleSpan, steps));
    return all;
  });
}

interface Found {
  readonly name: string;
  readonly matrix: boolean;
  readonly lr: Val | undefined;
  readonly lrSpan: Span;
  readonly schedule: Val | undefined;
  readonly scheduleSpan: Span;
}

function read(facts: Facts, ref: Ref): Found | undefined {
  const spanOf = (n: string) => ref.settings?.find((s) => s.name.text === n)?.span ?? ref.span;
  if (!/^[A-Z]/.test(ref.name.text)) {
    const i = facts.instance(ref.name.text);
    if (!i) return undefined;
    return found(i.definition.decl, facts.setting(i, "lr"), i.given.get("schedule")?.value, spanOf);
  }
  const symbol = facts.main.seen.get(ref.name.text);
  if (symbol?.kind !== "definition") return undefined;
  const d = facts.quietly(() => refine(definitionOf(symbol), ref.settings ?? [], facts.scope));
  return d && found(symbol.decl, facts.settingOf(d, "lr"), d.given.get("schedule")?.value, spanOf);
}

function found(
  decl: { name: { text: string }; inputs: readonly { type?: unknown }[] },
  lr: Val | undefined,
  schedule: Val | undefined,
  spanOf: (n: string) => Span,
): Found {
  const first = decl.inputs[0]?.type as { kind?: string; axes?: { arrow?: unknown } } | undefined;
  const matrix = first?.kind === "AxesType" && first.axes?.arrow !== undefined;
  return { name: decl.name.text, matrix, lr, lrSpan: spanOf("lr"), schedule, scheduleSpan: spanOf("schedule") };
}

/** The schedule is a function of numbers: it is looked at, not recognised. */
function courseOf(facts: Facts, schedule: Val, span: Span, steps: number) {
  if (steps < 20) return [];
  const at = (k: number): number | undefined => {
    const v = facts.apply(schedule, Math.min(k, steps - 1));
    return v?.kind === "number" ? v.value : undefined;
  };
  const points = Array.from({ length: 33 }, (_, i) => at(Math.round((i * (steps - 1)) / 32)));
  if (points.some((p) => p === undefined || !Number.isFinite(p))) return [];
  const values = points as number[];
  const last = values[32] ?? 0;
  const before = values[31] ?? 0;
  if (last > before * (1 + 1e-9) && last >= Math.max(...values))
    return [report("warmup-too-long", { steps, what: "the rate" }, span)];
  const dead = values.findIndex((_, i) => i > 0 && values.slice(i).every((x) => x <= 1e-12));
  // A course that ends in 0 at the last step is as it should be.
  if (dead > 0 && dead <= 29)
    return [report("schedule-ends-early", { from: Math.round((dead * (steps - 1)) / 32), steps }, span)];
  return [];
}
