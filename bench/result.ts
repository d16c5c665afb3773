/** Samples of seconds, summed up, as a table and as a file. */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { table } from "../cli/numbers.js";

/** Tasks that wanted to run before the bench began. */
const load = loadavg()[0] ?? 0;

/** Says so if somebody else uses the machine: its numbers are worth little then. */
export function warnIfBusy(): void {
  if (load > 0.25 * cpus().length)
    console.error(`warning: the machine is busy: load ${load.toFixed(1)} on ${cpus().length} cores`);
}

export interface Contender {
  readonly name: string;
  readonly seconds: readonly number[];
  /** Work of one sample, if it is the same for all. */
  readonly flops?: number | undefined;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** Prints medians, ratios to the first contender and the spread (the middle half of the samples); writes runs/bench/NAME.json. */
export function report(name: string, contenders: readonly Contender[], facts: Readonly<Record<string, unknown>>): void {
  const base = median(contenders[0]?.seconds ?? []);
  const rows = contenders.map(({ name, seconds, flops }) => [
    name,
    milliseconds(median(seconds)),
    `${(base / median(seconds)).toFixed(2)}`,
    `${milliseconds(quantile(seconds, 0.25))} to ${milliseconds(quantile(seconds, 0.75))}`,
    String(seconds.length),
    flops === undefined ? "" : (flops / median(seconds) / 1e9).toFixed(0),
  ]);
  const head = ["", "median", "speed", "middle half", "samples", contenders.some((c) => c.flops) ? "GFLOP/s" : ""];
  process.stdout.write(table([head, ...rows], [1, 2, 3, 4, 5]));
  writeResult(name, { ...facts, contenders, table: { head, rows } });
}

/** Into runs/bench/NAME.json, with the day and the machine. */
export function writeResult(name: string, result: Readonly<Record<string, unknown>>): void {
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version, load };
  mkdirSync("runs/bench", { recursive: true });
  const file = `runs/bench/${name}.json`;
  writeFileSync(
    file,
    `${JSON.stringify({ name, date: new Date().toISOString(), machine, ...result }, undefined, 2)}\n`,
  );
  process.stdout.write(`written: ${file}\n`);
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.round(q * (sorted.length - 1))] ?? 0;
}

/** Seconds from ten of them on. */
export function milliseconds(seconds: number): string {
  if (seconds >= 10) return `${seconds.toFixed(1)} s`;
  return `${(seconds * 1000).toFixed(seconds < 1 ? 1 : 0)} ms`;
}
