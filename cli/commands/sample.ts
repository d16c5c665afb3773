import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import type { SamplePlan } from "../../compiler/plan/plan.js";
import type { RunFolder } from "../../runtime/run-folder.js";
import { pickEngine } from "../engine.js";
import { ExitCode } from "../exit-codes.js";
import { couldNotRun } from "../failure.js";
import { onInterrupt } from "../interrupt.js";
import { engineOption, wholeNumber } from "../options.js";
import { printLine } from "../output.js";
import { Progress } from "../progress.js";
import { drawTo, sheetLimit } from "../sheets.js";

interface Options {
  readonly plan?: string;
  readonly count?: number;
  readonly seed?: number;
  readonly out?: string;
  readonly engine?: string;
}

export function sample(program: Command): void {
  program
    .command("sample")
    .summary("draw pictures from a run")
    .description("Draws samples with the weights of the newest checkpoint of a run, or of a checkpoint.")
    .argument("<run>", "a run folder or one of its checkpoints")
    .option("--plan <name>", "which `sample`, where the run has several")
    .option("--count <n>", "how many (default: what the spec says)", wholeNumber(1))
    .option("--seed <n>", "another seed for the draws", wholeNumber(0))
    .option("-o, --out <file>", "a .png sheet or a .safetensors file (default: in the samples/ of the run)")
    .addOption(engineOption())
    .action(runSample);
}

async function runSample(run: string, options: Options): Promise<void> {
  const { isRunFolder, runFolderPaths } = await import("../../runtime/run-folder.js");
  const folder = [run, join(run, "..", "..")].find(isRunFolder);
  if (folder === undefined)
    throw couldNotRun(`\`${run}\` is not the folder of a run`, "`dit train` makes one in runs/");
  const paths = runFolderPaths(folder);
  const plan = await samplerOf(paths, options.plan);
  const { readCheckpoint, resolveCheckpoint } = await import("../../runtime/checkpoint/checkpoint.js");
  const { manifest, state } = await readCheckpoint(await resolveCheckpoint(run));
  const engine = await pickEngine(options.engine ?? plan.engine, { half: plan.precision === "bf16" });
  const count = options.count ?? plan.count;
  const seed = options.seed === undefined ? "" : `-seed-${options.seed}`;
  const kind = count > sheetLimit ? "safetensors" : "png";
  const file = options.out ?? join(paths.samples, `${plan.name}${seed}.${kind}`);
  const progress = new Progress();
  const interrupt = onInterrupt(() => progress.say("stopping after this batch; Ctrl-C again does not wait"));
  try {
    await drawTo(file, plan, {
      engine,
      state,
      step: manifest.step,
      count,
      seed: options.seed,
      data: await dataOf(paths),
      signal: interrupt.signal,
      progress,
    });
  } finally {
    progress.end();
    interrupt.release();
  }
  printLine(file);
  if (interrupt.signal.aborted) process.exitCode = ExitCode.interrupted;
}

/** The sampler of this name that the training left in the run folder, or the only one. */
async function samplerOf({ folder, samplers }: RunFolder, wanted: string | undefined): Promise<SamplePlan> {
  const files = existsSync(samplers) ? readdirSync(samplers) : [];
  const names = files.flatMap((file) => /^(.*)\.json$/.exec(file)?.[1] ?? []);
  const list = names.map((name) => `\`${name}\``).join(", ");
  if (!names.length)
    throw couldNotRun(`the run \`${folder}\` has no sampler`, "declare a `sample` in the spec and train again");
  if (wanted === undefined && names.length > 1)
    throw couldNotRun(`the run has several samplers: ${list}`, "say which one: --plan NAME");
  const name = wanted ?? names[0] ?? "";
  if (!names.includes(name)) throw couldNotRun(`the run has no sampler \`${name}\``, `it has ${list}`);
  const { loadSamplePlan } = await import("../../runtime/plan-file.js");
  return loadSamplePlan(join(samplers, `${name}.json`));
}

/** The definition behind the data of the training, as `Digits`. */
async function dataOf({ plan }: RunFolder): Promise<string | undefined> {
  // A run of weights from elsewhere may be without a training.
  if (!existsSync(plan)) return undefined;
  const { loadTrainPlan } = await import("../../runtime/plan-file.js");
  const { data, sources } = loadTrainPlan(plan);
  return sources.find((source) => source.name === data)?.definition;
}
