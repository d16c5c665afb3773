/** What a training leaves behind for people to read: lines of metrics, the curve, the summary. */
import { join } from "node:path";
import type { TrainPlan } from "../../compiler/plan/plan.js";
import type { StartReport } from "../checkpoint/checkpoint.js";
import type { RunEvents } from "../events.js";
import { writeWhole } from "../files.js";
import { writeCurve } from "../telemetry/curve.js";
import { finiteOrNull, type MetricsLine, MetricsWriter, readMetrics } from "../telemetry/metrics.js";
import { parameterCount } from "./state.js";
import type { Logs } from "./stepper.js";

/** `summary.json`. */
export interface Summary {
  readonly plan: string;
  readonly spec: string;
  readonly engine: string;
  readonly seed: number;
  /** Steps done and steps in all; fewer mean that the run was interrupted. */
  readonly step: number;
  readonly steps: number;
  readonly batch: number;
  readonly parameters: number;
  readonly loss: number | null;
  readonly terms: Readonly<Record<string, number | null>>;
  readonly seconds: number;
  readonly images_per_second: number;
  /** The files that weights were loaded from, with the hashes of their contents. */
  readonly start?: readonly StartReport[] | undefined;
  /** Relative to the run folder, if it lies there. */
  readonly checkpoint: string;
}

export class RunLog {
  /** The log entry that counts as the loss: the first, or the one of that name. */
  readonly lossName: string;
  /** How often each entry is due, by name. */
  private readonly every = new Map<string, number>();
  private readonly metrics: MetricsWriter;
  private readonly file: string;
  private readonly begun = performance.now();
  private readonly startStep: number;
  private lastLine: { step: number; time: number };

  constructor(
    private readonly plan: TrainPlan,
    private readonly engine: string,
    private readonly folder: string,
    step: number,
    private readonly started: readonly StartReport[] = [],
  ) {
    for (const { program } of plan.phases) {
      for (const output of program.outputs) {
        // 0 stands for the pace of the plan.
        if (output.role === "log") this.every.set(output.name, output.every || plan.log);
      }
    }
    this.lossName = this.every.has("loss") ? "loss" : (this.every.keys().next().value ?? "loss");
    this.file = join(folder, "metrics.jsonl");
    this.metrics = new MetricsWriter(this.file, step);
    this.startStep = step;
    this.lastLine = { step, time: this.begun };
  }

  /** The log of the step at which an earlier session ended; empty if that step has no line. */
  get resumed(): Logs {
    const line = this.metrics.last;
    if (line?.step !== this.startStep) return new Map();
    const entries: [string, number | null][] = [[this.lossName, line.loss], ...Object.entries(line.terms)];
    if (line.lr !== undefined) entries.push(["lr", line.lr]);
    return new Map(entries.map(([name, value]) => [name, value ?? Number.NaN]));
  }

  private get secondsBefore(): number {
    return this.metrics.last?.seconds ?? 0;
  }

  /** NaN if the plan logs nothing. */
  lossOf(logs: Logs): number {
    return logs.get(this.lossName) ?? Number.NaN;
  }

  /**
   * Tells of a step that was done at `time` (of `performance.now`), and writes a line if one is due: by the plan, by an entry, at the
   * first and the last step.
   */
  stepped(step: number, logs: Logs, time: number, events: RunEvents): void {
    const { steps, batch, log } = this.plan;
    const seconds = (time - this.begun) / 1000;
    events.step?.({ step, steps, loss: this.lossOf(logs), seconds, stepsHere: step - this.startStep, batch });
    const ends = step === 1 || step === steps;
    const due = [...logs].filter(([name]) => ends || step % (this.every.get(name) ?? log) === 0);
    if (ends || step % log === 0 || due.length > 0) this.line(step, new Map(due), time, events, this.lossOf(logs));
  }

  /** Writes a line with these entries. */
  line(step: number, logs: Logs, now: number, events: RunEvents, loss: number = this.lossOf(logs)): void {
    const terms: Record<string, number | null> = {};
    for (const [name, value] of logs) if (name !== this.lossName && name !== "lr") terms[name] = finiteOrNull(value);
    const lr = logs.get("lr");
    const pace = ((step - this.lastLine.step) * this.plan.batch * 1000) / Math.max(now - this.lastLine.time, 1e-3);
    const line: MetricsLine = {
      step,
      loss: finiteOrNull(loss),
      terms,
      ...(lr === undefined ? {} : { lr }),
      seconds: rounded(this.secondsBefore + (now - this.begun) / 1000),
      images_per_second: rounded(pace),
    };
    this.metrics.write(line);
    this.lastLine = { step, time: now };
    events.logged?.(line);
  }

  /** Draws `loss.png` from all lines so far. */
  async curve(): Promise<void> {
    const title = `${this.plan.name}: ${this.lossName}`;
    await writeCurve(join(this.folder, "loss.png"), readMetrics(this.file), { title, label: this.lossName });
  }

  /** Draws the curve for the last time and writes `summary.json`. */
  async end(step: number, logs: Logs, checkpoint: string): Promise<Summary> {
    await this.curve();
    const here = (performance.now() - this.begun) / 1000;
    const terms: Record<string, number | null> = {};
    for (const [name, value] of logs) if (name !== this.lossName) terms[name] = finiteOrNull(value);
    const { plan, folder } = this;
    const summary: Summary = {
      plan: plan.name,
      spec: plan.spec,
      engine: this.engine,
      seed: plan.seed,
      step,
      steps: plan.steps,
      batch: plan.batch,
      parameters: parameterCount(plan),
      loss: finiteOrNull(this.lossOf(logs)),
      terms,
      seconds: rounded(this.secondsBefore + here),
      images_per_second: rounded(((step - this.startStep) * plan.batch) / Math.max(here, 1e-6)),
      ...(this.started.length > 0 ? { start: this.started } : {}),
      checkpoint: checkpoint.startsWith(folder) ? checkpoint.slice(folder.length).replace(/^[\\/]+/, "") : checkpoint,
    };
    writeWhole(join(folder, "summary.json"), `${JSON.stringify(summary, undefined, 2)}\n`);
    return summary;
  }

  sync(): void {
    this.metrics.sync();
  }

  close(): void {
    this.metrics.close();
  }
}

/** Milliseconds are enough for a time. */
function rounded(x: number): number {
  return Math.round(x * 1000) / 1000;
}
