/**
 * `set TAP = expr` and `skip A -> B via F`: what the readers of a tap get instead. A setter is kept under the written form of its place
 * (`block(7).out`); places deeper inside a sub-instance travel into its call.
 */
import type { Span } from "../../grammar/source.js";
import type { Expr, SetStatement, SkipStatement, Tail } from "../../grammar/tree.js";
import { guard, readBinding } from "./body.js";
import { invoke } from "./call.js";
import { plain } from "./evaluation.js";
import { evaluate, evaluateStatic, wholeNumber } from "./expr.js";
import { loopScope, positions } from "./families.js";
import type { Scope } from "./scope.js";
import type { Val } from "./values.js";

export interface Setter {
  readonly span: Span;
  readonly apply: (old: Val) => Val;
}

/** Turns the rewires of a body into setters, by place. */
export function placeRewires(scope: Scope, statements: readonly (SetStatement | SkipStatement)[], home: Scope): void {
  for (const s of statements) {
    for (const inner of loopScopes(home, s.tail)) {
      scope.ctx.attempt(() => {
        const target = s.kind === "Set" ? s.target : s.to;
        const key = placeKey(target, inner);
        if (key === undefined) return scope.ctx.fail("not-a-tap", {}, target.span);
        checkPlace(scope, target, inner);
        const setter: Setter = {
          span: s.span,
          apply: (old) =>
            s.kind === "Set" ? evaluateWithOld(inner, key, old, s.value) : fuse(scope, s, inner, key, old),
        };
        const list = scope.setters.get(key);
        if (list) list.push(setter);
        else scope.setters.set(key, [setter]);
      });
    }
  }
}

function loopScopes(home: Scope, tail: Tail): Scope[] {
  let scopes = [home];
  for (const loop of tail.loops)
    scopes = scopes.flatMap((s) => positions(s, loop.range).map((k) => loopScope(s, loop.index.text, k)));
  return tail.guard ? scopes.filter((s) => guard(s, tail.guard as Expr)) : scopes;
}

/** The first step of a place must be a tap or part of the body. */
function checkPlace(scope: Scope, target: Expr, inner: Scope): void {
  let e = target;
  while (e.kind === "Member" || e.kind === "Call") e = e.kind === "Member" ? e.object : e.callee;
  if (e.kind !== "Name") scope.ctx.fail("not-a-tap", {}, target.span);
  else {
    const binding = scope.bindings.get(e.name);
    if (!binding) scope.ctx.fail("unknown-tap", { name: e.name, of: scope.instance?.name ?? "this body" }, e.span);
    const step = firstIndex(target);
    if (binding?.kind === "part" && binding.decl.index && step)
      readBinding(scope, binding, step.span, wholeNumber(inner, plainNumber(step, inner), step.span));
  }
}

function firstIndex(target: Expr): Expr | undefined {
  let e = target;
  let found: Expr | undefined;
  while (e.kind === "Member" || e.kind === "Call") {
    if (e.kind === "Call") {
      if (e.callee.kind === "Name") found = e.args[0]?.value;
      e = e.callee;
    } else e = e.object;
  }
  return found;
}

function plainNumber(e: Expr, scope: Scope): number {
  const v = plain(evaluateStatic(e, scope));
  return v.kind === "number" ? v.value : scope.ctx.fail("index-not-static", {}, e.span);
}

/** `block(3).attn.out` as a key, indices evaluated; `undefined` if it is no such path. */
export function placeKey(e: Expr, scope: Scope): string | undefined {
  if (e.kind === "Name") return e.name;
  if (e.kind === "Member") {
    const object = placeKey(e.object, scope);
    return object === undefined ? undefined : `${object}.${e.name.text}`;
  }
  if (e.kind === "Call" && e.args.length === 1 && !e.rest) {
    const callee = placeKey(e.callee, scope);
    const arg = e.args[0];
    if (callee === undefined || !arg) return undefined;
    const v = plain(evaluateStatic(arg.value, scope));
    return v.kind === "number" ? `${callee}(${v.value})` : undefined;
  }
  return undefined;
}

function evaluateWithOld(home: Scope, key: string, old: Val, value: Expr): Val {
  const inner = loopScope(home, "", 0);
  inner.old.set(key, old);
  return evaluate(value, inner);
}

function fuse(scope: Scope, s: SkipStatement, inner: Scope, key: string, old: Val): Val {
  const ctx = scope.ctx;
  const binding = scope.bindings.get(s.name.text);
  if (binding?.kind !== "part") return ctx.silent();
  const sourceKey = placeKey(s.from, inner);
  const loop = s.index ? inner.find(s.index.text) : undefined;
  const index =
    loop?.binding.kind === "value" && loop.binding.value.kind === "number" ? loop.binding.value.value : undefined;
  const at = index === undefined ? "" : `at ${s.index?.text} = ${index} `;
  if (sourceKey === key) return ctx.fail("edge-self", { at, from: sourceKey, to: key }, s.from.span);
  ctx.edges.push({ from: sourceKey ?? "", to: key, span: s.from.span, at });
  try {
    const saved = evaluate(s.from, inner);
    const a = plain(saved);
    const b = plain(old);
    if (a.kind === "tensor" && b.kind === "tensor" && a.node === b.node)
      return ctx.fail("edge-self", { at, from: sourceKey ?? "", to: key }, s.from.span, { help: selfHelp(s) });
    const part = sharedFunction(s, inner) ?? readBinding(scope, binding, s.span, s.index ? index : undefined);
    const segment = index === undefined ? s.name.text : `${s.name.text}(${index})`;
    return invoke(
      inner,
      part,
      {
        positional: [
          { value: old, span: s.to.span },
          { value: saved, span: s.from.span },
        ],
        named: new Map(),
      },
      s.span,
      segment,
    );
  } finally {
    ctx.edges.pop();
  }
}

/** `via` may name a `fn`, which has no weights and so is no part. */
function sharedFunction(s: SkipStatement, inner: Scope): Val | undefined {
  if (/^[A-Z]/.test(s.via.name.text)) return undefined;
  const v = plain(evaluate({ kind: "Name", name: s.via.name.text, span: s.via.name.span }, inner));
  return v.kind === "function" || v.kind === "builtin" ? v : undefined;
}

function selfHelp(s: SkipStatement): string[] {
  const range = s.tail.loops[0]?.range;
  if (range?.kind !== "Range") return [];
  const text = range.span.source.text.slice(range.span.pos, range.span.end);
  return [`end the range one earlier: \`for ${s.index?.text ?? "i"} in ${text} - 1\``];
}

/** What the readers of a place get: its setters, in order of writing, one on top of the other. */
export function applySets(scope: Scope, key: string, value: Val, _span: Span): Val {
  const list = scope.setters.get(key);
  if (!list) return value;
  let v = value;
  for (const s of list) v = s.apply(v);
  return v;
}

/** Setters of places inside a sub-instance: `block(3).attn.out` is `attn.out` of `block(3)`. */
export function settersBelow(scope: Scope, part: string): Map<string, Setter[]> {
  const below = new Map<string, Setter[]>();
  for (const [key, list] of scope.setters) {
    if (!key.startsWith(`${part}.`)) continue;
    const rest = key.slice(part.length + 1);
    if (rest !== "in" && rest !== "out") below.set(rest, list);
  }
  return below;
}
