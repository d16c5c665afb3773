/** `runs/NAME/`: all of a run in one folder that explains itself. */
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { SamplePlan, TrainPlan } from "../compiler/plan/plan.js";
import { RuntimeFault } from "./fault.js";
import { writeWhole } from "./files.js";
import { savePlan } from "./plan-file.js";
import { parameterCount } from "./train/state.js";

export interface RunFolderOptions {
  /** The folder to make, as `runs/quickstart`. */
  readonly folder: string;
  /** The training; a folder of weights from elsewhere may be without. */
  readonly plan: TrainPlan | undefined;
  /** The samplers of the spec; their plans are kept for `dit sample`. */
  readonly samplers?: readonly SamplePlan[] | undefined;
  /** The spec as it was written, and with all defaults. */
  readonly spec: string;
  readonly resolved: string;
  /** Where its first weights are from, a sentence for the README. */
  readonly origin?: string | undefined;
  /** How the spec was called on the command line, for the README. */
  readonly specPath: string;
  /** Empties a folder that is there already instead of refusing. */
  readonly again?: boolean | undefined;
}

/** Where things are in a run folder. */
export interface RunFolder {
  readonly folder: string;
  readonly spec: string;
  readonly resolved: string;
  readonly plan: string;
  /** Plans of samplers, `NAME.json`. */
  readonly samplers: string;
  readonly metrics: string;
  readonly checkpoints: string;
  readonly samples: string;
  readonly curve: string;
  readonly summary: string;
}

export function runFolderPaths(folder: string): RunFolder {
  return {
    folder,
    spec: join(folder, "spec.dit"),
    resolved: join(folder, "resolved.dit"),
    plan: join(folder, "plan.json"),
    samplers: join(folder, "samplers"),
    metrics: join(folder, "metrics.jsonl"),
    checkpoints: join(folder, "checkpoints"),
    samples: join(folder, "samples"),
    curve: join(folder, "loss.png"),
    summary: join(folder, "summary.json"),
  };
}

/** Makes the folder and writes what is known before the first step. */
export function createRunFolder(options: RunFolderOptions): RunFolder {
  const { folder, plan } = options;
  const paths = runFolderPaths(folder);
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    if (!options.again) {
      throw new RuntimeFault("the run folder exists already", folder, [
        "`--run OTHER` gives this run another name",
        `\`--resume ${folder}\` goes on where that run stopped`,
        "`--again` throws that run away and starts anew",
      ]);
    }
    // A wrong path must not cost somebody a folder of something else.
    if (!isRunFolder(folder)) {
      throw new RuntimeFault("the folder is not one of a run, and is not emptied", folder, [
        "`--run OTHER` gives this run another name",
      ]);
    }
    rmSync(folder, { recursive: true });
  }
  mkdirSync(paths.checkpoints, { recursive: true });
  mkdirSync(paths.samples, { recursive: true });
  writeWhole(paths.spec, options.spec);
  writeWhole(paths.resolved, options.resolved);
  if (plan) savePlan(paths.plan, plan);
  if (options.samplers?.length) mkdirSync(paths.samplers);
  for (const sampler of options.samplers ?? []) savePlan(join(paths.samplers, `${sampler.name}.json`), sampler);
  writeWhole(join(folder, "README.md"), readme(options));
  return paths;
}

/** Whether a folder holds a run. */
export function isRunFolder(folder: string): boolean {
  const { plan, metrics, spec, samplers } = runFolderPaths(folder);
  if (existsSync(plan)) return existsSync(spec) || existsSync(metrics);
  return existsSync(spec) && existsSync(samplers);
}

function readme({ folder, plan, samplers = [], specPath, origin }: RunFolderOptions): string {
  const count = (n: number) => n.toLocaleString("en-US");
  const lines = [
    `# Run \`${basename(folder)}\``,
    "",
    plan
      ? `\`train ${plan.name}\` of \`${specPath}\`: ${count(plan.steps)} steps of ${count(plan.batch)} samples, seed ${plan.seed}, ` +
        `${count(parameterCount(plan))} parameters.${plan.spec ? ` Spec sha256 \`${plan.spec}\`.` : ""}`
      : `Weights from elsewhere for \`${specPath}\`.`,
    ...(origin === undefined ? [] : ["", origin]),
    "",
    "| what | where |",
    "|---|---|",
    "| the spec as it was written | `spec.dit` |",
    "| the spec with every default | `resolved.dit` |",
    ...(plan ? ["| what it compiled to: one graph a step | `plan.json` |"] : []),
    ...(samplers.length > 0 ? ["| the samplers of the spec, compiled | `samplers/` |"] : []),
    ...(plan ? ["| one JSON object a logged step | `metrics.jsonl` |", "| the loss as a picture | `loss.png` |"] : []),
    "| weights, averages, optimizer states (safetensors), with checksums | `checkpoints/step-…/` |",
    "| sheets of samples | `samples/` |",
    ...(plan
      ? [
          "| how it ended | `summary.json` |",
          "",
          "To go on after it was stopped (the result is the same as if it had not been):",
          "",
          `    dit train ${specPath} --resume ${folder}`,
        ]
      : []),
    "",
    `To draw samples${samplers.length > 0 ? ` (${samplers.map((s) => `\`${s.name}\``).join(", ")})` : ""} from its newest checkpoint:`,
    "",
    `    dit sample ${folder}`,
    "",
  ];
  return lines.join("\n");
}
