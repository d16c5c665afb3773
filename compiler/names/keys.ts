/** The keys of plans by name, for checks that come before anything is evaluated. */

import type { PlanKind } from "../../grammar/tree.js";
import type { KeyRow } from "../plan/keys.js";
import { engines, sampleKeys, trainKeys } from "../plan/keys.js";

export { planSettingKeys } from "../elaborate/make-instance.js";

const evaluateKeys: Readonly<Record<string, KeyRow>> = Object.fromEntries(
  Object.entries(sampleKeys).filter(([name]) => name !== "like" && name !== "count"),
);

export const planKeys: Readonly<Record<PlanKind, Readonly<Record<string, KeyRow>>>> = {
  train: trainKeys,
  sample: sampleKeys,
  evaluate: evaluateKeys,
};

/** `open`: besides the words an expression may stand there. */
export const planWords: Readonly<Record<string, { readonly words: readonly string[]; readonly open: boolean }>> = {
  engine: { words: engines, open: false },
  precision: { words: ["f32", "bf16"], open: false },
  memory: { words: ["auto"], open: true },
  start: { words: ["fresh"], open: true },
};
