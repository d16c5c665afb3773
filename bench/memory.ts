/** The memory of train steps of an S/2-like model: ours on `onnx`, whole and with values computed twice, and PyTorch; a process each. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { bytes, table } from "../cli/numbers.js";
import { median, writeResult } from "./result.js";
import { installTorch, python } from "./torch.js";

const batches = [4, 16];
/** Of what our whole step is estimated to take. */
const part = 0.6;

interface Measured {
  readonly name: string;
  readonly batch: number;
  /** Bytes: after the imports, and at the fullest moment. */
  readonly baseline: number;
  readonly peak: number;
  readonly estimate?: number;
  /** Operations on top. */
  readonly extra?: number;
  /** Of each step. */
  readonly seconds?: readonly number[];
}

export async function benchMemory(): Promise<void> {
  installTorch();
  const all: Measured[] = [];
  for (const batch of batches) {
    const path = specOf(batch);
    // At four samples the state of the optimizer is most of it, and cannot be spared.
    const parts = batch > 4 ? [1, part] : [1];
    for (const share of parts) {
      const name = share < 1 ? "dit, onnx, values computed twice" : "dit, onnx";
      all.push({ name, batch, ...ours(path, share) });
    }
    all.push({ name: "PyTorch eager", batch, ...torch(batch) });
  }
  const rows = all.map(({ name, batch, baseline, peak, estimate, extra, seconds }) => {
    const peer = all.find((one) => one.batch === batch && one.name.startsWith("PyTorch"));
    const ratio = peer ? peak / peer.peak : 1;
    // Values are computed twice beside the same step where they are not.
    const whole = extra ? all.find((one) => one.batch === batch && one.extra === 0) : undefined;
    return [
      name,
      String(batch),
      bytes(baseline),
      bytes(peak),
      bytes(peak - baseline),
      ratio.toFixed(2),
      estimate === undefined ? "" : bytes(estimate),
      estimate === undefined ? "" : (peak / estimate).toFixed(2),
      extra === undefined ? "" : `${(100 * extra).toFixed(1)} %`,
      whole ? (peak / whole.peak).toFixed(2) : "",
      whole?.seconds && seconds ? (median(seconds) / median(whole.seconds)).toFixed(2) : "",
    ];
  });
  const head = [
    "",
    "batch",
    "imports",
    "peak",
    "over them",
    "to PyTorch",
    "estimate",
    "peak to it",
    "FLOP on top",
    "peak to whole",
    "time to whole",
  ];
  process.stdout.write(table([head, ...rows], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
  writeResult("memory", { table: { head, rows }, contenders: all });
}

/** `bench/step.dit` with another batch. */
function specOf(batch: number): string {
  mkdirSync("runs/bench", { recursive: true });
  const path = `runs/bench/step-${batch}.dit`;
  writeFileSync(path, readFileSync("bench/step.dit", "utf8").replace("batch: 4", `batch: ${batch}`));
  return path;
}

function ours(path: string, share: number): Omit<Measured, "name" | "batch"> {
  return answer(process.execPath, ["--import", "tsx", "bench/our-memory.ts", path, String(share)], "");
}

function torch(batch: number): Omit<Measured, "name" | "batch"> {
  process.env.DIT_BATCH = String(batch);
  return answer(python, ["bench/torch_step.py"], "eager 3\nmemory 0\n");
}

/** The last line that a command prints. */
function answer(command: string, args: readonly string[], input: string): Omit<Measured, "name" | "batch"> {
  const { status, stdout } = spawnSync(command, args, { input, encoding: "utf8", stdio: ["pipe", "pipe", "inherit"] });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}`);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Omit<Measured, "name" | "batch">;
}
