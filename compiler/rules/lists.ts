import type { Diagnostic } from "../../grammar/diagnostic.js";
import type { Expr, Setting } from "../../grammar/tree.js";
import { report } from "../diagnostics/create.js";
import type { Val } from "../elaborate/values.js";
import { expressions, type Facts } from "./facts.js";
import type { Rule } from "./rule.js";

/** Lists of blocks and pairs that a function chose: empty ones, pairs of a block with itself, pairs that wrapped round. */
export const lists: Rule = (facts) =>
  facts.trains.flatMap((t) =>
    expressions(t.decl).flatMap((e) => {
      if (e.kind !== "Def") return [];
      const symbol = facts.main.seen.get(e.name.text);
      if (symbol?.kind !== "definition") return [];
      return (e.settings ?? []).flatMap((s) => {
        const type = symbol.decl.settings.find((d) => d.name.text === s.name.text)?.type;
        return type?.kind === "NamedType" && type.name.text === "list" && s.value ? listOf(facts, s, s.value) : [];
      });
    }),
  );

function listOf(facts: Facts, s: Setting, e: Expr): Diagnostic[] {
  const v = facts.value(e);
  if (v?.kind !== "list") return [];
  if (v.items.length === 0) return [report("empty-list", { setting: s.name.text }, s.span)];
  const pairs = v.items.flatMap((i) => pairOf(i));
  const self = pairs.find(([i, j]) => i === j);
  if (self) return [report("pair-with-itself", { block: self[0] }, s.span)];
  const wrapped = pairs.find(([i, j]) => i > j);
  // Written out by hand, an order is a choice.
  if (wrapped && e.kind !== "List") return [report("pairs-wrap", { first: wrapped[0], second: wrapped[1] }, s.span)];
  return [];
}

function pairOf(v: Val): [number, number][] {
  if (v.kind !== "tuple" || v.items.length !== 2) return [];
  const [a, b] = v.items;
  return a?.kind === "number" && b?.kind === "number" ? [[a.value, b.value]] : [];
}
