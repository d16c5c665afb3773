import type { Command } from "commander";
import type { Settings } from "../compiler.js";
import { openSpec } from "../load.js";
import { setOption } from "../options.js";
import { print } from "../output.js";

interface Options {
  readonly diff?: true;
  readonly set?: Settings;
}

export function resolve(program: Command): void {
  program
    .command("resolve")
    .summary("print a spec with all its defaults")
    .description("Prints the spec with every default and preset written out: a spec that means the same.")
    .argument("<file>", "a spec")
    .option("--diff", "print the lines that the spec does not have only")
    .addOption(setOption())
    .action(async (file: string, { diff, set }: Options) => {
      const { compiler, spec } = await openSpec(file, set);
      const text = compiler.resolve(spec);
      print(diff ? unwritten(text, spec.loaded.main.source.text) : text);
    });
}

/** Lines of the print that the spec has not got, comments aside. */
function unwritten(text: string, spec: string): string {
  const bare = (line: string) => line.replace(/\/\/.*/, "").trim();
  const written = new Set(spec.split("\n").map(bare));
  const lines = text.split("\n").filter((line) => !written.has(bare(line)));
  return lines.map((line) => `${line}\n`).join("");
}
