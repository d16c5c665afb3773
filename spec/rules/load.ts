/** Specs from text, checked as `dit check` does it; the library is read once. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compileTrain, loadSpec, type Spec } from "../../compiler/index.js";
import type { Diagnostic, Outcome } from "../../grammar/diagnostic.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const std = `${root}compiler/std/`;
const library = new Map(
  readdirSync(std)
    .filter((f) => f.endsWith(".dit"))
    .map((f) => [f, readFileSync(std + f, "utf8")] as const),
);

/** `base.dit` is the one of the language reference, which many of its blocks use. */
const blocks = `${root}spec/grammar/corpus/`;
const base = readFileSync(`${blocks}s2-4-2.dit`, "utf8");

let files: ReadonlyMap<string, string> = new Map();

export const host = {
  readText: (path: string) => files.get(path),
  readStd: () => library,
  join: (_from: string, to: string) => to.replace(/^\.\//, ""),
};

export const name = "example.dit";

export function loaded(text: string, others: Readonly<Record<string, string>> = {}): Outcome<Spec | undefined> {
  files = new Map([[name, text], ["base.dit", base], ...Object.entries(others)]);
  return loadSpec(name, host, { abridge: true });
}

/** What compiling its run adds, for a spec without errors. */
export function compiled({ value, diagnostics }: Outcome<Spec | undefined>): readonly Diagnostic[] {
  return !value || diagnostics.some((d) => d.severity === "error") ? [] : compileTrain(value).diagnostics;
}

/** All diagnostics of a spec, those of compiling its run included. */
export function check(text: string, others: Readonly<Record<string, string>> = {}): readonly Diagnostic[] {
  const outcome = loaded(text, others);
  return [...outcome.diagnostics, ...compiled(outcome)];
}

/** `4:9 error unknown-name: …`, one line each: for tests that say exactly what they expect. */
export function lines(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map((d) => {
    const { line, column } = d.span.source.position(d.span.pos);
    return `${line}:${column} ${d.severity} ${d.code}: ${d.message}`;
  });
}

export function folder(path: string, wanted: (file: string) => boolean = () => true): Map<string, string> {
  return new Map(
    readdirSync(path)
      .filter((f) => f.endsWith(".dit") && wanted(f))
      .map((f) => [f, readFileSync(path + f, "utf8")] as const),
  );
}

export const examples = folder(`${root}examples/`, () => true);

/** Blocks of the language reference that are whole specs; the others are pieces of the library. */
export const blocksOfReference = folder(blocks, (f) => /^(s2-|s10-8|s10-4-2|s11)/.test(f));
