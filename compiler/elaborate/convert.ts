/** From one kind of value to the kind a place wants, and from one world of visible axes to another. */
import type { Span } from "../../grammar/source.js";
import { type Axis, visible } from "./axes.js";
import type { Ctx } from "./ctx.js";
import { plain } from "./evaluation.js";
import type { Scope } from "./scope.js";
import { constant, wrap } from "./tensors.js";
import { describe, type InitRule, type TensorVal, type Val } from "./values.js";

export function toTensor(scope: Scope, v: Val, span: Span): TensorVal {
  const x = plain(v);
  switch (x.kind) {
    case "tensor":
      return x;
    case "number":
      return constant(scope.frame, x.value, []);
    case "bool":
      return constant(scope.frame, x.value ? 1 : 0, [], "bool");
    case "step":
      return wrap(scope.frame, scope.frame.step(), []);
    case "none":
      return constant(scope.frame, -1, [], "index");
    case "error":
      return scope.ctx.silent();
    default:
      return scope.ctx.fail("wrong-kind", { wanted: "a tensor or a number", found: describe(x) }, span);
  }
}

export function toNumber(scope: Scope, v: Val, span: Span, wanted = "a static number"): number {
  const x = plain(v);
  if (x.kind === "number") return x.value;
  if (x.kind === "error") return scope.ctx.silent();
  return scope.ctx.fail("wrong-kind", { wanted, found: describe(x) }, span);
}

/** `xavier`, `zeros`, `normal(0.02)`, a number. */
export function toInit(scope: Scope, v: Val, span: Span): InitRule {
  const x = plain(v);
  if (x.kind === "init") return x.rule;
  if (x.kind === "number") return { law: "constant", value: x.value };
  if (x.kind === "builtin") {
    if (x.name === "zeros") return { law: "constant", value: 0 };
    if (x.name === "ones") return { law: "constant", value: 1 };
    if (x.name === "xavier") return { law: "xavier" };
    if (x.name === "torch_default") return { law: "torch_default" };
  }
  return scope.ctx.fail(
    "wrong-kind",
    { wanted: "an initialiser such as `xavier` or `normal(0.02)`", found: describe(x) },
    span,
  );
}

/** Every tensor in a value, rebuilt. */
export function mapTensors(v: Val, f: (t: TensorVal) => TensorVal): Val {
  switch (v.kind) {
    case "tensor":
      return f(v);
    case "record":
      return { kind: "record", fields: new Map([...v.fields].map(([k, x]) => [k, mapTensors(x, f)])) };
    case "tuple":
      return { kind: "tuple", items: v.items.map((x) => mapTensors(x, f)) };
    case "evaluation":
      return mapTensors(v.evaluation.output, f);
    case "list":
      return v.items.some((x) => x.kind === "tensor")
        ? { kind: "list", items: v.items.map((x) => mapTensors(x, f)) }
        : v;
    default:
      return v;
  }
}

/** Other tags on the same tensor; two visible axes of one name are an error. */
export function retag(ctx: Ctx, v: Val, map: (a: Axis) => Axis, span: Span): Val {
  return mapTensors(v, (t) => {
    const axes = t.axes.map(map);
    if (axes.every((a, i) => a === t.axes[i])) return t;
    const seen = new Set<string>();
    for (const a of visible(axes)) {
      if (seen.has(a.name) && t.arrow === undefined) ctx.fail("axis-collision", { axis: a.name }, span);
      seen.add(a.name);
    }
    return { ...t, axes };
  });
}

/** What was hidden by calls made from a scope with `tag`, or below, is visible to it. An evaluation keeps its taps. */
export function reveal(ctx: Ctx, v: Val, tag: number, span: Span): Val {
  if (v.kind === "evaluation") {
    const inner = v.evaluation;
    let output: Val | undefined;
    return {
      kind: "evaluation",
      evaluation: {
        name: inner.name,
        scope: inner.scope,
        via: inner.via,
        input: inner.input,
        children: inner.children,
        get output() {
          output ??= reveal(ctx, plain(inner.output), tag, span);
          return output;
        },
      },
    };
  }
  return retag(ctx, v, (a) => (a.tag > tag ? { ...a, tag: 0 } : a), span);
}

/** All tensors of a value, in a fixed order. */
export function leaves(v: Val): TensorVal[] {
  const found: TensorVal[] = [];
  mapTensors(v, (t) => {
    found.push(t);
    return t;
  });
  return found;
}
