/** Finds the equation that calls a sub-instance whose tap is wanted before the equation was evaluated. */
import type { Span } from "../../grammar/source.js";
import type { Expr, Statement } from "../../grammar/tree.js";
import { visitExpr } from "../names/mentions.js";
import { readBinding } from "./body.js";
import { plain } from "./evaluation.js";
import { evaluateStatic } from "./expr.js";
import { loopScope, namesIn } from "./families.js";
import type { Scope } from "./scope.js";

interface Site {
  readonly statement: Extract<Statement, { kind: "Let" | "Tap" }>;
  readonly index: Expr | undefined;
}

/** Evaluates the `let` or `tap` of `scope` in which `name` (with the index in `key`) is called. */
export function forceCall(scope: Scope, name: string, key: string, span: Span): void {
  const wanted = /\((-?\d+)\)$/.exec(key)?.[1];
  for (const site of sitesOf(scope, name)) {
    const target = site.statement.target;
    if ("pattern" in target) {
      const first = target.pattern[0];
      const b = first ? scope.bindings.get(first.text) : undefined;
      if (b) readBinding(scope, b, span);
      continue;
    }
    const binding = scope.bindings.get(target.name.text);
    if (!binding) continue;
    if (binding.kind !== "family") {
      readBinding(scope, binding, span);
      if (scope.evaluation?.children.has(key)) return;
      continue;
    }
    const loop = site.statement.tail.loops[0];
    for (const k of namesIn(scope, binding, span)) {
      if (wanted !== undefined && site.index) {
        const v = plain(evaluateStatic(site.index, loopScope(binding.scope, loop?.index.text, k)));
        if (v.kind !== "number" || String(v.value) !== wanted) continue;
      }
      readBinding(scope, binding, span, k);
      if (scope.evaluation?.children.has(key)) return;
    }
  }
}

function sitesOf(scope: Scope, name: string): Site[] {
  const body = scope.statements;
  const sites: Site[] = [];
  for (const s of body) {
    if (s.kind !== "Let" && s.kind !== "Tap") continue;
    visitExpr(s.value, {
      expr: (e) => {
        if (e.kind !== "Call") return;
        if (e.callee.kind === "Name" && e.callee.name === name) sites.push({ statement: s, index: undefined });
        else if (e.callee.kind === "Call" && e.callee.callee.kind === "Name" && e.callee.callee.name === name)
          sites.push({ statement: s, index: e.callee.args[0]?.value });
      },
    });
  }
  return sites;
}
