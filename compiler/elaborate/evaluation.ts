/** The result of a call, and the taps of that call: `pass.model.block(5).out`. */

import { nearest } from "../../grammar/nearest.js";
import type { Span } from "../../grammar/source.js";
import { exportValue } from "../ir/builder.js";
import type { OpOf } from "../ir/graph.js";
import type { Axis } from "./axes.js";
import { readBinding, subInstance } from "./body.js";
import type { Ctx } from "./ctx.js";
import { namesIn, stackMembers } from "./families.js";
import { forceCall } from "./force.js";
import type { Frame } from "./frame.js";
import type { Scope } from "./scope.js";
import { readSetting } from "./settings.js";
import type { TensorVal, Val } from "./values.js";

export interface Evaluation {
  /** What was called, for messages. */
  readonly name: string;
  /** The body, for a call elaborated in place. */
  readonly scope?: Scope | undefined;
  /** For a call of a function of the graph. */
  readonly via?: Via | undefined;
  /** The first argument as the body got it. */
  input: Val | undefined;
  /** The result, after all `set`s. */
  output: Val;
  /** Evaluations of sub-instances and of functions given as inputs, by name and index: `block(3)`, `model`. */
  readonly children: Map<string, Evaluation[]>;
}

/** Values of the function's body are read through its call: one more result of the function. */
export interface Via {
  readonly call: OpOf<"call">;
  readonly frame: Frame;
  readonly inner: Evaluation;
  /** The tag of the body: what was hidden by this call or below it is visible to the caller, whose own tag may be a later one. */
  readonly tag: number;
  /** From an axis of the body to the axis the caller sees. */
  readonly translate: (axis: Axis) => Axis;
}

export function exportTensor(t: TensorVal, via: Via): TensorVal {
  const fn = t.frame.builder.fn;
  // What the caller handed in is the caller's own value: a draw read through a call stays an input of the program.
  const handedIn = via.call.operands[fn.params.indexOf(t.node)];
  const node = handedIn ?? via.frame.builder.resultOf(via.call, exportValue(fn, t.node));
  return {
    ...t,
    node,
    frame: via.frame,
    axes: t.axes.map((a) => via.translate(a.tag >= via.tag ? { ...a, tag: 0 } : a)),
    arrow: undefined,
  };
}

/** A value of a function's body as its caller has it. */
export function exportVal(v: Val, via: Via): Val {
  switch (v.kind) {
    case "tensor":
      return exportTensor(v, via);
    case "record":
      return { kind: "record", fields: new Map([...v.fields].map(([k, x]) => [k, exportVal(x, via)])) };
    case "tuple":
      return { kind: "tuple", items: v.items.map((x) => exportVal(x, via)) };
    case "evaluation":
      return { kind: "evaluation", evaluation: through(v.evaluation, via) };
    default:
      return v;
  }
}

function through(inner: Evaluation, via: Via): Evaluation {
  const here: Via = { ...via, inner };
  let output: Val | undefined;
  let input: Val | undefined;
  return {
    name: inner.name,
    via: here,
    get input() {
      input ??= inner.input && exportVal(inner.input, here);
      return input;
    },
    get output() {
      output ??= exportVal(inner.output, here);
      return output;
    },
    children: new Map(),
  };
}

/** What a path through an evaluation meets: a value, or a family that still wants its index. */
export type Found =
  | { readonly kind: "value"; readonly value: Val }
  | { readonly kind: "family"; readonly evaluation: Evaluation; readonly name: string };

const value = (v: Val): Found => ({ kind: "value", value: v });

/** `e.name` without an index. */
export function member(ctx: Ctx, e: Evaluation, name: string, span: Span): Found {
  if (name === "out") return value(e.output);
  if (name === "in") {
    if (!e.input) return ctx.fail("no-input", { name: e.name }, span);
    return value(e.input);
  }
  if (e.via) {
    const found = member(ctx, e.via.inner, name, span);
    if (found.kind === "family") return { kind: "family", evaluation: e, name };
    return value(exportVal(found.value, e.via));
  }
  const scope = e.scope;
  if (!scope) return memberOfFunction(ctx, e, name, span);
  const chosen = scope.taps.get(name);
  if (chosen) return value(readBinding(scope, chosen, span));
  const binding = scope.bindings.get(name);
  if (binding) {
    switch (binding.kind) {
      case "family":
        if (binding.tap || ctx.privateNames > 0) return { kind: "family", evaluation: e, name };
        break;
      case "lazy":
        if (binding.tap || ctx.privateNames > 0) return value(readBinding(scope, binding, span));
        break;
      case "draw":
        if (binding.decl.target.index) return { kind: "family", evaluation: e, name };
        return value(readBinding(scope, binding, span));
      case "part":
        if (binding.decl.index) return { kind: "family", evaluation: e, name };
        return value({ kind: "evaluation", evaluation: child(ctx, e, scope, name, name, span) });
      case "weight":
        return value(readBinding(scope, binding, span));
      case "value": {
        const v = binding.value;
        if (v.kind === "instance" || v.kind === "function" || v.kind === "definition")
          return value({ kind: "evaluation", evaluation: child(ctx, e, scope, name, name, span) });
        break;
      }
      case "state":
        break;
    }
  }
  const out = plain(e.output);
  if (out.kind === "record") {
    const field = out.fields.get(name);
    if (field) return value(field);
  }
  const setting = scope.instance ? readSetting(scope.instance, name) : undefined;
  if (setting) return value(setting);
  if (binding) return ctx.fail("private-name", { name, of: e.name }, span);
  const known = tapNames(e);
  const guess = nearest(name, known);
  return ctx.fail(
    "unknown-tap",
    { name, of: e.name },
    span,
    guess ? { help: [`did you mean \`${guess}\`?`] } : { help: [`it has ${known.map((n) => `\`${n}\``).join(", ")}`] },
  );
}

/** A local function's result, held by a tap: the calls in it, and the fields of what it gave. */
function memberOfFunction(ctx: Ctx, e: Evaluation, name: string, span: Span): Found {
  const [only, ...others] = e.children.get(name) ?? [];
  if (others.length > 0) return ctx.fail("ambiguous-tap", { name, of: e.name, times: others.length + 1 }, span);
  if (only) return value({ kind: "evaluation", evaluation: only });
  const out = plain(e.output);
  const field = out.kind === "record" ? out.fields.get(name) : undefined;
  return field ? value(field) : ctx.fail("unknown-tap", { name, of: e.name }, span);
}

/** `e.block(5)`, `e.h(3)`. */
export function memberAt(ctx: Ctx, e: Evaluation, name: string, index: number, span: Span): Val {
  if (e.via) return exportVal(memberAt(ctx, e.via.inner, name, index, span), e.via);
  const scope = e.scope;
  const binding = scope?.bindings.get(name);
  if (!scope || !binding) return ctx.fail("unknown-tap", { name, of: e.name }, span);
  if (binding.kind === "part") {
    subInstance(scope, binding, index, span);
    return { kind: "evaluation", evaluation: child(ctx, e, scope, name, `${name}(${index})`, span) };
  }
  return readBinding(scope, binding, span, index);
}

/** The positions a family has: `h(..)`, `block(..)`. */
export function memberDomain(ctx: Ctx, e: Evaluation, name: string, span: Span): readonly number[] {
  if (e.via) return memberDomain(ctx, e.via.inner, name, span);
  const binding = e.scope?.bindings.get(name);
  if (!e.scope || !binding) return ctx.fail("unknown-tap", { name, of: e.name }, span);
  return namesIn(e.scope, binding, span);
}

function child(ctx: Ctx, e: Evaluation, scope: Scope, name: string, key: string, span: Span): Evaluation {
  let found = e.children.get(key);
  if (!found || found.length === 0) {
    forceCall(scope, name, key, span);
    found = e.children.get(key);
  }
  const first = found?.[0];
  if (!first) return ctx.fail("never-called", { name: key, of: e.name }, span);
  if (found && found.length > 1) return ctx.fail("ambiguous-tap", { name: key, of: e.name, times: found.length }, span);
  return first;
}

export function tapNames(e: Evaluation): string[] {
  if (e.via) return tapNames(e.via.inner);
  const names: string[] = [];
  for (const [n, b] of e.scope?.bindings ?? []) {
    if (b.kind === "part" || b.kind === "draw" || b.kind === "weight") names.push(n);
    else if ((b.kind === "lazy" || b.kind === "family") && b.tap) names.push(n);
    else if (b.kind === "value" && (b.value.kind === "instance" || b.value.kind === "function")) names.push(n);
  }
  const out = plain(e.output);
  if (out.kind === "record") names.push(...out.fields.keys());
  return names;
}

/** An evaluation used as a value is its output. */
export function plain(v: Val): Val {
  let x = v;
  while (x.kind === "evaluation") x = x.evaluation.output;
  return x;
}

export { stackMembers };
