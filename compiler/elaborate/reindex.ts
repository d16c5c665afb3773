/** `x[token -> key]`, `x[row -> (row, i: 2)]`, `x[channel = 1..3]`: the forms of language reference §4.2. */
import type { Span } from "../../grammar/source.js";
import type { AxisSide, ReindexItem } from "../../grammar/tree.js";
import { type Axis, axis, findVisible, visible } from "./axes.js";
import { sizeOfExpr } from "./axis-specs.js";
import { plain } from "./evaluation.js";
import { evaluateStatic, wholeNumber } from "./expr.js";
import type { Scope } from "./scope.js";
import { choose, pick, regroup, relabel } from "./tensors.js";
import { type AxisRef, describe, type TensorVal, type Val } from "./values.js";

/** Names in brackets, with names that stand for axes replaced: `mean[over](x)`. */
export function bracketAxes(items: readonly ReindexItem[], scope: Scope): AxisRef[] {
  return items.flatMap((i) => {
    if (i.kind === "axis") return sideAxes(i.left, scope);
    if (i.kind === "size") return i.left.axes.map((a) => ({ name: a.name.text, size: sizeOfExpr(i.size, scope) }));
    return scope.ctx.fail("axis-names-only", {}, i.span);
  });
}

export function sideAxes(side: AxisSide, scope: Scope): AxisRef[] {
  return side.axes.flatMap((a) => {
    const group = a.size ? undefined : scope.axisList(a.name.text);
    return group ? [...group] : [{ name: a.name.text, size: a.size ? sizeOfExpr(a.size, scope) : undefined }];
  });
}

export function reindex(scope: Scope, v: Val, items: readonly ReindexItem[], span: Span): Val {
  const ctx = scope.ctx;
  if (v.kind === "error") return ctx.silent();
  if (v.kind === "record")
    return {
      kind: "record",
      fields: new Map([...v.fields].map(([k, x]) => [k, reindex(scope, plain(x), items, span)])),
    };
  if (v.kind !== "tensor") return ctx.fail("wrong-kind", { wanted: "a tensor", found: describe(v) }, span);
  let t: TensorVal = v;
  const renames = new Map<string, string>();
  for (const i of items) {
    if (i.kind !== "to" || i.left.group || i.right.group) continue;
    const from = sideAxes(i.left, scope);
    const to = sideAxes(i.right, scope);
    if (from.length !== to.length) return ctx.fail("rename-count", { from: from.length, to: to.length }, i.span);
    from.forEach((f, k) => {
      need(scope, t, f.name, i.span);
      renames.set(f.name, to[k]?.name ?? f.name);
    });
  }
  if (renames.size > 0) {
    const axes = t.axes.map((a) =>
      a.tag === 0 && renames.has(a.name) ? axis(renames.get(a.name) as string, a.size) : a,
    );
    noDoubles(scope, axes, span);
    t = { ...relabel(t, axes), over: t.over };
  }
  for (const i of items) {
    if (i.kind === "at") t = select(scope, t, i);
    else if (i.kind === "to" && (i.left.group || i.right.group)) t = group(scope, t, i);
    else if (i.kind !== "to") return ctx.fail("reindex-form", {}, i.span);
  }
  return t;
}

function need(scope: Scope, t: TensorVal, name: string, span: Span): Axis {
  const a = findVisible(t.axes, name);
  return (
    a ??
    scope.ctx.fail(
      "unknown-axis",
      {
        axis: name,
        has:
          visible(t.axes)
            .map((x) => x.name)
            .join(", ") || "no axes",
      },
      span,
    )
  );
}

function noDoubles(scope: Scope, axes: readonly Axis[], span: Span): void {
  const seen = new Set<string>();
  for (const a of visible(axes)) {
    if (seen.has(a.name)) scope.ctx.fail("axis-collision", { axis: a.name }, span);
    seen.add(a.name);
  }
}

/** Splits and merges; the first axis of a group is the slowest, one size of a split may be left out. */
function group(scope: Scope, t: TensorVal, i: Extract<ReindexItem, { kind: "to" }>): TensorVal {
  const ctx = scope.ctx;
  const from = sideAxes(i.left, scope).map((a) => need(scope, t, a.name, i.left.span));
  const total = from.reduce((n, a) => n * a.size, 1);
  const right = sideAxes(i.right, scope);
  const known = right.reduce((n, a) => n * (a.size ?? 1), 1);
  const open = right.filter((a) => a.size === undefined);
  if (open.length > 1) return ctx.fail("split-sizes", { axes: open.map((a) => a.name).join(", ") }, i.right.span);
  const rest = total / known;
  if (!Number.isInteger(rest) || (open.length === 0 && rest !== 1))
    return ctx.fail("split-uneven", { axis: from.map((a) => a.name).join(", "), size: total, into: known }, i.span);
  const to = right.map((a) => axis(a.name, a.size ?? rest));
  const result = regroup(t, from, to);
  noDoubles(scope, result.axes, i.span);
  return { ...result, over: t.over };
}

/** Static slices (`1..3`), selections (`[2, 5]`) and picks (`2`); positions from 1. */
function select(scope: Scope, t: TensorVal, i: Extract<ReindexItem, { kind: "at" }>): TensorVal {
  const ctx = scope.ctx;
  const name = i.left.axes[0]?.name.text ?? "";
  const group = scope.axisList(name);
  const target = need(scope, t, group?.[0]?.name ?? name, i.left.span);
  const v = evaluateStatic(i.value, scope);
  const check = (value: number): number => {
    const p = wholeNumber(scope, value, i.value.span);
    if (p < 1 || p > target.size)
      ctx.fail(
        "index-range",
        { name, index: p, range: `1..${target.size}` },
        i.value.span,
        p === 0 ? { help: ["positions count from 1"] } : {},
      );
    return p;
  };
  if (v.kind === "number") return { ...pick(t, target, check(v.value) - 1), over: t.over };
  if (v.kind === "range") {
    if (v.to < v.from) return ctx.fail("empty-slice", { axis: name }, i.value.span);
    const from = check(v.from);
    const to = check(v.to);
    return choose(
      t,
      target,
      Array.from({ length: to - from + 1 }, (_, k) => from - 1 + k),
    );
  }
  if (v.kind === "list") {
    if (v.items.length === 0) return ctx.fail("empty-slice", { axis: name }, i.value.span);
    return choose(
      t,
      target,
      v.items.map((x) =>
        x.kind === "number"
          ? check(x.value) - 1
          : ctx.fail("wrong-kind", { wanted: "positions", found: describe(x) }, i.value.span),
      ),
    );
  }
  if (v.kind === "tensor")
    return ctx.fail("index-not-static", {}, i.value.span, { help: [`to look up by a tensor: \`x.at(${name}: i)\``] });
  if (v.kind === "error") return ctx.silent();
  return ctx.fail("wrong-kind", { wanted: "a position, a range or a list", found: describe(v) }, i.value.span);
}
