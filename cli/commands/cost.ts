import type { Command } from "commander";
import type { Settings } from "../compiler.js";
import { costTables } from "../cost-text.js";
import { openSpec } from "../load.js";
import { memoryOption, setOption } from "../options.js";
import { print, printLine } from "../output.js";

export function cost(program: Command): void {
  program
    .command("cost")
    .summary("parameters, FLOPs and memory as a table")
    .description("Prints what each instance weighs and what each plan costs, without running anything.")
    .argument("<file>", "a spec")
    .option("--json", "print JSON")
    .addOption(memoryOption())
    .addOption(setOption())
    .action(async (file: string, options: { json?: true; memory?: number; set?: Settings }) => {
      const { compiler, spec } = await openSpec(file, options.set);
      const report = compiler.cost(spec, { memory: options.memory ?? true });
      if (options.json) printLine(JSON.stringify(report, undefined, 2));
      else print(costTables(report));
    });
}
