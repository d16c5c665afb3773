/** docs/diagnostics/CODE.md from the catalog. */
import { type Page, pages } from "../../compiler/diagnostics/catalog.js";

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
