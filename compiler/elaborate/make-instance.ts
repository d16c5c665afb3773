/** From `Net.B { patch: 2 }` to a definition with settings given, and from a declaration to an instance. */

import { nearest } from "../../grammar/nearest.js";
import type { Span } from "../../grammar/source.js";
import type { Ref, Setting, SettingDecl } from "../../grammar/tree.js";
import type { DefinitionSymbol, FileSymbol } from "../names/symbols.js";
import { evaluateAxes } from "./axis-specs.js";
import { leaves, toInit } from "./convert.js";
import { plain } from "./evaluation.js";
import { evaluate } from "./expr.js";
import { loopScope } from "./families.js";
import { fileScope } from "./files.js";
import type { Instance } from "./instance.js";
import { fileSymbol } from "./lookup.js";
import type { Binding, Scope } from "./scope.js";
import { evaluateShape } from "./shapes.js";
import { type DefinitionVal, describe, type GivenSetting, type InstanceVal, plainMode, type Val } from "./values.js";

/** Keys that stand among the settings of a `sample` or `evaluate` (language reference §8.1). */
export const planSettingKeys: ReadonlySet<string> = new Set(["seed", "precision", "engine", "every", "of", "memory"]);

export function definitionOf(symbol: DefinitionSymbol): DefinitionVal {
  return { kind: "definition", symbol, given: new Map(), preset: new Map() };
}

/** A definition or an instance that a reference names, with the settings written there. */
export function resolveRef(ref: Ref, scope: Scope): DefinitionVal | InstanceVal | { kind: "error" } {
  const ctx = scope.ctx;
  let base: Val;
  if (/^[A-Z]/.test(ref.name.text)) base = namedDefinition(ref.name.text, ref.name.span, ref.member, scope);
  else base = plain(evaluate({ kind: "Name", name: ref.name.text, span: ref.name.span }, scope));
  if (base.kind === "error") return ctx.silent();
  if (base.kind === "definition") return ref.settings ? refine(base, ref.settings, scope) : base;
  if (base.kind === "instance") {
    if (ref.settings && ref.settings.length > 0)
      return ctx.fail("settings-on-instance", { name: ref.name.text }, ref.span);
    return base;
  }
  return ctx.fail("wrong-kind", { wanted: "a definition or an instance", found: describe(base) }, ref.span);
}

export function namedDefinition(name: string, span: Span, member: Ref["member"], scope: Scope): DefinitionVal {
  const ctx = scope.ctx;
  const symbol = fileSymbol(scope, name);
  if (symbol?.kind !== "definition") return unknownDefinition(scope, name, span, symbol);
  const plainDef = definitionOf(symbol);
  if (!member) return plainDef;
  const key = `${name}.${member.text}`;
  const preset = scope.file.presets.get(key);
  const home = scope.file.presetFiles.get(key);
  if (!preset || !home) {
    const known = [...scope.file.presets.keys()]
      .filter((k) => k.startsWith(`${name}.`))
      .map((k) => k.slice(name.length + 1));
    const guess = nearest(member.text, known);
    return ctx.fail("unknown-preset", { preset: key }, member.span, {
      help:
        known.length > 0
          ? [guess ? `did you mean \`${name}.${guess}\`?` : `presets of \`${name}\`: ${known.join(", ")}`]
          : [`\`${name}\` has no presets`],
    });
  }
  const given = refine(plainDef, preset.settings, fileScope(ctx, home)).given;
  return { ...plainDef, preset: given };
}

function unknownDefinition(scope: Scope, name: string, span: Span, symbol: FileSymbol | undefined): never {
  if (symbol)
    return scope.ctx.fail("wrong-kind", { wanted: "a definition", found: `the ${symbol.kind} \`${name}\`` }, span);
  const names = [...scope.file.seen].filter(([, s]) => s.kind === "definition").map(([n]) => n);
  const guess = nearest(name, names);
  return scope.ctx.fail(
    "unknown-definition",
    { name },
    span,
    guess
      ? { help: [`did you mean \`${guess}\`?`], fixes: [{ title: `write ${guess}`, edits: [{ span, text: guess }] }] }
      : {},
  );
}

/** The definition with more settings given; the same one twice is an error, an offered one yields. */
export function refine(def: DefinitionVal, settings: readonly Setting[], scope: Scope): DefinitionVal {
  const ctx = scope.ctx;
  const given = new Map(def.given);
  const decl = def.symbol.decl;
  const seen = new Map<string, Span>();
  for (const s of settings) {
    const name = s.name.text;
    const before = seen.get(name);
    if (before) {
      ctx.report("duplicate-setting", { name }, s.name.span, {
        related: [{ span: before, message: "first given here" }],
      });
      continue;
    }
    seen.set(name, s.name.span);
    const declared = decl.settings.find((d) => d.name.text === name);
    if (!declared) {
      if (s.offered) continue;
      if ((decl.of === "sample" || decl.of === "evaluate") && planSettingKeys.has(name)) continue;
      if (decl.of === "encoder" && decl.body === "extern" && s.value) {
        const axes = evaluateAxes(s.value, scope);
        given.set(name, { value: axes, setting: s, origin: s.span, offered: false });
        continue;
      }
      unknownSetting(scope, def.symbol, s);
      continue;
    }
    const old = given.get(name);
    if (s.offered && old && !old.offered) {
      if (scope.owner.given.has(name)) {
        const v = settingValue(declared, s, scope);
        if (!sameVal(v, old.value))
          ctx.report("offered-and-given", { name }, old.setting.span, {
            related: [{ span: s.span, message: "offered here too, with another value" }],
          });
      }
      continue;
    }
    if (!s.offered && old && !old.offered) {
      ctx.report("duplicate-setting", { name }, s.name.span, {
        related: [{ span: old.setting.span, message: "already given here" }],
      });
      continue;
    }
    const value = ctx.attempt(() => settingValue(declared, s, scope)) ?? { kind: "error" as const };
    given.set(name, { value, setting: s, origin: originOf(s, scope), offered: s.offered });
  }
  return { ...def, given };
}

/** `heads` in a body is the setting of that body, wherever that one was written. */
function originOf(s: Setting, scope: Scope): Span {
  const value = s.value ?? { kind: "Name" as const, name: s.name.text };
  return (value.kind === "Name" && scope.writtenSetting(value.name)?.origin) || s.span;
}

function unknownSetting(scope: Scope, symbol: DefinitionSymbol, s: Setting): void {
  const name = s.name.text;
  const known = symbol.decl.settings.map((d) => d.name.text);
  const guess = nearest(name, known);
  scope.ctx.report("unknown-setting", { name, of: symbol.decl.name.text }, s.name.span, {
    ...(guess
      ? {
          help: [`did you mean \`${guess}\`?`],
          fixes: [{ title: `write ${guess}`, edits: [{ span: s.name.span, text: guess }] }],
        }
      : {
          help: [
            known.length > 0
              ? `settings of \`${symbol.decl.name.text}\`: ${known.join(", ")}`
              : `\`${symbol.decl.name.text}\` has no settings`,
          ],
        }),
  });
}

/** The value of a written setting, read as its declared type wants it. */
export function settingValue(declared: SettingDecl, s: Setting, scope: Scope): Val {
  const expr = s.value ?? { kind: "Name" as const, name: s.name.text, span: s.name.span };
  return typedValue(declared, expr, scope);
}

/** An expression in a place with a declared type: choice words, axes, shapes and initialisers are read by type. */
export function typedValue(
  declared: Pick<SettingDecl, "type" | "name">,
  expr: NonNullable<Setting["value"]>,
  scope: Scope,
): Val {
  const type = declared.type;
  const ctx = scope.ctx;
  if (type.kind === "ChoiceType") {
    const words = type.words.map((w) => w.text);
    if (expr.kind === "Name" && words.includes(expr.name)) return { kind: "word", word: expr.name };
    if (expr.kind === "Name" && !scope.find(expr.name) && !fileSymbol(scope, expr.name)) {
      const guess = nearest(expr.name, words);
      return ctx.fail(
        "unknown-word",
        { word: expr.name, words: words.join(", ") },
        expr.span,
        guess
          ? {
              help: [`did you mean \`${guess}\`?`],
              fixes: [{ title: `write ${guess}`, edits: [{ span: expr.span, text: guess }] }],
            }
          : {},
      );
    }
    const v = plain(evaluate(expr, scope));
    if (v.kind === "word" && words.includes(v.word)) return v;
    if (v.kind === "error") return v;
    return ctx.fail("unknown-word", { word: describe(v), words: words.join(", ") }, expr.span);
  }
  if (type.kind === "NamedType") {
    if (type.name.text === "axes") return evaluateAxes(expr, scope);
    if (type.name.text === "shape") return evaluateShape(expr, scope);
    if (type.name.text === "init") return { kind: "init", rule: toInit(scope, evaluate(expr, scope), expr.span) };
  }
  const v = evaluate(expr, scope);
  if (!scope.hasFrame && leaves(plain(v)).length > 0)
    return ctx.fail(
      "wrong-kind",
      { wanted: "a value known before anything runs", found: describe(plain(v)) },
      expr.span,
    );
  return conform(scope, declared, v, expr.span);
}

/** Static values checked against their declared type; tensors and callables are checked where they are used. */
function conform(scope: Scope, declared: Pick<SettingDecl, "type" | "name">, given: Val, span: Span): Val {
  const ctx = scope.ctx;
  const type = declared.type;
  const v = plain(given);
  if (v.kind === "error") return v;
  const name = declared.name.text;
  const wrong = (wanted: string) =>
    ctx.fail("setting-type", { name, wanted, found: describe(v) }, span, {
      related: [{ span: type.span, message: `\`${name}\` is declared here` }],
    });
  if (type.kind === "NamedType") {
    switch (type.name.text) {
      case "int":
        if (v.kind !== "number") return wrong("a whole number");
        if (!Number.isInteger(Math.round(v.value * 1e9) / 1e9)) return ctx.fail("not-whole", { value: v.value }, span);
        return { kind: "number", value: Math.round(v.value) };
      case "float":
        if (v.kind === "number" || (v.kind === "record" && [...v.fields.values()].every((f) => f.kind === "number")))
          return v;
        return wrong("a number");
      case "bool":
        return v.kind === "bool" ? v : wrong("`true` or `false`");
      case "string":
        return v.kind === "string" ? v : wrong("a string in quotes");
      case "range":
        return v.kind === "range" || v.kind === "none" ? v : wrong("a range such as `0..0.7`, or `none`");
      case "list":
        return v.kind === "list" ? v : wrong("a list in brackets");
      case "part":
      case "model":
      case "loss":
      case "objective":
      case "sampler":
      case "optimizer":
      case "encoder":
      case "data":
      case "metric":
      case "sample":
      case "evaluate": {
        const kind =
          v.kind === "definition"
            ? v.symbol.decl.of
            : v.kind === "instance"
              ? v.instance.definition.decl.of
              : undefined;
        return kind === type.name.text ? given : wrong(`a ${type.name.text}`);
      }
      default:
        return given;
    }
  }
  if (type.kind === "SignatureType") {
    if (v.kind === "function" || v.kind === "builtin") return given;
    if (v.kind === "definition" || v.kind === "instance") {
      const def = v.kind === "definition" ? v.symbol.decl : v.instance.definition.decl;
      const required = def.inputs.filter((i) => !i.value).length;
      if (def.of !== "part" && def.of !== "model" && def.of !== "loss" && def.of !== "metric")
        return wrong(`a ${type.name.text}`);
      if (required > type.inputs.length)
        return ctx.fail(
          "signature-mismatch",
          { name, part: def.name.text, wanted: type.inputs.length, has: required },
          span,
          {
            related: [
              { span: type.span, message: "wanted here" },
              { span: def.name.span, message: `\`${def.name.text}\` takes more` },
            ],
          },
        );
      return given;
    }
    return wrong(type.name.text === "fn" ? "a function" : `a ${type.name.text}`);
  }
  return given;
}

export function sameVal(a: Val, b: Val): boolean {
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case "number":
    case "bool":
    case "string":
      return a.value === (b as typeof a).value;
    case "word":
      return a.word === (b as typeof a).word;
    case "definition":
      return a.symbol === (b as typeof a).symbol;
    case "range":
      return a.from === (b as typeof a).from && a.to === (b as typeof a).to;
    default:
      return a === b;
  }
}

const making = new WeakMap<Scope, Set<string>>();

/** An instance that is made of itself, or given to itself as a setting, has no end. */
function whileMaking<T>(scope: Scope, key: string, span: Span, body: () => T): T {
  const here = making.get(scope) ?? new Set<string>();
  making.set(scope, here);
  if (here.has(key)) return scope.ctx.fail("cycle", { path: [...here, key].join(" -> ") }, span);
  here.add(key);
  try {
    return body();
  } finally {
    here.delete(key);
  }
}

/** The instance behind a declaration inside a body, or at the top of a file (index for a family). */
export function makeInstance(
  scope: Scope,
  b: Extract<Binding, { kind: "part" }>,
  index: number | undefined,
  _span: Span,
): InstanceVal {
  const name = b.decl.name.text;
  const key = index === undefined ? name : `${name}(${index})`;
  const known = scope.parts.get(key);
  if (known?.kind === "instance") return known;
  const home = loopScope(b.scope, b.decl.index?.name.text, index);
  const segment = index === undefined ? name : `${name}.${index}`;
  const path = scope.path === "" ? segment : `${scope.path}.${segment}`;
  const base = whileMaking(scope, key, b.decl.span, () => resolveRef(b.decl.ref, home));
  if (base.kind === "error") return scope.ctx.silent();
  const rewires = b.decl.rewires ? [{ statements: b.decl.rewires, scope: home }] : [];
  let made: InstanceVal;
  if (base.kind === "instance") {
    const old = base.instance;
    made =
      rewires.length === 0
        ? base
        : {
            kind: "instance",
            mode: base.mode,
            instance: {
              ...old,
              name: key,
              identity: path,
              declared: b.decl.span,
              rewires: [...old.rewires, ...rewires],
              settings: new Map(old.settings),
            },
          };
  } else {
    if (base.symbol.decl.of !== b.decl.of && b.decl.name.text !== "")
      scope.ctx.fail(
        "kind-mismatch",
        { declared: b.decl.of, name: base.symbol.decl.name.text, kind: base.symbol.decl.of },
        b.decl.ref.span,
        { related: [{ span: base.symbol.decl.name.span, message: `a ${base.symbol.decl.of}` }] },
      );
    const bound = scope.ctx.bounds.get(path) ?? new Map<string, number>();
    scope.ctx.bounds.set(path, bound);
    const instance: Instance = {
      name: key,
      path,
      identity: path,
      declared: b.decl.span,
      definition: base.symbol,
      given: base.given,
      preset: base.preset,
      rewires,
      bound,
      settings: new Map(),
    };
    made = { kind: "instance", instance, mode: plainMode };
  }
  scope.parts.set(key, made);
  return made;
}

export type { GivenSetting };
