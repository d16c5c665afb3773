/** Axes in type position and in settings: names, sizes, `*`, arrows. */
import { joinSpans, type Span } from "../../grammar/source.js";
import type { AxesSpec, AxisItem, Expr } from "../../grammar/tree.js";
import type { Axis } from "./axes.js";
import { axis } from "./axes.js";
import { plain } from "./evaluation.js";
import { evaluate, evaluateStatic, wholeNumber } from "./expr.js";
import type { Scope } from "./scope.js";
import { type AxisRef, describe, type Val } from "./values.js";

export interface SpecAxes {
  readonly axes: readonly AxisRef[];
  readonly star: boolean;
  /** How many stand left of `->`. */
  readonly arrow?: number | undefined;
}

/** Names that stand for axes are replaced by them; sizes are evaluated where written. */
export function specAxes(spec: AxesSpec, scope: Scope): SpecAxes {
  const left = spec.items.flatMap((i) => expand(i, scope));
  const right = (spec.arrow ?? []).flatMap((i) => expand(i, scope));
  const star = spec.items.some((i) => i.kind === "all");
  return { axes: [...left, ...right], star, arrow: spec.arrow ? left.length : undefined };
}

function expand(item: AxisItem, scope: Scope): readonly AxisRef[] {
  if (item.kind !== "axis") return [];
  const group = scope.axisList(item.name.text);
  if (group && !item.size) return group;
  return [
    {
      name: item.name.text,
      size: item.size ? sizeOfExpr(item.size, scope) : undefined,
      from: item.size ? item.span : undefined,
    },
  ];
}

export function sizeOfExpr(expr: Expr, scope: Scope): number {
  const v = plain(evaluateStatic(expr, scope));
  if (v.kind === "number") {
    const n = wholeNumber(scope, v.value, expr.span);
    if (n < 0) return scope.ctx.fail("negative-size", { size: n }, expr.span);
    return n;
  }
  if (v.kind === "error") return scope.ctx.silent();
  return scope.ctx.fail("wrong-kind", { wanted: "a size", found: describe(v) }, expr.span);
}

/** Axes with sizes; a name without one takes what the signature bound. */
export function sized(refs: readonly AxisRef[], scope: Scope, span: Span): Axis[] {
  return refs.map((r) => {
    const size = r.size ?? scope.axisSize(r.name);
    // A setting of type axes whose value was a mistake stands here by its own name; the mistake has been said.
    const mistaken = scope.find(r.name)?.binding;
    if (mistaken?.kind === "value" && mistaken.value.kind === "error") return scope.ctx.silent();
    if (size === undefined) return scope.ctx.fail("unsized-axis", { axis: r.name }, span);
    return axis(r.name, size, 0, r.from);
  });
}

/** The value of a setting of type `axes`: `[dim]`, `[wide: 4 * dim]`, or the name of another such setting. */
export function evaluateAxes(expr: Expr, scope: Scope): Val {
  if (expr.kind === "Axes") {
    return {
      kind: "axes",
      axes: expr.items.flatMap((i) => {
        const group = i.size ? undefined : groupOf(i.name.text, scope);
        return (
          group ?? [
            {
              name: i.name.text,
              size: i.size ? sizeOfExpr(i.size, scope) : scope.axisSize(i.name.text),
              from: i.size ? joinSpans(i.name.span, i.size.span) : undefined,
            },
          ]
        );
      }),
    };
  }
  if (expr.kind === "List") {
    const axes: AxisRef[] = [];
    for (const item of expr.items) {
      if (item.kind !== "Name")
        return scope.ctx.fail("wrong-kind", { wanted: "the name of an axis", found: "an expression" }, item.span);
      const group = groupOf(item.name, scope);
      if (group) axes.push(...group);
      else axes.push({ name: item.name, size: scope.axisSize(item.name) });
    }
    return { kind: "axes", axes };
  }
  const named = expr.kind === "Name" ? groupOf(expr.name, scope) : undefined;
  const v = named ? ({ kind: "axes", axes: named } as const) : plain(evaluate(expr, scope));
  if (v.kind === "axes" || v.kind === "error") return v;
  return scope.ctx.fail("wrong-kind", { wanted: "axes such as `[dim]`", found: describe(v) }, expr.span);
}

/** The axes a name stands for, with the sizes that are bound by now: a default was read before the call bound them. */
function groupOf(name: string, scope: Scope): readonly AxisRef[] | undefined {
  return scope.axisList(name)?.map((a) => ({ ...a, size: a.size ?? scope.axisSize(a.name) }));
}
