/** Arguments meet a signature: which axes are named, which the call is mapped over, which sizes are bound (language reference §4.1, §4.3). */
import type { Span } from "../../grammar/source.js";
import type { Expr, Input, TypeNode } from "../../grammar/tree.js";
import { type Axis, axis, cameFrom, findVisible, showAxes, visible } from "./axes.js";
import { sizeOfExpr, specAxes } from "./axis-specs.js";
import { declare } from "./body.js";
import { leaves, mapTensors, retag, toTensor } from "./convert.js";
import { plain } from "./evaluation.js";
import { evaluate } from "./expr.js";
import { typedValue } from "./make-instance.js";
import type { Scope } from "./scope.js";
import { describe, type TensorVal, type Val } from "./values.js";

/** An argument; its expression is evaluated when its input is known, because a choice word is not a name. */
export interface Arg {
  readonly span: Span;
  readonly value: Val;
  readonly expr?: Expr | undefined;
  readonly scope?: Scope | undefined;
}

export interface Args {
  readonly positional: readonly Arg[];
  readonly named: ReadonlyMap<string, Arg>;
}

export interface Bound {
  readonly input: Input;
  readonly arg: Arg | undefined;
  value: Val | undefined;
}

/** Positional, then by name. What is left over is for the caller to place. */
export function matchInputs(
  scope: Scope,
  inputs: readonly Input[],
  args: Args,
): { bound: Bound[]; extra: Arg[]; named: Map<string, Arg> } {
  const named = new Map(args.named);
  const bound = inputs.map((input, i): Bound => {
    const positional = args.positional[i];
    const byName = named.get(input.name.text);
    if (positional && byName) scope.ctx.fail("argument-twice", { name: input.name.text }, byName.span);
    if (byName) named.delete(input.name.text);
    const arg = positional ?? byName;
    return { input, arg, value: arg && argumentValue(arg, input.type) };
  });
  return { bound, extra: args.positional.slice(inputs.length), named };
}

function argumentValue(arg: Arg, type: TypeNode | undefined): Val {
  if (type?.kind === "ChoiceType" && arg.expr?.kind === "Name" && arg.scope) {
    const words = type.words.map((w) => w.text);
    if (words.includes(arg.expr.name)) return { kind: "word", word: arg.expr.name };
  }
  return arg.value;
}

/** Names a type mentions; `undefined` for types that are no tensors. */
function mentioned(type: TypeNode | undefined, scope: Scope): { names: Set<string>; star: boolean } | undefined {
  if (!type) return undefined;
  switch (type.kind) {
    case "AxesType": {
      const spec = specAxes2(type, scope);
      return { names: new Set(spec.names), star: spec.star };
    }
    case "IndexType":
      return { names: new Set(type.axes ? namesOfSpec(type.axes, scope) : []), star: false };
    case "NamedType":
      return type.name.text === "bool" && type.axes
        ? { names: new Set(namesOfSpec(type.axes, scope)), star: false }
        : undefined;
    case "RecordType": {
      const names = new Set<string>();
      for (const f of type.fields) for (const n of mentioned(f.type, scope)?.names ?? []) names.add(n);
      return { names, star: false };
    }
    case "TupleType":
    case "ChoiceType":
    case "SignatureType":
      return undefined;
  }
}

function specAxes2(type: Extract<TypeNode, { kind: "AxesType" }>, scope: Scope): { names: string[]; star: boolean } {
  return { names: namesOfSpec(type.axes, scope), star: type.axes.items.some((i) => i.kind === "all") };
}

/** Names without evaluating sizes, which may need what is bound only later. */
function namesOfSpec(spec: import("../../grammar/tree.js").AxesSpec, scope: Scope): string[] {
  return [...spec.items, ...(spec.arrow ?? [])].flatMap((i) => {
    if (i.kind !== "axis") return [];
    const group = i.size ? undefined : scope.axisList(i.name.text);
    return group ? group.map((g) => g.name) : [i.name.text];
  });
}

export interface Lifted {
  /** The axes the call is mapped over, hidden under the tag of the call. */
  readonly axes: readonly Axis[];
}

/** Hides what the signature does not mention, binds sizes, declares the inputs in `scope`. `tag` is the tag of this call. */
export function bindInputs(scope: Scope, bound: readonly Bound[], tag: number, span: Span, keepBatch: boolean): Lifted {
  const handedOn = [...(scope.rest?.positional ?? []), ...(scope.rest?.named.values() ?? [])];
  const ctx = scope.ctx;
  const all = new Set<string>();
  let star: Axis[] | undefined;
  for (const b of bound) {
    const m = mentioned(b.input.type, scope);
    for (const n of m?.names ?? []) all.add(n);
    if (m?.star && b.value) {
      const v = plain(b.value);
      const axesOf = (x: Val) =>
        leaves(x)
          .flatMap((t) => visible(t.axes))
          .filter((a) => keepBatch || a.name !== "batch");
      if (v.kind === "record") scope.starFields ??= new Map([...v.fields].map(([k, x]) => [k, axesOf(x)] as const));
      const found = axesOf(v);
      if (!star || found.length > star.length) star = dedupe(found);
    }
  }
  if (star) {
    scope.star = star.map((a) => axis(a.name, a.size));
    for (const a of star) all.add(a.name);
  }
  const lifted = new Map<string, Axis>();
  const lift = (v: Val, at: Span) => {
    for (const t of leaves(plain(v))) {
      for (const a of visible(t.axes)) {
        if (all.has(a.name)) continue;
        const before = lifted.get(a.name);
        if (before && before.size !== a.size)
          ctx.fail("axis-mismatch", { axis: a.name, here: a.size, there: before.size }, at);
        lifted.set(a.name, axis(a.name, a.size, tag));
      }
    }
  };
  for (const b of bound) if (b.value && mentioned(b.input.type, scope)) lift(b.value, b.arg?.span ?? span);
  if (bound.some((b) => b.input.type)) {
    // What `..` hands on is mapped over like the rest; only the callee that takes it will name its axes.
    for (const a of handedOn) lift(a.value, a.span);
    const hide = (a: Arg): Arg => ({
      span: a.span,
      expr: a.expr,
      scope: a.scope,
      value: retag(ctx, plain(a.value), (x) => (x.tag === 0 && lifted.has(x.name) ? { ...x, tag } : x), a.span),
    });
    if (scope.rest)
      scope.rest = {
        positional: scope.rest.positional.map(hide),
        named: new Map([...scope.rest.named].map(([n, a]) => [n, hide(a)])),
      };
  }
  for (const b of bound) {
    const name = b.input.name.text;
    if (!b.value) {
      declareDefault(scope, b.input, span);
      continue;
    }
    const typed = mentioned(b.input.type, scope);
    const raw = typed ? plain(b.value) : b.value;
    const value = typed
      ? retag(ctx, raw, (a) => (a.tag === 0 && lifted.has(a.name) ? { ...a, tag } : a), b.arg?.span ?? span)
      : raw;
    checkType(scope, b.input, value, b.arg?.span ?? span);
    declare(scope, name, { kind: "value", value }, b.input.span);
  }
  for (const b of bound) checkDeclaredSizes(scope, b, span);
  return { axes: [...lifted.values()] };
}

function dedupe(axes: readonly Axis[]): Axis[] {
  const seen = new Set<string>();
  return axes.filter((a) => !seen.has(a.name) && seen.add(a.name));
}

function declareDefault(scope: Scope, input: Input, span: Span): void {
  const name = input.name.text;
  const expr = input.value;
  if (!expr) {
    scope.ctx.fail("missing-argument", { name }, span, {
      related: [{ span: input.span, message: `\`${name}\` is declared here` }],
    });
  }
  declare(
    scope,
    name,
    {
      kind: "lazy",
      name,
      span: input.span,
      tap: false,
      expr,
      state: "new",
      compute: () =>
        input.type
          ? typedValue({ name: input.name, type: input.type }, expr as Expr, scope)
          : evaluate(expr as Expr, scope),
    },
    input.span,
  );
  if (input.type?.kind === "IndexType") bindClasses(scope, input.type.axis.text, undefined, span);
}

/** The kind of a given value, and the sizes of the axes its type names. */
function checkType(scope: Scope, input: Input, value: Val, span: Span): void {
  const ctx = scope.ctx;
  const type = input.type;
  const name = input.name.text;
  const v = plain(value);
  if (!type || v.kind === "error") return;
  const wrong = (wanted: string) =>
    ctx.fail("argument-type", { name, wanted, found: describe(v) }, span, {
      related: [{ span: type.span, message: `\`${name}\` is declared here` }],
    });
  switch (type.kind) {
    case "AxesType": {
      if (v.kind === "record" && type.axes.items.some((i) => i.kind === "all")) return;
      if (v.kind !== "tensor" && v.kind !== "number" && v.kind !== "step" && v.kind !== "bool")
        return wrong("a tensor");
      bindAxes(scope, namesOfSpec(type.axes, scope), v.kind === "tensor" ? v : undefined, input, span);
      if (v.kind === "tensor" && v.dtype === "index") wrong("a tensor of numbers");
      return;
    }
    case "IndexType":
      if (v.kind === "none") return bindClasses(scope, type.axis.text, undefined, span);
      if (v.kind !== "tensor" || v.dtype !== "index") return wrong(`positions on the axis \`${type.axis.text}\``);
      if (type.axes) bindAxes(scope, namesOfSpec(type.axes, scope), v, input, span);
      if (v.over && v.over.axis !== type.axis.text)
        return wrong(`positions on the axis \`${type.axis.text}\`, not on \`${v.over.axis}\``);
      return bindClasses(scope, type.axis.text, v.over?.size, span);
    case "RecordType": {
      if (v.kind !== "record") return wrong(`a record (${type.fields.map((f) => f.name.text).join(", ")})`);
      for (const f of type.fields) {
        const field = v.fields.get(f.name.text);
        if (!field) return wrong(`a record with \`${f.name.text}\``);
        if (f.type.kind === "AxesType") {
          const t = plain(field);
          if (t.kind === "tensor") bindAxes(scope, namesOfSpec(f.type.axes, scope), t, input, span);
        }
      }
      return;
    }
    case "NamedType":
      if (type.name.text === "int" && (v.kind !== "number" || !Number.isInteger(v.value)))
        return wrong("a whole static number");
      if (type.name.text === "float" && v.kind !== "number" && v.kind !== "record") return wrong("a static number");
      if (type.name.text === "list" && v.kind !== "list") return wrong("a list");
      if (type.name.text === "range" && v.kind !== "range" && v.kind !== "none") return wrong("a range or `none`");
      if (
        (type.name.text === "model" || type.name.text === "objective") &&
        v.kind !== "instance" &&
        v.kind !== "function" &&
        v.kind !== "definition"
      )
        return wrong(`a ${type.name.text}`);
      return;
    case "ChoiceType":
      if (v.kind !== "word" || !type.words.some((w) => w.text === v.word))
        return wrong(`one of ${type.words.map((w) => `\`${w.text}\``).join(", ")}`);
      return;
    case "SignatureType":
      if (v.kind !== "function" && v.kind !== "builtin" && v.kind !== "definition" && v.kind !== "instance")
        return wrong("a function");
      return;
    case "TupleType":
      return;
  }
}

function bindAxes(scope: Scope, names: readonly string[], t: TensorVal | undefined, input: Input, span: Span): void {
  const ctx = scope.ctx;
  for (const n of names) {
    const a = t && findVisible(t.axes, n);
    if (!a) {
      const has = t ? showAxes(visible(t.axes)) : "[]";
      return ctx.fail("missing-axis", { axis: n, name: input.name.text, has }, span, {
        related: [{ span: input.span, message: `wants \`${n}\`` }],
      });
    }
    const known = scope.axes.get(n);
    if (known !== undefined && known !== a.size) {
      const first = scope.boundBy.get(n);
      return ctx.fail("axis-mismatch", { axis: n, here: a.size, there: known }, span, {
        related: first
          ? [
              { span: first.span, message: showAxes(first.axes) },
              ...cameFrom(findVisible(first.axes, n)),
              ...cameFrom(a),
            ]
          : [{ span: input.span, message: `\`${n}\` stands in the signature` }],
        help: n === "token" ? [`resample one of them: \`resize[token](${text(span)}, ${known})\``] : [],
      });
    }
    scope.axes.set(n, a.size);
    if (t && !scope.boundBy.has(n)) scope.boundBy.set(n, { axes: visible(t.axes), span });
  }
}

function text(span: Span): string {
  return span.source.text.slice(span.pos, span.end);
}

/** `@class` binds the size of `class`; a call that only ever gives `none` takes what an earlier call bound, else 0. */
function bindClasses(scope: Scope, name: string, size: number | undefined, span: Span): void {
  const bound = scope.instance?.bound;
  const before = scope.axes.get(name) ?? bound?.get(name);
  if (size === undefined) {
    if (!scope.axes.has(name)) scope.axes.set(name, before ?? 0);
    return;
  }
  if (scope.axes.get(name) !== undefined && scope.axes.get(name) !== size && scope.axes.get(name) !== 0)
    scope.ctx.fail("axis-mismatch", { axis: name, here: size, there: scope.axes.get(name) ?? 0 }, span);
  scope.axes.set(name, size);
  bound?.set(name, size);
}

/** `x: [role: 6, dim]`: a size in the signature is checked once the names in it are bound. */
function checkDeclaredSizes(scope: Scope, b: Bound, span: Span): void {
  if (!b.value || b.input.type?.kind !== "AxesType") return;
  for (const item of b.input.type.axes.items) {
    if (item.kind !== "axis" || !item.size) continue;
    const wanted = sizeOfExpr(item.size, scope);
    const has = scope.axes.get(item.name.text);
    if (has !== undefined && has !== wanted)
      scope.ctx.fail("axis-mismatch", { axis: item.name.text, here: has, there: wanted }, b.arg?.span ?? span, {
        related: [{ span: item.span, message: `${wanted} is declared here` }],
      });
  }
}

/** The result of a body against its declared type: the same axes, of the declared sizes. */
export function checkResult(scope: Scope, type: TypeNode, value: Val, span: Span, name: string): Val {
  const ctx = scope.ctx;
  const v = plain(value);
  if (type.kind === "AxesType") {
    if (v.kind === "number" || v.kind === "step" || v.kind === "error") return value;
    if (v.kind === "record" && (type.axes.items.some((i) => i.kind === "all") || type.axes.items.length === 0))
      return value;
    if (v.kind !== "tensor")
      return ctx.fail("result-type", { name, wanted: "a tensor", found: describe(v) }, span, {
        related: [{ span: type.span, message: "declared here" }],
      });
    const spec = specAxes(type.axes, scope);
    const wanted = spec.star ? (scope.star ?? []) : spec.axes;
    const has = visible(v.axes);
    const same = wanted.length === has.length && wanted.every((w) => has.some((h) => h.name === w.name));
    if (!same && v.arrow === undefined)
      return ctx.fail(
        "result-axes",
        { name, wanted: `[${wanted.map((w) => w.name).join(", ")}]`, found: showAxes(has) },
        span,
        { related: [{ span: type.span, message: "declared here" }] },
      );
    for (const w of wanted) {
      const h = has.find((x) => x.name === w.name);
      const size = w.size ?? scope.axes.get(w.name);
      if (h && size !== undefined && size !== h.size)
        return ctx.fail("axis-mismatch", { axis: w.name, here: h.size, there: size }, span, {
          related: [{ span: type.span, message: `${size} is declared here` }],
        });
    }
    return value;
  }
  if (type.kind === "RecordType") {
    if (v.kind !== "record")
      return v.kind === "error"
        ? value
        : ctx.fail(
            "result-type",
            { name, wanted: `a record (${type.fields.map((f) => f.name.text).join(", ")})`, found: describe(v) },
            span,
            { related: [{ span: type.span, message: "declared here" }] },
          );
    for (const f of type.fields) {
      const x = v.fields.get(f.name.text);
      if (!x)
        return ctx.fail("result-type", { name, wanted: `a field \`${f.name.text}\``, found: describe(v) }, span, {
          related: [{ span: type.span, message: "declared here" }],
        });
      checkResult(scope, f.type, x, span, name);
    }
    return value;
  }
  // `none` of a declared axis is a position like any other: whoever gets it knows how many there are.
  if (type.kind === "IndexType" && v.kind === "none" && !type.axes) {
    const { text } = type.axis;
    const size = type.size ? sizeOfExpr(type.size, scope) : scope.axisSize(text);
    return size ? { ...toTensor(scope, v, span), over: { axis: text, size } } : value;
  }
  if (type.kind === "IndexType" && v.kind === "tensor" && v.dtype === "index") {
    const size = scope.axes.get(type.axis.text);
    return v.over || size === undefined
      ? value
      : mapTensors(v, (t) => ({ ...t, over: { axis: type.axis.text, size } }));
  }
  return value;
}
