import { type ArgsOf, reporterOf } from "../../grammar/diagnostic.js";
import { namesCatalog } from "./catalog/names.js";
import { partsCatalog } from "./catalog/parts.js";
import { plansCatalog } from "./catalog/plans.js";
import { samplingCatalog } from "./catalog/sampling.js";
import { sourcesCatalog } from "./catalog/sources.js";
import { trainingCatalog } from "./catalog/training.js";
import { typesCatalog } from "./catalog/types.js";

const all = {
  ...namesCatalog,
  ...typesCatalog,
  ...partsCatalog,
  ...plansCatalog,
  ...trainingCatalog,
  ...samplingCatalog,
  ...sourcesCatalog,
};

export type Code = keyof typeof all;

/** Makes a diagnostic of the compiler; a missing or wrong argument does not compile. */
export const report = reporterOf(all);

export type ArgsOfCode<K extends Code> = ArgsOf<typeof all, K>;
