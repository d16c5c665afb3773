/** Specs in memory: files by name, the library from its folder. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import type { Host } from "../../compiler/host.js";
import { type LoadOptions, loadSpec, type Spec } from "../../compiler/index.js";
import type { Diagnostic } from "../../grammar/diagnostic.js";

const folder = new URL("../../compiler/std/", import.meta.url);

/** File names of the library to their texts, in order. */
export const library: ReadonlyMap<string, string> = new Map(
  readdirSync(folder)
    .sort()
    .map((name) => [name, readFileSync(new URL(name, folder), "utf8")] as const),
);

const files = new Map<string, string>();

/** One host for all tests: the library is read once a host. */
const host: Host = {
  readText: (path) => files.get(path),
  readStd: () => library,
  join: (_from, to) => to.replace(/^\.\//, ""),
};

export interface Loaded {
  readonly spec: Spec;
  readonly diagnostics: readonly Diagnostic[];
}

/** Loads `text` as `spec.dit`; `others` are files it may use. */
export function load(text: string, others: Readonly<Record<string, string>> = {}, options: LoadOptions = {}): Loaded {
  files.clear();
  for (const [name, other] of Object.entries(others)) files.set(name, other);
  files.set("spec.dit", text);
  const { value, diagnostics } = loadSpec("spec.dit", host, options);
  assert.ok(value, "a spec that can be read has a value");
  return { spec: value, diagnostics };
}

/** A spec without a single remark. */
export function clean(text: string, others: Readonly<Record<string, string>> = {}, options: LoadOptions = {}): Spec {
  const { spec, diagnostics } = load(text, others, options);
  assert.deepEqual(diagnostics.map(describe), []);
  return spec;
}

/** A spec without errors; it may have warnings, for example of names that a test does not use. */
export function sound(text: string, options: LoadOptions = {}): Spec {
  const { spec, diagnostics } = load(text, {}, options);
  assert.deepEqual(diagnostics.filter((d) => d.severity === "error").map(describe), []);
  return spec;
}

/** Codes of what is said about a spec. */
export function codes(text: string): string[] {
  return load(text).diagnostics.map((d) => d.code);
}

export function describe({ severity, code, span, message }: Diagnostic): string {
  const { line, column } = span.source.position(span.pos);
  return `${severity} ${code} ${span.source.path}:${line}:${column} ${message}`;
}
