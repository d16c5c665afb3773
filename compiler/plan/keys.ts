/** The keys of plans: one row each, with its type and default (language reference §8.1). */

import { nearest } from "../../grammar/nearest.js";
import type { Span } from "../../grammar/source.js";
import type { Setting } from "../../grammar/tree.js";
import { plain } from "../elaborate/evaluation.js";
import { evaluate } from "../elaborate/expr.js";
import type { Scope } from "../elaborate/scope.js";
import { describe, type Val } from "../elaborate/values.js";

type KeyType =
  | "instance"
  | "count"
  | "natural"
  | "engine"
  | "precision"
  | "memory"
  | "averages"
  | "start"
  | "every"
  | "plan"
  | "shape";

export interface KeyRow {
  readonly type: KeyType;
  readonly required: boolean;
  readonly meaning: string;
}

export const trainKeys: Readonly<Record<string, KeyRow>> = {
  data: { type: "instance", required: true, meaning: "the data instance that is iterated" },
  batch: { type: "count", required: true, meaning: "samples a step" },
  steps: { type: "count", required: true, meaning: "steps in all" },
  seed: { type: "natural", required: false, meaning: "root of all draws, initial weights included; 0" },
  micro: { type: "count", required: false, meaning: "samples computed at once; `batch`" },
  precision: { type: "precision", required: false, meaning: "`f32` or `bf16`; `f32`" },
  ema: { type: "averages", required: false, meaning: "a decay, or a record of named decays, or `none`" },
  start: { type: "start", required: false, meaning: "`fresh`, or a record of files to load; `fresh`" },
  checkpoint: { type: "count", required: false, meaning: "steps between checkpoints; 50_000" },
  engine: { type: "engine", required: false, meaning: "which engine runs it; `auto`" },
  memory: { type: "memory", required: false, meaning: "`auto`, or a limit in GiB" },
  log: { type: "count", required: false, meaning: "steps between lines of the log; 50" },
};

export const sampleKeys: Readonly<Record<string, KeyRow>> = {
  like: { type: "shape", required: true, meaning: "the shape of one sample" },
  count: { type: "count", required: true, meaning: "samples in all" },
  seed: { type: "natural", required: false, meaning: "root of all draws; 0" },
  precision: { type: "precision", required: false, meaning: "`f32` or `bf16`; `f32`" },
  engine: { type: "engine", required: false, meaning: "which engine runs it; `auto`" },
  every: { type: "every", required: false, meaning: "also drawn at every that many steps; `none`" },
  of: { type: "plan", required: false, meaning: "the train plan whose weights are used" },
  memory: { type: "memory", required: false, meaning: "`auto`, or a limit in GiB" },
};

export const engines = ["auto", "tensorflow", "onnx", "tfjs", "reference"] as const;
export const precisions = ["f32", "bf16"] as const;

export interface Key {
  readonly value: Val;
  readonly span: Span;
  readonly setting: Setting;
}

/** Values of the keys that are written; unknown ones are reported with the nearest name, missing ones by name. */
export function readKeys(
  scope: Scope,
  settings: readonly Setting[],
  table: Readonly<Record<string, KeyRow>>,
  plan: string,
  at: Span,
): Map<string, Key> {
  const ctx = scope.ctx;
  const keys = new Map<string, Key>();
  for (const s of settings) {
    const name = s.name.text;
    const row = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!row) {
      const guess = nearest(name, Object.keys(table));
      ctx.report(
        "unknown-key",
        { name, plan },
        s.name.span,
        guess
          ? {
              help: [`did you mean \`${guess}\`?`],
              fixes: [{ title: `write ${guess}`, edits: [{ span: s.name.span, text: guess }] }],
            }
          : { help: [`keys of a ${plan} plan: ${Object.keys(table).join(", ")}`] },
      );
      continue;
    }
    const before = keys.get(name);
    if (before) {
      ctx.report("duplicate-setting", { name }, s.name.span, {
        related: [{ span: before.setting.span, message: "first given here" }],
      });
      continue;
    }
    const value = ctx.attempt(() => keyValue(scope, s, row.type));
    if (value) keys.set(name, { value, span: s.span, setting: s });
  }
  for (const [name, row] of Object.entries(table))
    if (row.required && !settings.some((s) => s.name.text === name))
      ctx.report("missing-key", { name, plan }, at, { help: [`\`${name}\`: ${row.meaning}`] });
  return keys;
}

function keyValue(scope: Scope, s: Setting, type: KeyType): Val {
  const ctx = scope.ctx;
  const expr = s.value ?? { kind: "Name" as const, name: s.name.text, span: s.name.span };
  const word = (words: readonly string[]): Val | undefined =>
    expr.kind === "Name" && words.includes(expr.name) ? { kind: "word", word: expr.name } : undefined;
  const wrong = (wanted: string, found: string): never =>
    ctx.fail("key-type", { name: s.name.text, wanted, found }, expr.span);
  const choice = (words: readonly string[]): Val => {
    const w = word(words);
    if (w) return w;
    if (expr.kind === "Name") {
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
    return wrong(`one of ${words.join(", ")}`, "an expression");
  };
  switch (type) {
    case "engine":
      return choice(engines);
    case "precision":
      return choice(precisions);
    case "plan":
      if (expr.kind !== "Name") return wrong("the name of a plan", "an expression");
      return { kind: "word", word: expr.name };
    case "start":
      return word(["fresh"]) ?? { kind: "none" };
    case "shape":
      return { kind: "none" };
    default:
  }
  if (type === "memory" && word(["auto"])) return { kind: "word", word: "auto" };
  const v = plain(evaluate(expr, scope));
  if (v.kind === "error") return ctx.silent();
  switch (type) {
    case "instance":
      return v.kind === "instance" && v.instance.definition.decl.of === "data"
        ? v
        : wrong("a data instance", describe(v));
    case "count":
      return v.kind === "number" && Number.isInteger(v.value) && v.value >= 1
        ? v
        : wrong("a whole number from 1", describe(v));
    case "natural":
      return v.kind === "number" && Number.isInteger(v.value) && v.value >= 0
        ? v
        : wrong("a whole number from 0", describe(v));
    case "every":
      return v.kind === "none" || (v.kind === "number" && Number.isInteger(v.value) && v.value >= 1)
        ? v
        : wrong("a whole number from 1, or `none`", describe(v));
    case "memory":
      return v.kind === "number" && v.value > 0 ? v : wrong("`auto` or a number of GiB", describe(v));
    case "averages": {
      const decay = (x: Val) => x.kind === "number" && x.value >= 0 && x.value < 1;
      if (v.kind === "none" || decay(v)) return v;
      if (v.kind === "record" && [...v.fields.values()].every((f) => decay(plain(f)))) return v;
      return wrong("a decay from 0 to below 1, a record of them, or `none`", describe(v));
    }
  }
  return v;
}

export function numberKey(keys: ReadonlyMap<string, Key>, name: string, otherwise: number): number {
  const v = keys.get(name)?.value;
  return v?.kind === "number" ? v.value : otherwise;
}

export function wordKey<W extends string>(
  keys: ReadonlyMap<string, Key>,
  name: string,
  otherwise: W,
  words: readonly W[],
): W {
  const v = keys.get(name)?.value;
  return v?.kind === "word" ? (words.find((w) => w === v.word) ?? otherwise) : otherwise;
}

/** `0.99` is an average named `main`. */
export function averagesOf(keys: ReadonlyMap<string, Key>): { name: string; decay: number }[] {
  const v = keys.get("ema")?.value;
  if (v?.kind === "number") return [{ name: "main", decay: v.value }];
  if (v?.kind === "record")
    return [...v.fields].map(([name, f]) => ({ name, decay: f.kind === "number" ? f.value : 0 }));
  return [];
}
