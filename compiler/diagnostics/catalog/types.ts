import type { Catalog } from "../../../grammar/diagnostic.js";

/** Axes, sizes, types, lifting. */
export const typesCatalog = {} as const satisfies Catalog;
