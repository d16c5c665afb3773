import type { MetricsLine } from "./telemetry/metrics.js";

/** What a run tells while it runs. All of it is optional; the command line turns it into text. Nothing here may change the run. */
export interface RunEvents {
  /** Once, before the first step. */
  started?(info: StartInfo): void;
  /** A program is loaded and takes over at step `from`. `number` counts from 1. */
  phase?(info: { readonly from: number; readonly number: number; readonly of: number }): void;
  /** After every step; cheap on both sides. */
  step?(state: StepInfo): void;
  /** A line was written to `metrics.jsonl`. */
  logged?(line: MetricsLine): void;
  checkpoint?(info: { readonly step: number; readonly folder: string }): void;
  /** `sample`: so many samples are drawn. */
  sampled?(info: { readonly done: number; readonly count: number }): void;
  /** Something a person should read; not an error. */
  note?(text: string): void;
}

export interface StartInfo {
  readonly engine: string;
  /** Steps done at the start: 0, or where a resumed run goes on. */
  readonly step: number;
  readonly steps: number;
  readonly batch: number;
  /** Elements of all weights. */
  readonly parameters: number;
  /** Samples in an epoch of the data that is iterated; 0 without data. */
  readonly samples: number;
}

export interface StepInfo {
  /** Steps done, this one included. */
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  /** Seconds since this session began, and steps done in it. */
  readonly seconds: number;
  readonly stepsHere: number;
  readonly batch: number;
}
