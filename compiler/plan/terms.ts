/** The terms of a `minimize`: which are there, what they are worth, which weights they reach. */
import type { Expr, MinimizeStatement, Term } from "../../grammar/tree.js";
import { showAxes, visible } from "../elaborate/axes.js";
import { guard, holding } from "../elaborate/body.js";
import { toTensor } from "../elaborate/convert.js";
import { plain } from "../elaborate/evaluation.js";
import { evaluate } from "../elaborate/expr.js";
import type { Scope } from "../elaborate/scope.js";
import { binary, mean } from "../elaborate/tensors.js";
import { describe, type TensorVal } from "../elaborate/values.js";

export interface TermValue {
  readonly term: Term;
  /** Mean over the batch: a scalar. */
  readonly value: TensorVal;
}

export interface Objective {
  readonly statement: MinimizeStatement;
  readonly name: string;
  readonly terms: readonly TermValue[];
  readonly total: TensorVal;
}

export function minimizeName(m: MinimizeStatement): string {
  return m.name?.text ?? "loss";
}

export function evaluateTerms(scope: Scope, m: MinimizeStatement): Objective | undefined {
  const ctx = scope.ctx;
  const terms: TermValue[] = [];
  for (const t of m.terms) {
    const value = ctx.attempt(() => termValue(scope, m, t));
    if (value) terms.push({ term: t, value });
  }
  const first = terms[0];
  if (!first) {
    if (!ctx.hasErrors) ctx.report("nothing-to-minimize", { name: minimizeName(m) }, m.span);
    return undefined;
  }
  let total = first.value;
  for (const t of terms.slice(1)) total = binary(ctx, "add", total, t.value, t.term.span, "+");
  return { statement: m, name: minimizeName(m), terms, total };
}

/** `undefined` for a term that is not there: its guard is false, or a factor is statically 0 (language reference §6.5). */
function termValue(scope: Scope, m: MinimizeStatement, t: Term): TensorVal | undefined {
  const ctx = scope.ctx;
  if (t.guard && !guard(scope, t.guard)) return undefined;
  return holding(scope, holderName(scope, m, t), false, () => {
    if (factors(t.value).some((f) => isZero(scope, f))) return undefined;
    const v = plain(evaluate(t.value, scope));
    if (v.kind === "error") return ctx.silent();
    if (v.kind !== "number" && v.kind !== "tensor" && v.kind !== "step")
      return ctx.fail("term-kind", { term: t.name.text, found: describe(v) }, t.value.span);
    if (v.kind === "number" && v.value === 0) return undefined;
    const x = toTensor(scope, v, t.value.span);
    if (x.dtype !== "float") return ctx.fail("term-kind", { term: t.name.text, found: describe(v) }, t.value.span);
    const left = visible(x.axes).filter((a) => a.name !== "batch");
    if (left.length > 0)
      return ctx.fail("term-axes", { term: t.name.text, axes: showAxes(left) }, t.value.span, {
        help: [`take the mean over what is meant: \`mean[${left.map((a) => a.name).join(", ")}](…)\``],
      });
    return mean(x, visible(x.axes));
  });
}

/** Draws are named by the term that holds their call; where several `minimize`s have a term of this name, by both. */
function holderName(scope: Scope, m: MinimizeStatement, t: Term): string {
  const twin = scope.statements.some(
    (s) => s.kind === "Minimize" && s !== m && s.terms.some((x) => x.name.text === t.name.text),
  );
  return twin ? `${minimizeName(m)}.${t.name.text}` : t.name.text;
}

/** The factors of a product, parentheses looked through. */
function factors(e: Expr): Expr[] {
  if (e.kind === "Group") return factors(e.inner);
  if (e.kind === "Binary" && e.op === "*") return [...factors(e.left), ...factors(e.right)];
  return [e];
}

/** Only what is evidently static is looked at: looking must not build what may turn out not to be there. */
function isZero(scope: Scope, e: Expr): boolean {
  if (!simple(e, scope)) return false;
  const v = scope.ctx.attemptQuietly(() => plain(evaluate(e, scope)));
  return v?.kind === "number" && v.value === 0;
}

/** `depth`: names may need each other in a circle; that is reported where they are evaluated. */
function simple(e: Expr, scope: Scope, depth = 0): boolean {
  if (depth > 100) return false;
  switch (e.kind) {
    case "Number":
      return true;
    case "Name": {
      const found = scope.find(e.name);
      if (found)
        return (
          found.binding.kind === "value" ||
          (found.binding.kind === "lazy" &&
            found.binding.expr !== undefined &&
            simple(found.binding.expr, scope, depth + 1))
        );
      return scope.file.seen.get(e.name)?.kind === "param";
    }
    case "Group":
      return simple(e.inner, scope, depth + 1);
    case "Unary":
      return simple(e.value, scope, depth + 1);
    case "Binary":
      return simple(e.left, scope, depth + 1) && simple(e.right, scope, depth + 1);
    case "If":
      return (
        simple(e.condition, scope, depth + 1) && simple(e.then, scope, depth + 1) && simple(e.else, scope, depth + 1)
      );
    default:
      return false;
  }
}
