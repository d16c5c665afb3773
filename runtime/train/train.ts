/** The training loop. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { TrainPlan } from "../../compiler/plan/plan.js";
import {
  type CheckpointInfo,
  checkpointName,
  type Manifest,
  type RunState,
  readCheckpoint,
  resolveCheckpoint,
  type StartReport,
  writeCheckpoint,
} from "../checkpoint/checkpoint.js";
import type { DataSource } from "../data/source.js";
import type { Engine, Inputs } from "../engines/engine.js";
import type { RunEvents } from "../events.js";
import { RuntimeFault } from "../fault.js";
import { numberLabel } from "../telemetry/scale.js";
import { type Anchor, explainNonFinite, nonFiniteLogs } from "./diagnose.js";
import { Feeder } from "./feeder.js";
import { Pace, untilDue } from "./pace.js";
import { RunLog, type Summary } from "./run-log.js";
import { startText } from "./start.js";
import { fromRunState, initialStore, parameterCount, type Store, toRunState } from "./state.js";
import { type Logs, Stepper } from "./stepper.js";
import { LossWatch } from "./watch.js";

export interface TrainOptions {
  readonly engine: Engine;
  /** The run folder: gets `metrics.jsonl`, `checkpoints/`, `loss.png`, `summary.json`. */
  readonly folder: string;
  /** A checkpoint, or a run folder whose newest one is meant; `true`: that of `folder`. */
  readonly resume?: string | true | undefined;
  /** What relative paths in the plan count from: the folder of the spec. */
  readonly base?: string | undefined;
  readonly events?: RunEvents | undefined;
  /** Ends the run after the steps at hand, with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  /** Data instances to use instead of opening those of the plan. */
  readonly sources?: ReadonlyMap<string, DataSource> | undefined;
  /** Done between two steps, whenever `every` divides the steps done: samples and scores on the way. */
  readonly moments?: readonly { readonly every: number; run(moment: Moment): Promise<void> }[] | undefined;
}

export interface Moment {
  /** Steps done. */
  readonly step: number;
  readonly state: RunState;
}

export interface TrainResult {
  /** Steps done. */
  readonly step: number;
  /** Whether the signal ended it early. */
  readonly interrupted: boolean;
  /** Of the last step. */
  readonly loss: number;
  readonly logs: ReadonlyMap<string, number>;
  readonly seconds: number;
  /** Folder of the last checkpoint. */
  readonly checkpoint: string;
  readonly state: RunState;
  readonly summary: Summary;
}

/** States up to this size are copied at every line of the log, so that a fault can be searched from there. */
const anchorLimit = 256 * 2 ** 20;

/**
 * Trains until the last step of the plan. A run that is resumed from any of its checkpoints ends with the same bits as one that was not
 * interrupted: all inputs of a step are functions of (plan, step), and the rest is in the checkpoint.
 */
export async function train(plan: TrainPlan, options: TrainOptions): Promise<TrainResult> {
  mkdirSync(options.folder, { recursive: true });
  const resumed =
    options.resume === undefined
      ? undefined
      : await openResume(plan, options.resume === true ? options.folder : options.resume);
  const started: StartReport[] = [...(resumed?.manifest.start ?? [])];
  const store = resumed?.store ?? (await initialStore(plan, options.base, (report) => started.push(report)));
  const feeder = await Feeder.open(plan, options.base, options.sources);
  const stepper = new Stepper(plan, options.engine, store);
  try {
    return await new Training(plan, options, feeder, stepper, resumed, started).run();
  } finally {
    await stepper.dispose();
    await feeder.close();
  }
}

interface Resumed {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly store: Store;
}

async function openResume(plan: TrainPlan, path: string): Promise<Resumed> {
  const folder = await resolveCheckpoint(path);
  const { manifest, state } = await readCheckpoint(folder);
  const differ = (what: string, has: unknown, wants: unknown) =>
    new RuntimeFault(
      `the checkpoint is of another ${what}: ${has}, and the plan has ${wants}`,
      `${folder}/manifest.json, key ${what}`,
      [
        "resume with the spec of the run: `spec.dit` in its folder",
        'or start another run from its weights: `start: (NAME: load("…/weights.safetensors"))`',
      ],
    );
  if (manifest.plan !== plan.name) throw differ("plan", manifest.plan, plan.name);
  if (manifest.spec !== plan.spec) throw differ("spec", manifest.spec.slice(0, 12), plan.spec.slice(0, 12));
  if (manifest.seed !== plan.seed) throw differ("seed", manifest.seed, plan.seed);
  return { folder, manifest, store: fromRunState(plan, state, folder) };
}

class Training {
  private readonly events: RunEvents;
  private readonly watch: LossWatch;
  private readonly log: RunLog;
  /** Steps done. */
  private step: number;
  private saved: string | undefined;
  private anchor: Anchor;
  private logs: Logs;

  constructor(
    private readonly plan: TrainPlan,
    private readonly options: TrainOptions,
    private readonly feeder: Feeder,
    private readonly stepper: Stepper,
    resumed: Resumed | undefined,
    /** The files that the weights came from, at the start of the run. */
    private readonly started: readonly StartReport[],
  ) {
    this.events = options.events ?? {};
    this.step = resumed?.manifest.step ?? 0;
    this.saved = resumed?.folder;
    this.watch = resumed ? LossWatch.from(resumed.manifest.watch) : LossWatch.fresh();
    this.log = new RunLog(plan, options.engine.name, options.folder, this.step, started);
    this.logs = this.log.resumed;
    const load = resumed
      ? async () => fromRunState(plan, (await readCheckpoint(resumed.folder)).state, resumed.folder)
      : () => initialStore(plan, options.base);
    this.anchor = { step: this.step, load };
  }

  async run(): Promise<TrainResult> {
    const { plan, options } = this;
    this.events.started?.({
      engine: options.engine.name,
      step: this.step,
      steps: plan.steps,
      batch: plan.batch,
      parameters: parameterCount(plan),
      samples: this.feeder.samples,
    });
    if (this.step === 0) for (const report of this.started) this.events.note?.(startText(report));
    try {
      const last = await this.loop();
      const interrupted = this.step < plan.steps;
      const state = last ?? (await this.stepper.collect());
      const checkpoint = await this.save(state);
      const summary = await this.log.end(this.step, this.logs, checkpoint);
      return {
        step: this.step,
        interrupted,
        loss: this.log.lossOf(this.logs),
        logs: this.logs,
        seconds: summary.seconds,
        checkpoint,
        state: toRunState(state),
        summary,
      };
    } finally {
      this.log.close();
    }
  }

  /** All steps. Gives the state at the end if it was read there. */
  private async loop(): Promise<Store | undefined> {
    const { plan, stepper, options } = this;
    const pace = new Pace(options.engine.burst);
    let ahead: Promise<Inputs[]> | undefined;
    let state: Store | undefined;
    try {
      while (this.step < plan.steps && !options.signal?.aborted) {
        state = undefined;
        const phase = await stepper.enter(this.step);
        if (phase !== undefined) this.events.phase?.({ from: this.step, number: phase + 1, of: plan.phases.length });
        const inputs = await (ahead ?? this.prepare(this.step, 1));
        const begun = performance.now();
        const running = stepper.run(inputs);
        // The engine computes on threads of its own; draws and data of the next steps are made meanwhile.
        const next = this.step + inputs.length;
        const count = pace.next(this.quiet(next));
        ahead = next < plan.steps ? this.prepare(next, count) : undefined;
        // It is awaited in the next turn; until then a failure of it must not count as unhandled.
        ahead?.catch(() => {});
        const all = await running;
        const took = performance.now() - begun;
        pace.took(inputs.length, took);
        for (const [i, logs] of all.entries()) {
          this.logs = logs;
          await this.check();
          this.step++;
          this.log.stepped(this.step, logs, begun + (took * (i + 1)) / all.length, this.events);
        }
        state = await this.afterSteps();
      }
    } finally {
      await ahead?.catch(() => {});
    }
    return state;
  }

  private prepare(step: number, count: number): Promise<Inputs[]> {
    const { feeder, stepper } = this;
    const steps = Array.from({ length: count }, (_, i) => step + i);
    return Promise.all(steps.map((s) => feeder.prepare(stepper.wiringOf(s), s)));
  }

  /** How many steps after `step` done ones can be made without a look at the state between them. */
  private quiet(step: number): number {
    const { plan, stepper, options } = this;
    const everies = [plan.checkpoint, ...(options.moments ?? []).map(({ every }) => every)];
    if (this.keepsAnchors) everies.push(plan.log);
    const phase = plan.phases[stepper.phaseOf(step) + 1]?.from ?? plan.steps;
    return Math.min(untilDue(step, everies), phase - step, plan.steps - step);
  }

  private get keepsAnchors(): boolean {
    return this.stepper.bytes <= anchorLimit;
  }

  /** Stops a lost run. */
  private async check(): Promise<void> {
    const { logs, step } = this;
    const loss = this.log.lossOf(logs);
    if (nonFiniteLogs(logs).length > 0) {
      this.log.line(step + 1, logs, performance.now(), this.events);
      const { plan, stepper, feeder, anchor, events } = this;
      throw await explainNonFinite({ plan, stepper, feeder, anchor, step, logs, events });
    }
    const lost = this.watch.diverged(loss);
    if (!lost) return;
    this.log.line(step + 1, logs, performance.now(), this.events);
    throw new RuntimeFault(
      `the loss has diverged: about ${numberLabel(lost.level)}, it was ${numberLabel(lost.start)} at the start`,
      `step ${step + 1}; largest is \`${largest(logs, this.log.lossName)}\``,
      ["lower `lr`, or let it rise slowly: `schedule: warmup(1_000)`", "limit the gradient: `clip 1.0` in `minimize`"],
    );
  }

  /** What is due after the steps of a call: checkpoint, moments, in this order. Gives the state if it was read for one of them. */
  private async afterSteps(): Promise<Store | undefined> {
    const { plan, step, stepper } = this;
    const moments = (this.options.moments ?? []).filter(({ every }) => step % every === 0);
    const due = step % plan.checkpoint === 0 || step === plan.steps;
    const anchorDue = step % plan.log === 0 && this.keepsAnchors;
    if (!due && !anchorDue && moments.length === 0) return undefined;
    const state = await stepper.collect();
    if (due) {
      const folder = await this.save(state);
      await this.log.curve();
      this.anchor = { step, load: async () => fromRunState(plan, (await readCheckpoint(folder)).state, folder) };
    }
    if (anchorDue) this.anchor = { step, load: async () => state };
    for (const moment of moments) await moment.run({ step, state: toRunState(state) });
    return state;
  }

  /** Writes a checkpoint of the steps done, unless the last one is. */
  private async save(state: Store): Promise<string> {
    const { plan, step, options } = this;
    const folder = join(options.folder, "checkpoints", checkpointName(step));
    if (this.saved === folder) return folder;
    const info: CheckpointInfo = {
      plan: plan.name,
      step,
      seed: plan.seed,
      cursor: step * plan.batch,
      spec: plan.spec,
      engine: options.engine.name,
      precision: options.engine.precision,
      watch: this.watch.toRecord(),
      ...(this.started.length > 0 ? { start: this.started } : {}),
    };
    this.log.sync();
    await writeCheckpoint(folder, toRunState(state), info);
    this.saved = folder;
    this.events.checkpoint?.({ step, folder });
    return folder;
  }
}

/** The term with the largest size; the loss itself if there are none. */
function largest(logs: Logs, loss: string): string {
  const terms = [...logs].filter(([name]) => name !== loss);
  return terms.sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]))[0]?.[0] ?? loss;
}
