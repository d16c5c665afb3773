import { extname } from "node:path";
import type { Command } from "commander";
import { print as printModule } from "../../compiler/ir/print.js";
import type { Program } from "../../compiler/plan/plan.js";
import { writeWhole } from "../../runtime/files.js";
import type { Settings } from "../compiler.js";
import { dotOf } from "../drawing/dot.js";
import { pictureOf } from "../drawing/of-program.js";
import { svgOf } from "../drawing/svg.js";
import { couldNotRun } from "../failure.js";
import { accept, choosePlan, type Opened, openSpec } from "../load.js";
import { table } from "../numbers.js";
import { setOption } from "../options.js";
import { print, printLine } from "../output.js";

interface Options {
  readonly plan?: string;
  readonly out?: string;
  readonly set?: Settings;
}

const drawings: Readonly<Record<string, typeof svgOf>> = { ".svg": svgOf, ".dot": dotOf };

export function graph(program: Command): void {
  program
    .command("graph")
    .summary("what a train step computes, as text or as a drawing")
    .description("Prints the graph of a train step and its draws; with -o draws its forward pass, part by part.")
    .argument("<file>", "a spec")
    .option("--plan <name>", "which `train`, where the spec has several")
    .option("-o, --out <file>", "a .svg or a .dot file")
    .addOption(setOption())
    .action(runGraph);
}

async function runGraph(file: string, options: Options): Promise<void> {
  const draw = options.out === undefined ? undefined : drawings[extname(options.out)];
  if (options.out !== undefined && !draw) throw couldNotRun(`\`${options.out}\`: graphs are drawn as .svg or .dot`);
  const opened = await openSpec(file, options.set);
  const { name, phases } = trainOf(opened, options.plan);
  if (options.out !== undefined && draw) {
    const last = phases.at(-1);
    if (last) writeWhole(options.out, draw(pictureOf(last.program, `${opened.path}: ${name}`)));
    return printLine(options.out);
  }
  for (const { from, program } of phases) {
    if (phases.length > 1) print(`// from step ${from}\n`);
    print(`${printModule(program.module)}\n${drawsText(program)}`);
  }
}

function trainOf(opened: Opened, wanted: string | undefined) {
  const { name } = choosePlan(opened, "train", wanted);
  return accept(opened.path, opened.compiler.compileTrain(opened.spec, name));
}

/** As comments of the text form. */
function drawsText({ draws }: Program): string {
  if (!draws.length) return "// no draws\n";
  const rows = draws.map(({ path, law, size, axes, shape }) => [
    "// draw",
    path,
    law === "index" ? `index below ${size ?? 0}` : law,
    `[${axes.map((axis, i) => `${axis}: ${shape[i] ?? "?"}`).join(", ")}]`,
  ]);
  return table(rows);
}
