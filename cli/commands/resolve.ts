import type { Command } from "commander";
import type { Settings } from "../compiler.js";
import { openSpec } from "../load.js";
import { setOption } from "../options.js";
import { print } from "../output.js";

export function resolve(program: Command): void {
  program
    .command("resolve")
    .summary("print a spec with all its defaults")
    .description("Prints the spec with every default and preset written out: a spec that means the same.")
    .argument("<file>", "a spec")
    .addOption(setOption())
    .action(async (file: string, options: { set?: Settings }) => {
      const { compiler, spec } = await openSpec(file, options.set);
      print(compiler.resolve(spec));
    });
}
