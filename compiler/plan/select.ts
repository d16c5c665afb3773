/** `net`, `net.block(1..4)`, `net where matrix except net.label`: which weights a group of a `minimize` takes (language reference §6.4). */
import type { Expr, Select } from "../../grammar/tree.js";
import { plain } from "../elaborate/evaluation.js";
import { evaluate, evaluateStatic } from "../elaborate/expr.js";
import { positions } from "../elaborate/families.js";
import type { Scope } from "../elaborate/scope.js";
import { describe } from "../elaborate/values.js";
import type { WeightInfo } from "./plan.js";

type Step = string | ReadonlySet<string> | "any";

export interface Pattern {
  readonly steps: readonly Step[];
  readonly shape: "matrix" | "vector" | undefined;
  readonly expr: Expr;
}

export interface Selection {
  readonly take: Pattern;
  readonly except: readonly Pattern[];
}

export function readSelect(scope: Scope, s: Select): Selection {
  const [first, ...rest] = s.terms.map((t): Pattern => {
    const word = t.where?.text;
    if (word !== undefined && word !== "matrix" && word !== "vector")
      scope.ctx.fail("where-form", { word }, t.where?.span ?? s.span);
    return { steps: pathSteps(scope, t.path), shape: word as Pattern["shape"], expr: t.path };
  });
  if (!first) return scope.ctx.fail("select-form", {}, s.span);
  return { take: first, except: rest };
}

/** The steps of a path of weights: the path of the instance, then parts, indices and names. */
export function pathSteps(scope: Scope, e: Expr): Step[] {
  const ctx = scope.ctx;
  switch (e.kind) {
    case "Name": {
      const v = plain(evaluate(e, scope));
      if (v.kind === "error") return ctx.silent();
      if (v.kind !== "instance") return ctx.fail("wrong-kind", { wanted: "an instance", found: describe(v) }, e.span);
      return v.instance.path.split(".");
    }
    case "Member":
      return [...pathSteps(scope, e.object), e.name.text];
    case "Call": {
      const base = pathSteps(scope, e.callee);
      const arg = e.args[0];
      if (!arg && e.rest) return [...base, "any"];
      if (!arg || e.args.length !== 1) return ctx.fail("select-form", {}, e.span);
      const v = evaluateStatic(arg.value, scope);
      if (v.kind === "number") return [...base, String(v.value)];
      return [...base, new Set(positions(scope, arg.value).map(String))];
    }
    default:
      return ctx.fail("select-form", {}, e.span);
  }
}

export function matches(p: Pattern, w: WeightInfo): boolean {
  if (p.shape === "matrix" && w.arrow === undefined) return false;
  if (p.shape === "vector" && w.arrow !== undefined) return false;
  const path = w.path.split(".");
  if (path.length < p.steps.length) return false;
  return p.steps.every((s, i) => s === "any" || (typeof s === "string" ? s === path[i] : s.has(path[i] ?? "")));
}

export function selected(selections: readonly Selection[], w: WeightInfo): boolean {
  return selections.some((s) => matches(s.take, w) && !s.except.some((e) => matches(e, w)));
}

export function excepted(selections: readonly Selection[], w: WeightInfo): boolean {
  return selections.some((s) => s.except.some((e) => matches(e, w)));
}
