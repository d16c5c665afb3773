/** Evaluates expressions: static values stay static, tensors become ops of the graph that is being built. */

import { nearest } from "../../grammar/nearest.js";
import type { Span } from "../../grammar/source.js";
import type { BinaryExpr, CallExpr, ComprehensionExpr, Expr, IfExpr } from "../../grammar/tree.js";
import type { FileSymbol } from "../names/symbols.js";
import { arithmetic, compare, isIn, logic, negate } from "./arithmetic.js";
import { type Axis, axis, findVisible } from "./axes.js";
import { evaluateAxes } from "./axis-specs.js";
import { loopScope, namesIn, positions, readBinding, stackMembers, subInstance } from "./body.js";
import { builtinNames, callBuiltin, reindexBuiltin } from "./builtins/index.js";
import { invoke, settingsScope } from "./call.js";
import { retag, reveal } from "./convert.js";
import { type Evaluation, type Found, member, memberAt, memberDomain, plain } from "./evaluation.js";
import { fileScope } from "./files.js";
import { forceCall } from "./force.js";
import { callFn } from "./functions.js";
import type { Arg, Args } from "./inputs.js";
import type { Instance } from "./instance.js";
import { definitionOf, makeInstance, namedDefinition, refine, typedValue } from "./make-instance.js";
import { bracketAxes, reindex } from "./reindex.js";
import { placeKey } from "./rewire.js";
import type { Binding } from "./scope.js";
import { Scope } from "./scope.js";
import { readSetting } from "./settings.js";
import { readField, sourceFields } from "./sources.js";
import { lookUp, wrap } from "./tensors.js";
import { bool, describe, none, num, type Val } from "./values.js";

export function evaluate(e: Expr, scope: Scope): Val {
  switch (e.kind) {
    case "Number":
      return num(e.value);
    case "String":
      return { kind: "string", value: e.value };
    case "Bool":
      return bool(e.value);
    case "None":
      return none;
    case "Name":
    case "Member":
    case "Call":
      return settle(follow(e, scope), e.span, scope);
    case "Def": {
      const def = namedDefinition(e.name.text, e.name.span, e.member, scope);
      return e.settings ? refine(def, e.settings, scope) : def;
    }
    case "Group":
      return evaluate(e.inner, scope);
    case "Tuple":
      return { kind: "tuple", items: e.items.map((i) => evaluate(i, scope)) };
    case "Record":
      return { kind: "record", fields: new Map(e.fields.map((f) => [f.name.text, evaluate(f.value, scope)])) };
    case "List":
      return { kind: "list", items: e.items.map((i) => plain(evaluate(i, scope))) };
    case "Comprehension":
      return { kind: "list", items: comprehend(e, scope, 0) };
    case "Axes":
      return evaluateAxes(e, scope);
    case "Reindex":
      return reindexed(e, scope);
    case "Unary":
      return negate(scope, e.op, evaluate(e.value, scope), e.span);
    case "Binary":
      return binaryExpr(e, scope);
    case "Range": {
      const from = plain(evaluate(e.from, scope));
      const to = plain(evaluate(e.to, scope));
      if (from.kind === "number" && to.kind === "number") return { kind: "range", from: from.value, to: to.value };
      if (from.kind === "error" || to.kind === "error") return scope.ctx.silent();
      return scope.ctx.fail("range-not-static", {}, e.span);
    }
    case "Is": {
      const v = plain(evaluate(e.subject, scope));
      if (v.kind === "error") return v;
      if (v.kind !== "word") return scope.ctx.fail("is-needs-choice", { found: describe(v) }, e.subject.span);
      return bool((v.word === e.word.text) !== e.negated);
    }
    case "If":
      return ifExpr(e, scope);
    case "Missing":
      return scope.ctx.silent();
  }
}

/** In guards and conditions `step` is compared statically. */
export function evaluateStatic(e: Expr, scope: Scope): Val {
  scope.ctx.guards += 1;
  try {
    return plain(evaluate(e, scope));
  } finally {
    scope.ctx.guards -= 1;
  }
}

export function wholeNumber(scope: Scope, value: number, span: Span): number {
  const n = Math.round(value);
  if (!(Math.abs(n - value) <= 1e-9))
    return scope.ctx.fail("not-whole", { value }, span, { help: ["`/` is always real; `int(x)` cuts towards 0"] });
  return n;
}

function ifExpr(e: IfExpr, scope: Scope): Val {
  const c = evaluateStatic(e.condition, scope);
  if (c.kind === "error") return c;
  if (c.kind !== "bool")
    return scope.ctx.fail("if-not-static", { found: describe(c) }, e.condition.span, {
      help: ["for a choice element by element: `where(condition, a, b)`"],
    });
  return evaluate(c.value ? e.then : e.else, scope);
}

function binaryExpr(e: BinaryExpr, scope: Scope): Val {
  if (e.op === "and" || e.op === "or") {
    const left = plain(evaluate(e.left, scope));
    if (left.kind === "bool" && left.value === (e.op === "or")) return left;
    return logic(scope, e.op, left, evaluate(e.right, scope), e.span);
  }
  const left = evaluate(e.left, scope);
  const right = evaluate(e.right, scope);
  scope.at(e.span);
  switch (e.op) {
    case "==":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return compare(scope, e.op, left, right, e.span);
    case "in":
      return isIn(scope, left, right, e.span);
    default:
      return arithmetic(scope, e.op, left, right, e.span);
  }
}

function comprehend(e: ComprehensionExpr, scope: Scope, depth: number): Val[] {
  const loop = e.loops[depth];
  if (!loop) {
    if (e.guard) {
      const g = evaluateStatic(e.guard, scope);
      if (g.kind !== "bool") return scope.ctx.fail("guard-not-static", {}, e.guard.span);
      if (!g.value) return [];
    }
    scope.ctx.countMember(e.span);
    return [plain(evaluate(e.item, scope))];
  }
  const over = evaluateStatic(loop.in, scope);
  const items: readonly Val[] = over.kind === "list" ? over.items : positions(scope, loop.in).map(num);
  return items.flatMap((item) => {
    const s = new Scope({ ctx: scope.ctx, kind: "loop", parent: scope, file: scope.file, frame: undefined });
    if (loop.tuple) {
      if (item.kind !== "tuple" || item.items.length !== loop.pattern.length)
        return scope.ctx.fail("not-a-tuple", { found: describe(item) }, loop.in.span);
      loop.pattern.forEach((n, i) => {
        s.bindings.set(n.text, { kind: "value", value: item.items[i] as Val });
      });
    } else if (loop.pattern[0]) s.bindings.set(loop.pattern[0].text, { kind: "value", value: item });
    return comprehend(e, s, depth + 1);
  });
}

// --------------------------------------------------------------------------------------------------------------------- names

export function fileSymbol(scope: Scope, name: string): FileSymbol | undefined {
  for (let s: Scope | undefined = scope; s; s = s.parent) {
    const symbol = s.file.seen.get(name);
    if (symbol) return symbol;
  }
  return undefined;
}

function symbolValue(scope: Scope, symbol: FileSymbol, span: Span): Val {
  const ctx = scope.ctx;
  const home = fileScope(ctx, symbol.file);
  const name = symbol.decl.name.text;
  switch (symbol.kind) {
    case "fn":
      return { kind: "function", decl: symbol.decl, scope: home };
    case "instance":
      return makeInstance(home, { kind: "part", decl: symbol.decl, scope: home }, undefined, span);
    case "definition":
      return definitionOf(symbol);
    case "param": {
      const set = ctx.params.get(name);
      const value =
        set ??
        (symbol.decl.value
          ? typedValue(symbol.decl, symbol.decl.value, home)
          : ctx.fail("param-not-set", { name }, span, {
              related: [{ span: symbol.decl.span, message: "declared here without a default" }],
            }));
      ctx.readParams.set(name, value);
      return value;
    }
    case "plan":
    case "layout":
    case "sweep":
      return ctx.fail("wrong-kind", { wanted: "a value", found: `the ${symbol.kind} \`${name}\`` }, span);
  }
}

/** A name read in `scope`; what a typed fn was mapped over is hidden in what it captures. */
function readName(name: string, span: Span, scope: Scope): Val {
  for (let s: Scope | undefined = scope; s; s = s.parent) {
    const old = s.old.get(name);
    if (old) return old;
    const binding = s.bindings.get(name);
    if (binding) return seen(hideCaptured(readBinding(s, binding, span), scope, s, span), scope, span);
    const size = s.axes.get(name);
    if (size !== undefined) return num(size);
  }
  const symbol = fileSymbol(scope, name);
  if (symbol) return symbolValue(scope, symbol, span);
  return ambient(name, span, scope);
}

/** A fixture map sees all axes, those that the body was mapped over too. */
function seen(v: Val, scope: Scope, span: Span): Val {
  return scope.ctx.privateNames > 0 ? reveal(scope.ctx, v, 0, span) : v;
}

function hideCaptured(v: Val, from: Scope, to: Scope, span: Span): Val {
  let x = v;
  for (let s: Scope | undefined = from; s && s !== to; s = s.parent) {
    const hides = s.hides;
    if (hides.size === 0) continue;
    if (x.kind === "tensor" || x.kind === "record" || x.kind === "tuple")
      x = retag(
        from.ctx,
        x,
        (a) => (a.tag === 0 && hides.has(a.name) ? { ...a, tag: hides.get(a.name) as number } : a),
        span,
      );
  }
  return x;
}

function ambient(name: string, span: Span, scope: Scope): Val {
  const ctx = scope.ctx;
  switch (name) {
    case "pi":
      return num(Math.PI);
    case "step":
      return { kind: "step" };
    case "training":
      return bool(scope.training);
    case "index": {
      const count = scope.lifted.find((a) => a.name === "count");
      if (!count) return ctx.fail("no-index-here", {}, span);
      return {
        ...wrap(scope.frame, scope.frame.index(count.size), [count]),
        over: { axis: "sample", size: Number.MAX_SAFE_INTEGER },
      };
    }
    case "true":
    case "false":
      return bool(name === "true");
  }
  if (builtinNames.has(name)) return { kind: "builtin", name };
  const guess = nearest(name, [...scope.names(), ...builtinNames]);
  return ctx.fail(
    "unknown-name",
    { name },
    span,
    guess
      ? { help: [`did you mean \`${guess}\`?`], fixes: [{ title: `write ${guess}`, edits: [{ span, text: guess }] }] }
      : {},
  );
}

// --------------------------------------------------------------------------------------------------------------------- paths

/** What a chain of members and indices leads to: one value, a family that still wants an index, or several members of one. */
type Path =
  | { readonly kind: "one"; readonly value: Val }
  | { readonly kind: "local"; readonly name: string; readonly binding: Binding; readonly scope: Scope }
  | { readonly kind: "of"; readonly evaluation: Evaluation; readonly name: string }
  | { readonly kind: "many"; readonly name: string; readonly items: readonly Val[] };

const one = (value: Val): Path => ({ kind: "one", value });

function settle(p: Path, span: Span, scope: Scope): Val {
  switch (p.kind) {
    case "one":
      return p.value;
    case "many":
      return stackMembers(scope, p.name, p.items.map(plain), span);
    case "local":
    case "of":
      return scope.ctx.fail("family-without-index", { name: p.name }, span);
  }
}

function isFamily(b: Binding): boolean {
  return (
    b.kind === "family" ||
    (b.kind === "part" && b.decl.index !== undefined) ||
    (b.kind === "draw" && b.decl.target.index !== undefined)
  );
}

function follow(e: Expr, scope: Scope): Path {
  const replaced = oldValue(e, scope);
  if (replaced) return one(replaced);
  if (e.kind === "Name") {
    const found = scope.find(e.name);
    if (found && isFamily(found.binding))
      return { kind: "local", name: e.name, binding: found.binding, scope: found.scope };
    return one(readName(e.name, e.span, scope));
  }
  if (e.kind === "Member") {
    const p = calledHere(e.object, scope) ?? follow(e.object, scope);
    if (p.kind === "many")
      return { ...p, items: p.items.map((v) => settle(memberOf(v, e.name.text, e.name.span, scope), e.span, scope)) };
    return memberOf(settle(p, e.object.span, scope), e.name.text, e.name.span, scope);
  }
  if (e.kind === "Call") return call(e, scope);
  return one(evaluate(e, scope));
}

/** In a fixture map the name of a setting or input that the body calls stands for that call: `method.x(3)`. */
function calledHere(e: Expr, scope: Scope): Path | undefined {
  if (scope.ctx.privateNames === 0 || e.kind !== "Name") return undefined;
  const list = scope.owner.evaluation?.children.get(e.name);
  const first = list?.[0];
  return first && list.length === 1 ? one({ kind: "evaluation", evaluation: first }) : undefined;
}

/** Inside `set P = …` the place `P` reads as it was before. */
function oldValue(e: Expr, scope: Scope): Val | undefined {
  let any = false;
  for (let s: Scope | undefined = scope; s; s = s.parent) if (s.old.size > 0) any = true;
  if (!any || (e.kind !== "Member" && e.kind !== "Call" && e.kind !== "Name")) return undefined;
  if (e.kind === "Call" && (e.args.length !== 1 || e.rest || e.args[0]?.name)) return undefined;
  const key = scope.ctx.attemptQuietly(() => placeKey(e, scope));
  if (key === undefined) return undefined;
  for (let s: Scope | undefined = scope; s; s = s.parent) {
    const v = s.old.get(key);
    if (v) return v;
  }
  return undefined;
}

function memberOf(v: Val, name: string, span: Span, scope: Scope): Path {
  const ctx = scope.ctx;
  if (v.kind === "evaluation") {
    const found: Found = member(ctx, v.evaluation, name, span);
    if (found.kind === "family") return { kind: "of", evaluation: found.evaluation, name };
    return one(reveal(ctx, found.value, ctx.privateNames > 0 ? 0 : scope.tag, span));
  }
  if (v.kind === "record") {
    const field = v.fields.get(name);
    if (field) return one(field);
    const guess = nearest(name, v.fields.keys());
    return ctx.fail(
      "unknown-field",
      { name, has: [...v.fields.keys()].join(", ") },
      span,
      guess ? { help: [`did you mean \`${guess}\`?`] } : {},
    );
  }
  if (v.kind === "instance") return instanceMember(v.instance, name, span, scope);
  if (v.kind === "error") return ctx.silent();
  return ctx.fail("no-members", { name, what: describe(v) }, span);
}

/** A setting, a field of data, or a tap of the one evaluation of a sub-instance. */
function instanceMember(instance: Instance, name: string, span: Span, scope: Scope): Path {
  const ctx = scope.ctx;
  if (instance.definition.decl.of === "data") {
    const field = sourceFields(ctx, instance).get(name);
    if (field) return one(readField(scope, instance, field));
  }
  if (instance.definition.decl.settings.some((d) => d.name.text === name)) {
    const known = readSetting(instance, name);
    if (known) return one(known);
    const S = settingsScope(ctx, instance);
    const b = S.bindings.get(name);
    if (b) return one(readBinding(S, b, span));
  }
  if (instance.definition.decl.of === "data") {
    const fields = sourceFields(ctx, instance);
    const guess = nearest(name, fields.keys());
    return ctx.fail(
      "unknown-field",
      { name, has: [...fields.keys()].join(", ") },
      span,
      guess ? { help: [`did you mean \`${guess}\`?`] } : {},
    );
  }
  const owner = scope.owner;
  if (owner.evaluation) {
    const key = instance.name;
    if (!owner.evaluation.children.has(key)) forceCall(owner, key.replace(/\(.*$/, ""), key, span);
    const list = owner.evaluation.children.get(key);
    const first = list?.[0];
    if (first && list.length === 1) {
      const found = member(ctx, first, name, span);
      if (found.kind === "family") return { kind: "of", evaluation: first, name };
      return one(reveal(ctx, found.value, ctx.privateNames > 0 ? 0 : scope.tag, span));
    }
    if (first) return ctx.fail("ambiguous-tap", { name: key, of: owner.evaluation.name, times: list.length }, span);
    const edge = ctx.edges[ctx.edges.length - 1];
    if (edge) return ctx.fail("edge-backward", { at: edge.at, from: edge.from, to: edge.to }, edge.span);
    return ctx.fail("never-called", { name: key, of: owner.evaluation.name }, span);
  }
  const known = instance.definition.decl.settings.map((d) => d.name.text);
  const guess = nearest(name, known);
  return ctx.fail(
    "unknown-setting",
    { name, of: instance.definition.decl.name.text },
    span,
    guess
      ? { help: [`did you mean \`${guess}\`?`] }
      : { help: [`taps are read from a call: \`let pass = ${instance.name}(…)\`, then \`pass.${name}\``] },
  );
}

// --------------------------------------------------------------------------------------------------------------------- calls

function call(e: CallExpr, scope: Scope): Path {
  const ctx = scope.ctx;
  scope.at(e.span);
  const callee = e.callee;
  if (callee.kind === "Member" && callee.name.text === "at") {
    const object = plain(evaluate(callee.object, scope));
    if (object.kind === "tensor") return one(at(object, e, scope));
  }
  if (callee.kind === "Reindex") return one(bracketCall(e, callee, scope));
  const p =
    callee.kind === "Name" || callee.kind === "Member" || callee.kind === "Call"
      ? follow(callee, scope)
      : one(evaluate(callee, scope));
  if (p.kind === "local" || p.kind === "of") return indexed(p, e, scope);
  if (p.kind === "many")
    return { ...p, items: p.items.map((v) => invoke(scope, v, argsOf(e, scope), e.span, segmentOf(callee, scope))) };
  const target = plain(p.value);
  if (target.kind === "builtin") return one(callBuiltin(scope, target.name, argsOf(e, scope), e.span, undefined));
  if (
    e.args.length === 0 &&
    e.rest &&
    target.kind !== "function" &&
    target.kind !== "definition" &&
    target.kind !== "instance"
  )
    return ctx.fail("not-a-family", { name: "it" }, e.span);
  return one(invoke(scope, p.value, argsOf(e, scope), e.span, segmentOf(callee, scope)));
}

/** `block(3)`, `h(1..6)`, `block(..)` */
function indexed(p: Extract<Path, { kind: "local" | "of" }>, e: CallExpr, scope: Scope): Path {
  const ctx = scope.ctx;
  const read = (i: number): Val => {
    if (p.kind === "of")
      return reveal(ctx, memberAt(ctx, p.evaluation, p.name, i, e.span), ctx.privateNames > 0 ? 0 : scope.tag, e.span);
    return p.binding.kind === "part"
      ? subInstance(p.scope, p.binding, i, e.span)
      : hideCaptured(readBinding(p.scope, p.binding, e.span, i), scope, p.scope, e.span);
  };
  const domain = () =>
    p.kind === "of" ? memberDomain(ctx, p.evaluation, p.name, e.span) : namesIn(p.scope, p.binding, e.span);
  const arg = e.args[0];
  if (!arg) {
    if (e.rest) return { kind: "many", name: p.name, items: domain().map(read) };
    return ctx.fail("family-without-index", { name: p.name }, e.span);
  }
  const v = evaluateStatic(arg.value, scope);
  if (v.kind === "number") return one(read(wholeNumber(scope, v.value, arg.span)));
  if (v.kind === "range" || v.kind === "list")
    return { kind: "many", name: p.name, items: positions(scope, arg.value).map(read) };
  if (v.kind === "error") return ctx.silent();
  return ctx.fail("index-not-static", {}, arg.span);
}

function at(x: Extract<Val, { kind: "tensor" }>, e: CallExpr, scope: Scope): Val {
  const ctx = scope.ctx;
  const arg = e.args[0];
  if (!arg?.name || e.args.length !== 1) return ctx.fail("at-form", {}, e.span);
  const axisName = arg.name.text;
  const target = findVisible(x.axes, axisName) as Axis | undefined;
  if (!target)
    return ctx.fail(
      "unknown-axis",
      {
        axis: axisName,
        has: x.axes
          .filter((a) => a.tag === 0)
          .map((a) => a.name)
          .join(", "),
      },
      arg.name.span,
    );
  const index = plain(evaluate(arg.value, scope));
  if (index.kind === "none") return zerosWithout(x, target, scope);
  if (index.kind !== "tensor" || index.dtype !== "index")
    return ctx.fail(
      "wrong-kind",
      { wanted: `positions on the axis \`${axisName}\``, found: describe(index) },
      arg.value.span,
    );
  if (index.over && index.over.size !== target.size && index.over.size !== Number.MAX_SAFE_INTEGER)
    return ctx.fail("axis-mismatch", { axis: axisName, here: target.size, there: index.over.size }, arg.span);
  return lookUp(ctx, x, target, index, e.span);
}

function zerosWithout(x: Extract<Val, { kind: "tensor" }>, gone: Axis, scope: Scope): Val {
  const axes = x.axes.filter((a) => a !== gone);
  const node = scope.frame.builder.constant(
    { dtype: "float", shape: axes.map((a) => a.size), axes: axes.map((a) => a.name) },
    0,
  );
  return wrap(
    scope.frame,
    node,
    axes.map((a) => axis(a.name, a.size, a.tag)),
  );
}

/** `mean[token](x)`, `unit[dim](x)` */
function bracketCall(e: CallExpr, callee: Extract<Expr, { kind: "Reindex" }>, scope: Scope): Val {
  if (callee.object.kind === "Name") {
    const v = readName(callee.object.name, callee.object.span, scope);
    if (v.kind === "function") return callFn(scope, v, argsOf(e, scope), e.span, bracketAxes(callee.items, scope));
    if (v.kind === "builtin") return callBuiltin(scope, v.name, argsOf(e, scope), e.span, callee.items);
    if (v.kind === "error") return v;
  }
  return invoke(scope, evaluate(callee, scope), argsOf(e, scope), e.span, segmentOf(callee.object, scope));
}

function reindexed(e: Extract<Expr, { kind: "Reindex" }>, scope: Scope): Val {
  if (e.object.kind === "Name") {
    const v = plain(readName2(e.object, scope));
    if (v.kind === "builtin") return reindexBuiltin(scope, v.name, e.items, e.span);
    return reindex(scope, v, e.items, e.span);
  }
  return reindex(scope, plain(evaluate(e.object, scope)), e.items, e.span);
}

function readName2(e: Extract<Expr, { kind: "Name" }>, scope: Scope): Val {
  return settle(follow(e, scope), e.span, scope);
}

/** How the callee was named: the segment of paths below the call. */
function segmentOf(callee: Expr, scope: Scope): string {
  switch (callee.kind) {
    case "Name":
      return callee.name;
    case "Def":
      return callee.name.text;
    case "Member":
      return callee.name.text;
    case "Call": {
      const arg = callee.args[0];
      const v = arg ? evaluateStatic(arg.value, scope) : undefined;
      const base = segmentOf(callee.callee, scope);
      return v?.kind === "number" ? `${base}(${v.value})` : base;
    }
    case "Reindex":
      return segmentOf(callee.object, scope);
    default:
      return "call";
  }
}

/** Arguments are evaluated when their input is known; `..` hands on what the own signature left over. */
export function argsOf(e: CallExpr, scope: Scope): Args {
  const positional: Arg[] = [];
  const named = new Map<string, Arg>();
  const ctx = scope.ctx;
  const holder = ctx.holder;
  for (const a of e.args) {
    let value: Val | undefined;
    const arg: Arg = {
      span: a.span,
      expr: a.value,
      scope,
      get value() {
        if (value) return value;
        const before = ctx.holder;
        ctx.holder = holder && { ...holder, inArgs: holder.inArgs + 1 };
        try {
          value = evaluate(a.value, scope);
        } finally {
          ctx.holder = before;
        }
        return value;
      },
    };
    if (a.name) {
      if (named.has(a.name.text)) ctx.report("argument-twice", { name: a.name.text }, a.span);
      named.set(a.name.text, arg);
    } else positional.push(arg);
  }
  if (e.rest) {
    let s: Scope | undefined = scope;
    while (s && !s.rest) s = s.parent;
    if (!s?.rest) ctx.fail("nothing-to-hand-on", {}, e.span);
    else {
      positional.push(...s.rest.positional);
      for (const [n, a] of s.rest.named) if (!named.has(n)) named.set(n, a);
    }
  }
  return { positional, named };
}

export { loopScope };
