/** Settings of type `shape`: an expression of which only the axes are read; a data instance stands for its `image` and brings its classes. */
import type { Expr } from "../../grammar/tree.js";
import { type Axis, axis, visible } from "./axes.js";
import { plain } from "./evaluation.js";
import { evaluate } from "./expr.js";
import type { Scope } from "./scope.js";
import { scratchScope } from "./scratch.js";
import { sourceFields } from "./sources.js";
import { describe, type ShapeVal, type Val } from "./values.js";

export function evaluateShape(expr: Expr, scope: Scope): ShapeVal {
  const ctx = scope.ctx;
  const inner = scratchScope(scope);
  const v = plain(evaluate(expr, inner));
  if (expr.kind === "Name" || expr.kind === "Call") {
    if (v.kind === "shape") return v;
    if (v.kind === "instance" && v.instance.definition.decl.of === "data") {
      const fields = sourceFields(ctx, v.instance);
      const image = fields.get("image");
      if (!image) return ctx.fail("wrong-kind", { wanted: "data with an `image`", found: describe(v) }, expr.span);
      return {
        kind: "shape",
        axes: image.axes.map((a) => axis(a.name, a.size)),
        classes: fields.get("label")?.size ?? 0,
      };
    }
  }
  const classes = { count: 0 };
  noteClasses(expr, inner, classes);
  return shapeOfVal(v, scope, expr, classes.count);
}

/** Axes without the batch, taken from a value. */
function shapeOfVal(v: Val, scope: Scope, expr: Expr, classes: number): ShapeVal {
  const axesOf = (x: Val): readonly Axis[] => {
    const p = plain(x);
    if (p.kind !== "tensor")
      return scope.ctx.fail("wrong-kind", { wanted: "something with axes", found: describe(p) }, expr.span);
    return visible(p.axes).filter((a) => a.name !== "batch");
  };
  if (v.kind === "record") {
    const fields = new Map([...v.fields].map(([k, x]) => [k, axesOf(x)] as const));
    return { kind: "shape", axes: [...fields.values()].flat(), fields, classes };
  }
  return { kind: "shape", axes: axesOf(v), classes };
}

/** The classes of the data instances that an expression reads. */
function noteClasses(expr: Expr, scope: Scope, found: { count: number }): void {
  if (expr.kind === "Record") for (const f of expr.fields) noteClasses(f.value, scope, found);
  else if (expr.kind === "Call") for (const a of expr.args) noteClasses(a.value, scope, found);
  else if (expr.kind === "Member") {
    const object = expr.object.kind === "Name" ? plain(evaluate(expr.object, scope)) : undefined;
    if (object?.kind === "instance" && object.instance.definition.decl.of === "data") {
      const label = sourceFields(scope.ctx, object.instance).get("label");
      if (label?.size) found.count = label.size;
    } else noteClasses(expr.object, scope, found);
  }
}
