/** Chains of members and indices: `pass.model.block(5).out`, `h(1..6)`, `o.data_at`, `digits.image`. */
import { nearest } from "../../grammar/nearest.js";
import type { Span } from "../../grammar/source.js";
import type { Expr } from "../../grammar/tree.js";
import { readBinding } from "./body.js";
import { settingsScope } from "./call.js";
import { call } from "./call-expr.js";
import { reveal } from "./convert.js";
import { type Evaluation, type Found, member, plain } from "./evaluation.js";
import { evaluate } from "./expr.js";
import { stackMembers } from "./families.js";
import { forceCall } from "./force.js";
import type { Instance } from "./instance.js";
import { readName } from "./lookup.js";
import { placeKey } from "./rewire.js";
import type { Binding, Scope } from "./scope.js";
import { readSetting } from "./settings.js";
import { readField, sourceFields } from "./sources.js";
import { describe, type Val } from "./values.js";

/** What a chain of members and indices leads to: one value, a family that still wants an index, or several members of one. */
export type Path =
  | { readonly kind: "one"; readonly value: Val }
  | { readonly kind: "local"; readonly name: string; readonly binding: Binding; readonly scope: Scope }
  | { readonly kind: "of"; readonly evaluation: Evaluation; readonly name: string }
  | { readonly kind: "many"; readonly name: string; readonly items: readonly Val[] };

export const one = (value: Val): Path => ({ kind: "one", value });

export function settle(p: Path, span: Span, scope: Scope): Val {
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

export function follow(e: Expr, scope: Scope): Path {
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
  if (v.kind === "range") {
    if (name === "low") return one({ kind: "number", value: v.from });
    if (name === "high") return one({ kind: "number", value: v.to });
    return ctx.fail("unknown-field", { name, has: "low, high" }, span);
  }
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
    const by = sizesOfField(instance, name);
    return ctx.fail("unknown-field", { name, has: [...fields.keys()].join(", ") }, span, {
      related: [{ span: instance.declared, message: `\`${instance.name}\` is declared here` }],
      help:
        by.length > 0
          ? [`\`${by.join("`, `")}\` of \`${instance.name}\` is 0: give it, and \`${name}\` is there`]
          : guess
            ? [`did you mean \`${guess}\`?`]
            : [],
    });
  }
  const owner = scope.owner;
  if (
    instance.definition.decl.of === "objective" &&
    instance.definition.decl.settings.every((d) => d.name.text !== name)
  )
    return lacksSetting(instance, name, span, scope);
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

/** Settings that are the sizes of a field of data: where one is 0 the field is not there. */
function sizesOfField(instance: Instance, name: string): string[] {
  const { result } = instance.definition.decl;
  const type = result.kind === "RecordType" ? result.fields.find((f) => f.name.text === name)?.type : undefined;
  const sizes =
    type?.kind === "IndexType"
      ? [type.size]
      : type?.kind === "AxesType"
        ? type.axes.items.map((i) => (i.kind === "axis" ? i.size : undefined))
        : [];
  return [...new Set(sizes.flatMap((e) => (e?.kind === "Name" ? [e.name] : [])))];
}

/** A sampler or a view asks an objective for what objectives of another sort have. */
function lacksSetting(o: Instance, name: string, span: Span, scope: Scope): never {
  const { decl } = o.definition;
  const have = decl.settings.map((d) => d.name.text);
  const others = [...scope.file.seen].flatMap(([n, s]) =>
    s.kind === "definition" && s.decl.of === "objective" && s.decl.settings.some((d) => d.name.text === name)
      ? [n]
      : [],
  );
  const guess = nearest(name, have);
  return scope.ctx.fail("lacks-setting", { name, objective: o.name, of: decl.name.text }, span, {
    related: [{ span: o.declared, message: `\`${o.name}\` is \`${decl.name.text}\`` }],
    notes: [
      have.length > 0
        ? `settings of \`${decl.name.text}\`: ${have.join(", ")}`
        : `\`${decl.name.text}\` has no settings`,
    ],
    help:
      others.length > 0
        ? [`objectives with \`${name}\`: ${others.join(", ")}`]
        : guess
          ? [`did you mean \`${guess}\`?`]
          : [],
  });
}
