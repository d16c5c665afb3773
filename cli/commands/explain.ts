import type { Command } from "commander";
import { type Page, pages } from "../../compiler/diagnostics/catalog.js";
import { nearest } from "../../grammar/nearest.js";
import { couldNotRun } from "../failure.js";
import { table } from "../numbers.js";
import { paletteOf, print } from "../output.js";

export function explain(program: Command): void {
  program
    .command("explain")
    .summary("say more about a code, as `axis-mismatch`")
    .description("Prints what a diagnostic means, why it is one and how to mend it; without a code, all codes.")
    .argument("[code]", "the code in the brackets of a message")
    .action((code?: string) => print(code === undefined ? listOf(pages()) : textOf(pageOf(code))));
}

function pageOf(code: string): Page {
  const all = pages();
  const page = all.get(code.replace(/^(error|warning)?\[(.*)\]$/, "$2"));
  if (page) return page;
  const near = nearest(code, all.keys());
  throw couldNotRun(
    `there is no code \`${code}\``,
    near ? `did you mean \`${near}\`?` : "`dit explain` lists all codes",
  );
}

function textOf({ code, severity, explain, example }: Page): string {
  const palette = paletteOf(process.stdout);
  const head = `${palette[severity](`${severity}[${code}]`)}\n\n${explain.trim()}\n`;
  if (example === undefined) return head;
  const indented = example.trim().replaceAll(/^(?=.)/gm, "    ");
  return `${head}\nA spec that gives it:\n\n${indented}\n`;
}

function listOf(all: ReadonlyMap<string, Page>): string {
  return table([...all.values()].map((page) => [page.code, page.severity, page.area, firstLine(page.explain)]));
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}
