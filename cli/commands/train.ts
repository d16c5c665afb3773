import { existsSync, readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Command } from "commander";
import type { SamplePlan, TrainPlan } from "../../compiler/plan/plan.js";
import type { RunState } from "../../runtime/checkpoint/checkpoint.js";
import type { EngineName } from "../../runtime/engines/index.js";
import type { RunEvents } from "../../runtime/events.js";
import type { RunFolder } from "../../runtime/run-folder.js";
import type { TrainResult } from "../../runtime/train/train.js";
import type { Settings } from "../compiler.js";
import { pickEngine } from "../engine.js";
import { ExitCode } from "../exit-codes.js";
import { declined } from "../failure.js";
import { onInterrupt } from "../interrupt.js";
import { accept, choosePlan, type Opened, openSpec } from "../load.js";
import { grouped, table } from "../numbers.js";
import { engineOption, memoryOption, setOption } from "../options.js";
import { print, say } from "../output.js";
import { Progress } from "../progress.js";
import { drawTo } from "../sheets.js";

interface Options {
  readonly run?: string;
  readonly plan?: string;
  readonly engine?: EngineName;
  readonly memory?: number;
  readonly set?: Settings;
  readonly resume?: string;
  readonly again?: true;
}

/** A sampler of the run. `every`: also on the way, after so many steps. */
interface Sampler {
  readonly plan: SamplePlan;
  readonly every: number | undefined;
}

/** On the way and at the end nobody waits for more; `dit sample` draws them all. */
const preview = 100;

export function train(program: Command): void {
  program
    .command("train")
    .summary("train and draw pictures")
    .description("Runs the `train` of a spec into a run folder, then draws its samples. Ctrl-C writes a checkpoint.")
    .argument("<file>", "a spec")
    .option("--run <name>", "the run folder: a path, or a name in runs/ (default: the name of the spec)")
    .option("--plan <name>", "which `train`, where the spec has several")
    .addOption(engineOption())
    .addOption(memoryOption())
    .addOption(setOption())
    .option("--resume <dir>", "go on from a run folder or one of its checkpoints")
    .option("--again", "throw away a run that is there and start anew")
    .action(runTrain);
}

async function runTrain(file: string, options: Options): Promise<void> {
  const opened = await openSpec(file, options.set);
  const { name } = choosePlan(opened, "train", options.plan);
  const plan = accept(
    opened.path,
    opened.compiler.compileTrain(opened.spec, name, {
      engine: options.engine,
      memory: options.memory,
      available: availableMemory(),
    }),
  );
  const samplers = samplersOf(opened, name);
  const engine = await pickEngine(options.engine ?? plan.engine, { half: plan.precision === "bf16" });
  const paths = await runFolder(opened, plan, samplers, options);
  const progress = new Progress();
  const interrupt = onInterrupt(() => progress.say("stopping after this step; Ctrl-C again does not wait"));
  const draw = async (sampler: Sampler, state: RunState, step: number, name: string) => {
    const count = Math.min(sampler.plan.count, preview);
    const target = join(paths.samples, `${name}.png`);
    await drawTo(target, sampler.plan, {
      engine,
      state,
      step,
      count,
      data: plan.sources.find((source) => source.name === plan.data)?.definition,
      base: dirname(opened.path),
      signal: interrupt.signal,
      progress,
    });
    return target;
  };
  try {
    const { train } = await import("../../runtime/train/train.js");
    const result = await train(plan, {
      engine,
      folder: paths.folder,
      resume: options.resume,
      base: dirname(opened.path),
      signal: interrupt.signal,
      events: await eventsFor(progress),
      moments: samplers.flatMap((sampler) => {
        const {
          every,
          plan: { name },
        } = sampler;
        if (every === undefined) return [];
        return [{ every, run: async ({ state, step }) => void (await draw(sampler, state, step, `${name}-${step}`)) }];
      }),
    });
    progress.end();
    if (result.interrupted) return stopped(opened.path, paths.folder, plan, result);
    const pictures: string[] = [];
    for (const sampler of samplers) {
      if (interrupt.signal.aborted) break;
      pictures.push(await draw(sampler, result.state, result.step, sampler.plan.name));
    }
    progress.end();
    print(summaryText(paths, pictures, result));
    if (interrupt.signal.aborted) {
      say(`stopped while drawing; all of it: dit sample ${paths.folder}`);
      process.exitCode = ExitCode.interrupted;
    }
  } finally {
    progress.end();
    interrupt.release();
  }
}

function samplersOf({ path, compiler, spec }: Opened, train: string): Sampler[] {
  return spec
    .plans()
    .filter((plan) => plan.kind === "sample" && plan.of === train)
    .map(({ name, every }) => ({ plan: accept(path, compiler.compileSample(spec, name)), every }));
}

/** The folder of the run: a new one, or the one that is gone on with. */
async function runFolder(
  opened: Opened,
  plan: TrainPlan,
  samplers: readonly Sampler[],
  options: Options,
): Promise<RunFolder> {
  const { createRunFolder, isRunFolder, runFolderPaths } = await import("../../runtime/run-folder.js");
  const resumed =
    options.resume === undefined ? undefined : [options.resume, dirname(dirname(options.resume))].find(isRunFolder);
  if (options.run === undefined && resumed !== undefined) return runFolderPaths(resumed);
  const folder = folderOf(options.run ?? basename(opened.path).replace(/\.dit$/, ""));
  if (existsSync(folder) && isRunFolder(folder) && !options.again)
    throw declined(
      `the run \`${folder}\` is there already`,
      "`--run OTHER` gives this one another name",
      `\`--resume ${folder}\` goes on where it stopped`,
      "`--again` throws it away and starts anew",
    );
  return createRunFolder({
    folder,
    plan,
    samplers: samplers.map((sampler) => sampler.plan),
    spec: readFileSync(opened.path, "utf8"),
    resolved: opened.compiler.resolve(opened.spec),
    specPath: opened.path,
    again: options.again,
  });
}

/** Bytes that this process may take. */
function availableMemory(): number {
  // What a container allows, if it is one: 0 or an absurd number where nothing is said.
  const constrained = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  return Math.min(totalmem(), constrained);
}

function folderOf(run: string): string {
  return /[\\/]/.test(run) ? run : join("runs", run);
}

async function eventsFor(progress: Progress): Promise<RunEvents> {
  const { progressLine } = await import("../../runtime/telemetry/progress.js");
  return {
    started: ({ engine, step, parameters, samples }) => {
      const data = samples ? `, ${grouped(samples)} samples` : "";
      progress.say(
        `${step ? `going on at step ${grouped(step)}: ` : ""}${grouped(parameters)} parameters${data}, engine ${engine}`,
      );
    },
    phase: ({ from, number, of }) => {
      if (of > 1) progress.say(`step ${grouped(from)}: phase ${number} of ${of}`);
    },
    step: (state) => progress.update(progressLine(state)),
    note: (text) => progress.say(text),
  };
}

function stopped(path: string, folder: string, plan: TrainPlan, { step, checkpoint }: TrainResult): void {
  say(`stopped at step ${grouped(step)} of ${grouped(plan.steps)}; checkpoint ${checkpoint}`);
  say(`go on with: dit train ${path} --resume ${folder}`);
  process.exitCode = ExitCode.interrupted;
}

function summaryText(
  paths: RunFolder,
  pictures: readonly string[],
  { summary, checkpoint, seconds }: TrainResult,
): string {
  const rows = [
    ["parameters", grouped(summary.parameters)],
    ["steps", grouped(summary.step)],
    ["seconds", seconds.toFixed(1)],
    ["images/s", grouped(summary.images_per_second)],
    ["final loss", String(summary.loss === null ? "not a number" : Number(summary.loss.toPrecision(4)))],
    ["engine", summary.engine],
    ["run", paths.folder],
    ["loss curve", paths.curve],
    ["checkpoint", checkpoint],
    ...pictures.map((file) => ["samples", file]),
  ];
  return table(rows);
}
