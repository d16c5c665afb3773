import type { Catalog } from "../../../grammar/diagnostic.js";

/** train, sample, evaluate, sweep and layout. */
export const plansCatalog = {} as const satisfies Catalog;
