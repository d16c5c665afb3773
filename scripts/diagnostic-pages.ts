/** docs/diagnostics/CODE.md from the catalog, and docs/mistakes.md: `npm run pages` writes them, a test compares. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Page, pages } from "../compiler/diagnostics/catalog.js";
import { mistakesPage } from "../spec/mistakes/page.js";

export const folder = fileURLToPath(new URL("../docs/diagnostics/", import.meta.url));

/** File names to texts, an index among them. */
export function diagnosticPages(): Map<string, string> {
  const all = [...pages().values()];
  return new Map([
    ["README.md", indexOf(all)],
    ...all.map((page): [string, string] => [`${page.code}.md`, textOf(page)]),
  ]);
}

function textOf({ code, severity, area, explain, example }: Page): string {
  const head = `# ${code}\n\n*${severity}, ${area}*\n\n${explain.trim()}\n`;
  return example === undefined ? head : `${head}\nA spec that gives it:\n\n\`\`\`dit\n${example.trim()}\n\`\`\`\n`;
}

function indexOf(all: readonly Page[]): string {
  const rows = all.map((page) => `| [${page.code}](${page.code}.md) | ${page.severity} | ${firstLine(page.explain)} |`);
  return [
    "# Diagnostics",
    "",
    "One page a code, written by `npm run pages` from the catalog; `dit explain CODE` prints the same.",
    "",
    "| code | severity | |",
    "| --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

function firstLine(text: string): string {
  return (text.trim().split("\n")[0] ?? "").replaceAll("|", "\\|");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = diagnosticPages();
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (!wanted.has(name)) rmSync(join(folder, name));
  for (const [name, text] of wanted) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, "../mistakes.md"), mistakesPage());
}
