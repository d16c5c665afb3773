/** docs/tutorial.md as the specs it makes, one after another. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { costLine } from "../../cli/cost-text.js";
import { cost } from "../../compiler/plan/cost.js";
import { clean } from "./specs.js";

const page = new URL("../../docs/tutorial.md", import.meta.url);

export interface Step {
  readonly heading: string;
  /** Lines that the step adds. */
  readonly added: number;
  readonly text: string;
  /** What the page says it costs. */
  readonly cost: string;
}

export function steps(): Step[] {
  const all: Step[] = [];
  let text = "";
  let added = 0;
  let heading = "";
  for (const { mark, body, above } of blocksOf(readFileSync(page, "utf8"))) {
    heading = above;
    if (mark === "dit") text = body;
    if (mark === "diff") [text, added] = [applied(text, body, heading), body.match(/^\+/gm)?.length ?? 0];
    if (mark === "cost") all.push({ heading, added, text, cost: body.trim() });
  }
  return all;
}

export function costOf(text: string): string {
  return costLine("model.dit", cost(clean(text, {}, { abridge: true }))).join("\n");
}

function blocksOf(markdown: string): { mark: string; body: string; above: string }[] {
  return [...markdown.matchAll(/^(?:## (.*)|```(\w+)\n([\s\S]*?)^```)$/gm)].reduce<
    { mark: string; body: string; above: string }[]
  >((found, [, heading, mark = "", body = ""]) => {
    const above = heading ?? found.at(-1)?.above ?? "";
    found.push({ mark: heading === undefined ? mark : "", body, above });
    return found;
  }, []);
}

/** Lines with `-` are replaced by the lines with `+` below them; one with a blank stands still, and what follows it comes after. */
function applied(text: string, diff: string, heading: string): string {
  const lines = text.trimEnd().split("\n");
  let at = lines.length;
  let placed = false;
  for (const line of diff.trimEnd().split("\n")) {
    const rest = line.slice(1);
    if (line[0] === "+") {
      if (!placed) throw new Error(`${heading}: a line is added nowhere: ${rest}`);
      lines.splice(at++, 0, rest);
      continue;
    }
    const found = lines.indexOf(rest);
    if (found === -1) throw new Error(`${heading}: there is no line ${rest}`);
    placed = true;
    if (line[0] === "-") lines.splice(found, 1);
    at = line[0] === "-" ? found : found + 1;
  }
  return `${lines.join("\n")}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let i = 0;
  const all = steps();
  const filled = readFileSync(page, "utf8").replace(
    /^```cost\n[\s\S]*?^```$/gm,
    () => `\`\`\`cost\n${costOf(all[i++]?.text ?? "")}\n\`\`\``,
  );
  writeFileSync(page, filled);
}
