/** Finds the equation that calls a sub-instance whose tap is wanted before the equation was evaluated. */
import type { Span } from "../../grammar/source.js";
import type { Expr, Statement } from "../../grammar/tree.js";
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
    walk(s.value, (e) => {
      if (e.kind !== "Call") return;
      if (e.callee.kind === "Name" && e.callee.name === name) sites.push({ statement: s, index: undefined });
      else if (e.callee.kind === "Call" && e.callee.callee.kind === "Name" && e.callee.callee.name === name)
        sites.push({ statement: s, index: e.callee.args[0]?.value });
    });
  }
  return sites;
}

/** Every expression inside an expression, itself included. */
export function walk(e: Expr, visit: (e: Expr) => void): void {
  visit(e);
  switch (e.kind) {
    case "Call":
      walk(e.callee, visit);
      for (const a of e.args) walk(a.value, visit);
      break;
    case "Group":
      walk(e.inner, visit);
      break;
    case "Tuple":
    case "List":
      for (const i of e.items) walk(i, visit);
      break;
    case "Record":
      for (const f of e.fields) walk(f.value, visit);
      break;
    case "Comprehension":
      walk(e.item, visit);
      for (const l of e.loops) walk(l.in, visit);
      if (e.guard) walk(e.guard, visit);
      break;
    case "Axes":
      for (const i of e.items) if (i.size) walk(i.size, visit);
      break;
    case "Member":
      walk(e.object, visit);
      break;
    case "Reindex":
      walk(e.object, visit);
      for (const i of e.items) {
        if (i.kind === "at") walk(i.value, visit);
        else if (i.kind === "size") walk(i.size, visit);
      }
      break;
    case "Unary":
      walk(e.value, visit);
      break;
    case "Binary":
      walk(e.left, visit);
      walk(e.right, visit);
      break;
    case "Range":
      walk(e.from, visit);
      walk(e.to, visit);
      break;
    case "Is":
      walk(e.subject, visit);
      break;
    case "If":
      walk(e.condition, visit);
      walk(e.then, visit);
      walk(e.else, visit);
      break;
    case "Def":
      for (const s of e.settings ?? []) if (s.value) walk(s.value, visit);
      break;
    case "Number":
    case "String":
    case "Bool":
    case "None":
    case "Name":
    case "Missing":
      break;
  }
}
