/** Every code there is, with its page. Areas keep their own typed catalog; here they become one. */
import type { Catalog, Severity } from "../../grammar/diagnostic.js";
import { syntaxCatalog } from "../../grammar/messages.js";
import { namesCatalog } from "./catalog/names.js";
import { partsCatalog } from "./catalog/parts.js";
import { plansCatalog } from "./catalog/plans.js";
import { samplingCatalog } from "./catalog/sampling.js";
import { sourcesCatalog } from "./catalog/sources.js";
import { trainingCatalog } from "./catalog/training.js";
import { typesCatalog } from "./catalog/types.js";

export interface Area {
  readonly name: string;
  readonly entries: Catalog;
}

/** In the order in which a spec is looked at. */
export const areas: readonly Area[] = [
  { name: "syntax", entries: syntaxCatalog },
  { name: "names", entries: namesCatalog },
  { name: "types", entries: typesCatalog },
  { name: "parts", entries: partsCatalog },
  { name: "plans", entries: plansCatalog },
  { name: "training", entries: trainingCatalog },
  { name: "sampling", entries: samplingCatalog },
  { name: "sources", entries: sourcesCatalog },
];

/** What `dit explain CODE` and docs/diagnostics/CODE.md show. */
export interface Page {
  readonly code: string;
  readonly area: string;
  readonly severity: Severity;
  readonly explain: string;
  readonly example: string | undefined;
}

/** All pages by code, sorted. A code that two areas claim is a bug of ours, found by the tests. */
export function pages(): ReadonlyMap<string, Page> {
  const found: Page[] = [];
  for (const area of areas)
    for (const [code, { severity, explain, example }] of Object.entries(area.entries))
      found.push({ code, area: area.name, severity, explain, example });
  found.sort((a, b) => (a.code < b.code ? -1 : 1));
  return new Map(found.map((page) => [page.code, page]));
}
