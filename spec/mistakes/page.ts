/** docs/mistakes.md from the rows: `npm run pages` writes it, a test compares. */

import { loadLibrary } from "../../compiler/names/load.js";
import type { Definition } from "../../grammar/tree.js";
import { host } from "../rules/load.js";
import { type ProofName, proofs } from "./proofs.js";
import { type Kind, lists, type Row } from "./rows.js";

const words: Readonly<Record<Kind, string>> = {
  unsayable: "unsayable",
  diagnosed: "diagnosed",
  setting: "a setting",
  same: "as in the code",
  absent: "not here",
};

const files = loadLibrary(host).value.files;
const declared = new Map(files.flatMap((f) => [...f.own].map(([name, s]) => [name, s.decl] as const)));

export interface Mark {
  readonly kind: "code" | "try" | "set" | "def" | "spec" | "test";
  readonly name: string;
}

export function marksOf(row: Row): Mark[] {
  return [...row.answer.matchAll(/\{(\w+):([^}]*)\}/g)].map((m) => ({
    kind: m[1] as Mark["kind"],
    name: m[2] ?? "",
  }));
}

/** The default of a setting as the library writes it; `undefined` if there is no such setting. */
export function defaultOf(name: string): string | undefined {
  const [of, setting] = name.split(".");
  const decl = declared.get(of ?? "") as Definition | undefined;
  const found = decl?.settings?.find((s) => s.name.text === setting);
  if (!found) return undefined;
  const value = found.value?.span;
  return value ? value.source.text.slice(value.pos, value.end) : "to be given";
}

export function isDefined(name: string): boolean {
  return declared.has(name);
}

const code = (c: string) => `[${c}](diagnostics/${c}.md)`;

function codesOf(name: ProofName): string[] {
  return [...new Set(proofs[name].says.flatMap((l) => /^\S+ \w+ ([a-z-]+):/.exec(l)?.[1] ?? []))];
}

function shown({ kind, name }: Mark): string {
  switch (kind) {
    case "code":
      return code(name);
    case "try": {
      const codes = codesOf(name as ProofName);
      return `“${name}” ${codes.length > 0 ? `is ${codes.map(code).join(", ")}` : "runs"}`;
    }
    case "set": {
      const value = defaultOf(name) ?? "";
      const short = value.replace(/\s+/g, " ");
      return value === "to be given" ? `\`${name}\` (no default)` : `\`${name}\` (default \`${short}\`)`;
    }
    case "def":
      return `\`${name}\``;
    case "spec":
      return `[${name}](../spec/parity/${name}.dit)`;
    case "test":
      return `[${name}](../${name})`;
  }
}

export function mistakesPage(): string {
  const answer = (row: Row) =>
    row.answer.replace(/\{(\w+):([^}]*)\}/g, (_, kind: Mark["kind"], name: string) => shown({ kind, name }));
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const count = (kind: Kind) => lists.flatMap((l) => l.rows).filter((r) => r.kind === kind).length;
  return [
    "# Mistakes made in public, and what becomes of them",
    "",
    "What users reported of the official programs of this family, and what a reader of their code finds. Each is one of:",
    "",
    `- **unsayable** (${count("unsayable")}): the language has no words for it. In quotes stands what was tried, and the diagnostic that it is: the specs are in`,
    "  [proofs.ts](../spec/mistakes/proofs.ts), with every answer of the compiler, and a test holds them.",
    `- **diagnosed** (${count("diagnosed")}): it can be said, and a diagnostic with a page of its own says so before anything runs.`,
    `- **a setting** (${count("setting")}): a choice and no mistake. It has a name and one default, the released one unless said otherwise.`,
    `- **as in the code** (${count("same")}): the released program does so, the library does the same, and recorded numbers hold it where a spec is named.`,
    `- **not here** (${count("absent")}): the library does not have it, or this version does not execute it.`,
    "",
    "`npm run pages` writes this page from [rows.ts](../spec/mistakes/rows.ts).",
    ...lists.flatMap((list) => [
      "",
      `## ${list.of}`,
      "",
      `*${list.where}*`,
      "",
      "| | mistake | here | |",
      "| --- | --- | --- | --- |",
      ...list.rows.map((r, i) => `| ${i + 1} | ${cell(r.mistake)} | ${words[r.kind]} | ${cell(answer(r))} |`),
    ]),
    "",
  ].join("\n");
}
