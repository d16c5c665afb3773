import type { Catalog } from "../../../grammar/diagnostic.js";

/** Names, imports, scopes: who is meant by a word. */
export const namesCatalog = {} as const satisfies Catalog;
