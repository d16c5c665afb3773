/** The keys of plans by name, for checks that come before anything is evaluated. */

import type { PlanKind } from "../../grammar/tree.js";
import type { KeyRow } from "../plan/keys.js";
import { engines, sampleKeys, trainKeys } from "../plan/keys.js";

export { planSettingKeys } from "../elaborate/make-instance.js";

const rows = (table: Readonly<Record<string, KeyRow>>) => new Map(Object.entries(table));
const sample = rows(sampleKeys);
const ofOnePlan: ReadonlySet<string> = new Set(["like", "count"]);

/** Maps and no plain objects: a key may be named `constructor`. */
export const planKeys: Readonly<Record<PlanKind, ReadonlyMap<string, KeyRow>>> = {
  train: rows(trainKeys),
  sample,
  evaluate: new Map([...sample].filter(([name]) => !ofOnePlan.has(name))),
};

/** `open`: besides the words an expression may stand there. */
export const planWords: ReadonlyMap<string, { readonly words: readonly string[]; readonly open: boolean }> = new Map([
  ["engine", { words: engines, open: false }],
  ["precision", { words: ["f32", "bf16"], open: false }],
  ["memory", { words: ["auto"], open: true }],
  ["start", { words: ["fresh"], open: true }],
]);
