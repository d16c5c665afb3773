/** Data instances and encoders: definitions without a body, whose result type says which fields they have. */
import type { TypeNode } from "../../grammar/tree.js";
import type { DType } from "../ir/graph.js";
import type { FieldInfo, FieldRef, SourceInfo } from "../plan/plan.js";
import { type Axis, axis, namesOf, shapeOf } from "./axes.js";
import { sized, sizeOfExpr, specAxes } from "./axis-specs.js";
import { settingsScope } from "./call.js";
import type { Ctx } from "./ctx.js";
import { evaluate } from "./expr.js";
import type { Instance } from "./instance.js";
import type { Scope } from "./scope.js";
import { wrap } from "./tensors.js";
import type { TensorVal, Val } from "./values.js";

export interface SourceField {
  readonly name: string;
  readonly dtype: DType;
  /** Without the batch. */
  readonly axes: readonly Axis[];
  /** For labels: how many classes. */
  readonly size?: number | undefined;
  readonly over?: string | undefined;
}

/** A field with a size of 0 is not there: `label` of data without classes. */
export function sourceFields(ctx: Ctx, instance: Instance): ReadonlyMap<string, SourceField> {
  const scope = settingsScope(ctx, instance);
  const fields = new Map<string, SourceField>();
  const result = instance.definition.decl.result;
  // A size that its settings make impossible is shown where they were given.
  ctx.inCall(instance.declared, instance.name, [], () => {
    if (result.kind === "RecordType") for (const f of result.fields) add(fields, f.name.text, f.type, scope);
  });
  if (instance.definition.decl.of === "encoder") {
    const declared = new Set(instance.definition.decl.settings.map((s) => s.name.text));
    for (const [name, given] of instance.given)
      if (!declared.has(name) && given.value.kind === "axes")
        fields.set(name, { name, dtype: "float", axes: sized(given.value.axes, scope, given.setting.span) });
  }
  return fields;
}

function add(fields: Map<string, SourceField>, name: string, type: TypeNode, scope: Scope): void {
  if (type.kind === "AxesType") {
    const axes = sized(specAxes(type.axes, scope).axes, scope, type.span);
    if (axes.every((a) => a.size > 0)) fields.set(name, { name, dtype: "float", axes });
  } else if (type.kind === "IndexType") {
    const size = type.size ? sizeOfExpr(type.size, scope) : 0;
    if (size > 0) fields.set(name, { name, dtype: "index", axes: [], size, over: type.axis.text });
  }
}

/** The samples of this step: an input of the program with the axis `batch` in front. */
export function readField(scope: Scope, instance: Instance, field: SourceField): TensorVal {
  const batch = scope.axisSize("batch") ?? 1;
  const axes = [axis("batch", batch), ...field.axes];
  const info: FieldInfo = {
    instance: instance.path,
    field: field.name,
    shape: shapeOf(axes),
    axes: namesOf(axes),
    dtype: field.dtype,
  };
  scope.ctx.sources.set(instance.path, instance);
  const over =
    field.over !== undefined && field.size !== undefined ? { axis: field.over, size: field.size } : undefined;
  return wrap(scope.frame, scope.frame.field(info), axes, over);
}

/** For the plan file: settings as plain JSON. */
export function sourceInfo(
  ctx: Ctx,
  instance: Instance,
  fields: readonly FieldInfo[],
  reads: FieldRef | undefined,
): SourceInfo {
  const scope = settingsScope(ctx, instance);
  const settings: Record<string, unknown> = {};
  for (const d of instance.definition.decl.settings)
    settings[d.name.text] = json(evaluate({ kind: "Name", name: d.name.text, span: d.name.span }, scope));
  const info = { name: instance.path, definition: instance.definition.decl.name.text, settings, fields };
  return reads ? { ...info, reads } : info;
}

function json(v: Val): unknown {
  switch (v.kind) {
    case "number":
    case "bool":
    case "string":
      return v.value;
    case "word":
      return v.word;
    case "range":
      return [v.from, v.to];
    case "list":
      return v.items.map(json);
    case "axes":
      return Object.fromEntries(v.axes.map((a) => [a.name, a.size ?? null]));
    default:
      return null;
  }
}
