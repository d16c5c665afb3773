import type { Diagnostic } from "../../grammar/diagnostic.js";
import type { Expr } from "../../grammar/tree.js";
import { report } from "../diagnostics/create.js";
import { settingsScope } from "../elaborate/call.js";
import { loopScope, positions } from "../elaborate/families.js";
import type { Instance } from "../elaborate/instance.js";
import { placeKey } from "../elaborate/rewire.js";
import { scratchScope } from "../elaborate/scratch.js";
import { visitExpr } from "../names/mentions.js";
import type { Facts } from "./facts.js";
import type { Rule } from "./rule.js";

/** A tap behind a fusion is the value after it: what a paper means by "block 8" may be the one before. */
export const taps: Rule = (facts) => {
  const fused = new Map<string, Expr>();
  for (const i of facts.instances())
    if (i.definition.decl.of === "model") for (const [key, at] of targets(facts, i)) fused.set(key, at);
  if (fused.size === 0) return [];
  return facts.trains.flatMap((t): Diagnostic[] =>
    t.decl.body.flatMap((s) => {
      if (s.kind !== "Minimize") return [];
      return s.terms.flatMap((term) =>
        inside(term.value).flatMap((e) => {
          const key = single(facts, e);
          const at = key === undefined ? undefined : fused.get(key);
          return key !== undefined && at
            ? [
                report("tap-after-fusion", { tap: key }, e.span, {
                  related: [{ span: at.span, message: "this skip is fused in before it is read" }],
                }),
              ]
            : [];
        }),
      );
    }),
  );
};

function inside(e: Expr): Expr[] {
  const all: Expr[] = [];
  visitExpr(e, { expr: (x) => void all.push(x) });
  return all;
}

/** `pass.model.block(8).out` as `block(8).out`; members of ranges are not asked about. */
function single(facts: Facts, e: Expr): string | undefined {
  if (e.kind !== "Member" || e.name.text !== "out" || e.object.kind !== "Call") return undefined;
  const { callee, args } = e.object;
  const arg = args[0];
  if (callee.kind !== "Member" || args.length !== 1 || !arg) return undefined;
  const n = facts.number(arg.value);
  return n === undefined ? undefined : `${callee.name.text}(${n}).out`;
}

function targets(facts: Facts, i: Instance): [string, Expr][] {
  return i.rewires.flatMap((r) =>
    r.statements.flatMap((s) => {
      if (s.kind !== "Skip") return [];
      const scope = facts.quietly(() => scratchScope(settingsScope(facts.spec.ctx, i)));
      const loop = s.tail.loops[0];
      if (!scope) return [];
      const at = loop ? (facts.quietly(() => positions(scope, loop.range)) ?? []) : [undefined];
      return at.flatMap((k) => {
        const key = facts.quietly(() => placeKey(s.to, loopScope(scope, loop?.index.text, k)));
        return key === undefined ? [] : [[key, s.to] as [string, Expr]];
      });
    }),
  );
}
