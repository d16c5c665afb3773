/** Weights from a file of somebody else into a run folder: what a training of the spec would have left at step 0, had it started from them. */
import { join } from "node:path";
import type { HostTensor } from "../../compiler/ir/host.js";
import type { SamplePlan, Start, TrainPlan, WeightInfo } from "../../compiler/plan/plan.js";
import { checkpointName, type RunState, type StartReport, writeCheckpoint } from "../checkpoint/checkpoint.js";
import { initialise } from "../random.js";
import { createRunFolder, type RunFolder, type RunFolderOptions } from "../run-folder.js";
import { startText, takeWeights, weightsBelow } from "../train/start.js";
import { initialStore, toRunState } from "../train/state.js";
import { LossWatch } from "../train/watch.js";
import type { Matching } from "./match.js";
import type { TensorFile } from "./tensor-file.js";

export interface ImportOptions {
  readonly source: TensorFile;
  readonly start: Start;
  readonly matching: Matching;
  /** The training whose run it becomes; without one the samplers say which weights there are. */
  readonly plan: TrainPlan | undefined;
  readonly samplers: readonly SamplePlan[];
  readonly folder: Omit<RunFolderOptions, "plan" | "samplers" | "origin">;
  readonly base: string | undefined;
  /** Told of a computed table of the file that is another one; without, that is a fault. */
  readonly table?: ((name: string) => void) | undefined;
}

export interface Imported {
  readonly paths: RunFolder;
  readonly checkpoint: string;
  readonly report: StartReport;
}

export async function importWeights(options: ImportOptions): Promise<Imported> {
  const { source, start, matching, plan, samplers, base, table } = options;
  const weights = allWeights(plan, samplers);
  const given = new Map<string, HostTensor>();
  const without = new Set([...matching.missing, ...matching.shapes.map((s) => s.name)]);
  const report = await takeWeights(
    source,
    weightsBelow(weights, start.instance),
    start,
    { without, table },
    (path, value) => given.set(path, value),
  );
  const state = plan ? await trainState(plan, start, base, given) : sampleState(weights, samplers, given);
  const paths = createRunFolder({ ...options.folder, plan, samplers, origin: `${startText(report)}.` });
  const checkpoint = join(paths.checkpoints, checkpointName(0));
  const first = plan ?? samplers[0];
  await writeCheckpoint(checkpoint, state, {
    plan: plan?.name ?? "",
    step: 0,
    seed: first?.seed ?? 0,
    cursor: 0,
    spec: first?.spec ?? "",
    engine: "import",
    precision: 32,
    watch: LossWatch.fresh().toRecord(),
    start: [report],
  });
  return { paths, checkpoint, report };
}

/** The weights of a run: those of its training, or of its samplers. */
export function allWeights(plan: TrainPlan | undefined, samplers: readonly SamplePlan[]): WeightInfo[] {
  if (plan) return [...plan.weights];
  return [...new Map(samplers.flatMap((s) => s.weights.map((w) => [w.path, w] as const))).values()];
}

async function trainState(
  plan: TrainPlan,
  { instance }: Start,
  base: string | undefined,
  given: ReadonlyMap<string, HostTensor>,
): Promise<RunState> {
  const others = plan.start.filter((s) => s.instance !== instance);
  return toRunState(await initialStore({ ...plan, start: others }, base, undefined, given));
}

function sampleState(
  weights: readonly WeightInfo[],
  samplers: readonly SamplePlan[],
  given: ReadonlyMap<string, HostTensor>,
): RunState {
  const seed = samplers[0]?.seed ?? 0;
  const all = weights.map((w) => [w.path, given.get(w.path) ?? initialise(w, seed)] as const);
  return { weights: new Map(all), averages: new Map(), states: new Map() };
}
