import { reporterOf } from "../../grammar/diagnostic.js";
import { namesCatalog } from "./catalog/names.js";
import { partsCatalog } from "./catalog/parts.js";
import { plansCatalog } from "./catalog/plans.js";
import { typesCatalog } from "./catalog/types.js";

/** Makes a diagnostic of the compiler; the arguments of each code are checked by type. */
export const report = reporterOf({ ...namesCatalog, ...typesCatalog, ...partsCatalog, ...plansCatalog });
