import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, Option } from "commander";
import type { Plan } from "../../compiler/plan/plan.js";
import { writeWhole } from "../../runtime/files.js";
import type { Settings } from "../compiler.js";
import { ExitCode } from "../exit-codes.js";
import { couldNotRun } from "../failure.js";
import { accept, type Opened, openSpec } from "../load.js";
import { setOption } from "../options.js";
import { printLine, say } from "../output.js";

interface Options {
  readonly target: string;
  readonly out: string;
  readonly check?: true;
  readonly set?: Settings;
}

export function compile(program: Command): void {
  program
    .command("compile")
    .summary("write the plans of a spec as JSON")
    .description("Compiles every `train` and `sample` of a spec and writes NAME.plan.json for each.")
    .argument("<file>", "a spec")
    .addOption(new Option("--target <target>", "what to write").choices(["plan"]).default("plan"))
    .option("-o, --out <dir>", "the folder for the files", "plans")
    .option("--check", "write nothing; end with 7 if a file is not what would be written")
    .addOption(setOption())
    .action(runCompile);
}

async function runCompile(file: string, options: Options): Promise<void> {
  const opened = await openSpec(file, options.set);
  const { planText } = await import("../../runtime/plan-file.js");
  const plans = plansOf(opened);
  if (!plans.length) throw couldNotRun(`\`${opened.path}\` has no \`train\` and no \`sample\``);
  if (!options.check) mkdirSync(options.out, { recursive: true });
  for (const plan of plans) {
    const path = join(options.out, `${plan.name}.plan.json`);
    const text = planText(plan);
    if (!options.check) {
      writeWhole(path, text);
      printLine(path);
    } else if (!existsSync(path) || readFileSync(path, "utf8") !== text) {
      process.exitCode = ExitCode.stale;
      say(`stale: ${path}`);
    }
  }
}

function plansOf({ path, compiler, spec }: Opened): Plan[] {
  return spec.plans().flatMap(({ name, kind }): Plan[] => {
    if (kind === "train") return [accept(path, compiler.compileTrain(spec, name))];
    if (kind === "sample") return [accept(path, compiler.compileSample(spec, name))];
    return [];
  });
}
