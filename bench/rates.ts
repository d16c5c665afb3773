/** Times of the same work, as a table: against PyTorch eager, against its fastest mode in 32 bits, and against what the machine can multiply. */
import { table } from "../cli/numbers.js";
import type { Entry, Field, Side } from "./contenders.js";
import { median, milliseconds, quantile, writeResult } from "./result.js";
import { python } from "./torch.js";

export const gemm: Entry = {
  name: "GEMM, 1024x384 by 384x1536",
  variant: "gemm",
  command: [python, "bench/torch_gemm.py"],
  plain: true,
};

const head = ["", "median", "to eager", "to best f32", "middle half", "samples", "GFLOP/s", "of GEMM"];

export interface Work {
  /** Operations of one sample. */
  readonly flops: number | undefined;
  /** Of the machine, in a second. */
  readonly peak: number;
}

/** The products of the same run: a machine that is shared has no peak of its own. */
export function peakOf(sides: readonly Side[]): number {
  const side = sides.find((s) => s.variant === "gemm");
  const flops = typeof side?.facts.flops === "number" ? side.facts.flops : Number.NaN;
  return flops / median(side?.seconds ?? []);
}

export function reportRates(
  name: string,
  { sides: all, absent }: Field,
  { flops, peak }: Work,
  facts: Readonly<Record<string, unknown>>,
): void {
  const sides = all.filter((side) => !side.plain);
  const eager = median(sides.find((side) => side.variant === "eager")?.seconds ?? []);
  const best = Math.min(...sides.filter((side) => side.peer).map((side) => median(side.seconds)));
  const rows = sides.map(({ name, seconds }) => {
    const time = median(seconds);
    const rate = flops === undefined ? undefined : flops / time;
    return [
      name,
      milliseconds(time),
      (eager / time).toFixed(2),
      (best / time).toFixed(2),
      `${milliseconds(quantile(seconds, 0.25))} to ${milliseconds(quantile(seconds, 0.75))}`,
      String(seconds.length),
      rate === undefined ? "" : (rate / 1e9).toFixed(0),
      rate === undefined ? "" : `${((100 * rate) / peak).toFixed(0)} %`,
    ];
  });
  rows.push([gemm.name, "", "", "", "", "", (peak / 1e9).toFixed(0), "100 %"]);
  process.stdout.write(table([head, ...rows], [1, 2, 3, 4, 5, 6, 7]));
  for (const { name, why } of absent) console.log(`${name}: not run: ${why}`);
  const contenders = sides.map(({ name, variant, seconds, facts }) => ({ name, variant, seconds, facts }));
  writeResult(name, { ...facts, flops, peak, contenders, absent, table: { head, rows } });
}
