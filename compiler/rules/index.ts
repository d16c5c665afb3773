/** Every rule. A rule is asked once a spec, after the elaboration found no error. */
import type { Diagnostic } from "../../grammar/diagnostic.js";
import type { Spec } from "../spec.js";
import { averages } from "./averages.js";
import { batches } from "./batches.js";
import { clocks } from "./clocks.js";
import { Facts } from "./facts.js";
import { fields } from "./fields.js";
import { guidance } from "./guidance.js";
import { labels } from "./labels.js";
import { lists } from "./lists.js";
import { moved } from "./moved.js";
import { objectives } from "./objectives.js";
import { rates } from "./rates.js";
import type { Rule } from "./rule.js";
import { sampling } from "./sampling.js";
import { sources } from "./sources.js";
import { steps } from "./steps.js";
import { taps } from "./taps.js";
import { terms } from "./terms.js";
import { tokens } from "./tokens.js";
import { unread } from "./unread.js";

const rules: readonly Rule[] = [
  averages,
  batches,
  clocks,
  fields,
  guidance,
  labels,
  lists,
  moved,
  objectives,
  rates,
  sampling,
  sources,
  steps,
  taps,
  terms,
  tokens,
  unread,
];

/** Advice about the numbers of a run. Who maps recorded numbers repeats what somebody else did, and gets none. */
const advice: ReadonlySet<Rule> = new Set([averages, fields, guidance, moved, rates, sources, steps]);

export function checkRules(spec: Spec): Diagnostic[] {
  const facts = new Facts(spec);
  return rules.flatMap((rule) => {
    const found = rule(facts);
    return facts.recorded && advice.has(rule) ? found.filter((d) => d.severity === "error") : found;
  });
}
