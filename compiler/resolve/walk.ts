/** Looking for uses of definitions in a piece of a tree, whatever it is made of. */
import type { DefExpr, Ref } from "../../grammar/tree.js";

type Use = Ref | DefExpr;

/** The outermost uses: expressions `Upper { … }` and what stands behind `via` and `by`. */
export function definitionsIn(piece: unknown): Use[] {
  const found: Use[] = [];
  visit(piece, found);
  return found;
}

function visit(x: unknown, found: Use[]): void {
  if (Array.isArray(x)) {
    for (const one of x) visit(one, found);
    return;
  }
  if (typeof x !== "object" || x === null || isSpan(x)) return;
  if (isUse(x)) {
    found.push(x);
    return;
  }
  for (const value of Object.values(x)) visit(value, found);
}

function isSpan(x: object): boolean {
  return "source" in x && "pos" in x;
}

/** A `Ref` has no `kind`; it and a `DefExpr` have a name with upper case and perhaps settings. */
function isUse(x: object): x is Use {
  if ("kind" in x && x.kind !== "Def") return false;
  if (!("name" in x) || !("span" in x)) return false;
  const { name } = x;
  if (typeof name !== "object" || name === null || !("text" in name) || typeof name.text !== "string") return false;
  return /^[A-Z]/.test(name.text) && ("kind" in x || "settings" in x || "member" in x || Object.keys(x).length <= 4);
}
