/** The reference as data: its code blocks, and the page of the library that is made from the library. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { library } from "./specs.js";

export const page = new URL("../library.md", import.meta.url);

export interface Block {
  readonly section: string;
  readonly line: number;
  readonly text: string;
}

/** Blocks marked `dit`, with the number of the section they stand in. */
export function blocks(name: string): Block[] {
  const found: Block[] = [];
  let section = "";
  let open: { mark: string; line: number; lines: string[] } | undefined;
  const lines = readFileSync(new URL(`../${name}`, import.meta.url), "utf8").split("\n");
  for (const [i, line] of lines.entries()) {
    if (open && line === "```") {
      if (open.mark === "dit") found.push({ section, line: open.line, text: `${open.lines.join("\n")}\n` });
      open = undefined;
    } else if (open) open.lines.push(line);
    else if (line.startsWith("```")) open = { mark: line.slice(3), line: i + 2, lines: [] };
    else section = /^#+ ([\d.]*\d)/.exec(line)?.[1] ?? section;
  }
  return found;
}

/** What `spec/library.md` has to be. */
export function libraryPage(): string {
  const names = [...library.keys()];
  return [
    "# The library",
    "",
    "Every file of `compiler/std`, as it is. `use std.{…}` takes any name of any file; [language.md](language.md) §10.1 is the index by purpose.",
    "",
    names.map((name) => `[${name}](#${name.replace(".", "")})`).join(" · "),
    ...names.flatMap((name) => ["", `## ${name}`, "", "```dit", (library.get(name) ?? "").trimEnd(), "```"]),
    "",
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(page, libraryPage());
