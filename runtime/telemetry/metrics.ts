/** `metrics.jsonl`: one JSON object a logged step, appended as the run goes. */
import { closeSync, existsSync, fsyncSync, openSync, writeSync } from "node:fs";
import { RuntimeFault, reasonOf } from "../fault.js";
import { readText, writeWhole } from "../files.js";

export interface MetricsLine {
  /** Steps done. */
  readonly step: number;
  /** Value of the first `minimize`, on the weights at the start of the step; null where it is not a number (JSON has no NaN). */
  readonly loss: number | null;
  /** All other scalars of the log by name. */
  readonly terms: Readonly<Record<string, number | null>>;
  readonly lr?: number | undefined;
  /** Seconds since the run began, pauses between sessions not counted. */
  readonly seconds: number;
  /** Samples a second since the line before. */
  readonly images_per_second: number;
}

/** Appends lines; each is whole in the file when `write` returns. */
export class MetricsWriter {
  private readonly descriptor: number;

  /** The last line that was kept from an earlier session. */
  readonly last: MetricsLine | undefined;

  /**
   * Opens the file. Lines after step `resumeAt` are dropped: a run that was killed may have logged steps that its checkpoint does not
   * hold, and takes them again. So is a last line that was cut off in the middle.
   */
  constructor(file: string, resumeAt: number) {
    const kept = resumeAt > 0 ? readMetrics(file).filter((line) => line.step <= resumeAt) : [];
    writeWhole(file, kept.map((line) => `${JSON.stringify(line)}\n`).join(""));
    this.last = kept.at(-1);
    this.descriptor = openSync(file, "a");
  }

  write(line: MetricsLine): void {
    writeSync(this.descriptor, `${JSON.stringify(line)}\n`);
  }

  /** Makes the lines survive a loss of power: done before a checkpoint, which must not know more steps than they tell of. */
  sync(): void {
    fsyncSync(this.descriptor);
  }

  close(): void {
    this.sync();
    closeSync(this.descriptor);
  }
}

/** The lines of a file; none if there is no file. A cut-off last line is left out, damage elsewhere is a fault. */
export function readMetrics(file: string): MetricsLine[] {
  if (!existsSync(file)) return [];
  const text = readText(file);
  const rows = text.split("\n");
  const lines: MetricsLine[] = [];
  rows.forEach((row, i) => {
    if (row === "") return;
    try {
      lines.push(readLine(row));
    } catch (error) {
      if (i === rows.length - 1) return;
      throw new RuntimeFault(
        `not a line of metrics: ${reasonOf(error)}`,
        `${file}, line ${i + 1}`,
        ["remove the line"],
        error,
      );
    }
  });
  return lines;
}

function readLine(row: string): MetricsLine {
  const value: unknown = JSON.parse(row);
  if (typeof value !== "object" || value === null || !("step" in value) || typeof value.step !== "number")
    throw new Error("no step");
  return value as MetricsLine;
}

/** A number for JSON: what is not finite has no place there. */
export function finiteOrNull(x: number): number | null {
  return Number.isFinite(x) ? x : null;
}
