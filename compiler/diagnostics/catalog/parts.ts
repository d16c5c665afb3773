import type { Catalog } from "../../../grammar/diagnostic.js";

/** Definitions, settings, instances, families, taps, rewiring, weights, draws. */
export const partsCatalog = {} as const satisfies Catalog;
