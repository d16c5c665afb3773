/** One builtin function: a row of a table. `brackets` are the items between `name[` and `]`. */
import type { Span } from "../../../grammar/source.js";
import type { ReindexItem } from "../../../grammar/tree.js";
import { type Axis, findVisible, visible } from "../axes.js";
import { toTensor } from "../convert.js";
import { plain } from "../evaluation.js";
import type { Arg, Args } from "../inputs.js";
import { bracketAxes } from "../reindex.js";
import type { Scope } from "../scope.js";
import type { AxisRef, TensorVal, Val } from "../values.js";

export interface Call {
  readonly scope: Scope;
  readonly name: string;
  readonly args: Args;
  readonly brackets: readonly ReindexItem[] | undefined;
  readonly span: Span;
}

export interface Builtin {
  /** As the index of the language reference writes it. */
  readonly signature: string;
  readonly run: (call: Call) => Val;
}

export function arg(call: Call, i: number, name?: string): Val {
  return plain(argument(call, i, name).value);
}

export function argument(call: Call, i: number, name?: string): Arg {
  const a = call.args.positional[i] ?? (name === undefined ? undefined : call.args.named.get(name));
  return a ?? call.scope.ctx.fail("missing-argument", { name: name ?? `argument ${i + 1} of ${call.name}` }, call.span);
}

export function tensorArg(call: Call, i: number, name?: string): TensorVal {
  const a = argument(call, i, name);
  const t = toTensor(call.scope, plain(a.value), a.span);
  return t.dtype === "index"
    ? call.scope.ctx.fail("operand-kind", { op: call.name, found: "a tensor of indices" }, a.span, {
        help: ["`position(i)` is the position of an index as a number"],
      })
    : t;
}

export function expectCount(call: Call, low: number, high = low): void {
  const n = call.args.positional.length;
  if (n < low || n > high)
    call.scope.ctx.fail(
      "argument-count",
      { name: call.name, wanted: low === high ? String(low) : `${low} to ${high}`, found: n },
      call.span,
    );
}

/** The axes named in brackets, found on `t`; all visible ones where there are no brackets. */
export function reducedAxes(call: Call, t: TensorVal): Axis[] {
  if (!call.brackets) return visible(t.axes);
  return namedAxes(call).map((r) => axisOn(call, t, r.name));
}

export function namedAxes(call: Call): AxisRef[] {
  if (!call.brackets) return call.scope.ctx.fail("axis-argument", { name: call.name, axes: "an axis" }, call.span);
  return bracketAxes(call.brackets, call.scope);
}

export function oneAxis(call: Call): AxisRef {
  const axes = namedAxes(call);
  const first = axes[0];
  if (!first || axes.length !== 1) return call.scope.ctx.fail("one-axis", { name: call.name }, call.span);
  return first;
}

export function axisOn(call: Call, t: TensorVal, name: string): Axis {
  const a = findVisible(t.axes, name);
  const has =
    visible(t.axes)
      .map((x) => x.name)
      .join(", ") || "no axes";
  return a ?? call.scope.ctx.fail("unknown-axis", { axis: name, has }, call.brackets?.[0]?.span ?? call.span);
}
