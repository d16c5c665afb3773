/** `npm run bench -- compile`: from the text of a spec to the graph of its step as an engine takes it, for SiT-XL/2 and deeper networks. */
import { type Compiler, loadCompiler } from "../cli/compiler.js";
import { DiskHost } from "../cli/host.js";
import { accept } from "../cli/load.js";
import { bytes, table } from "../cli/numbers.js";
import { flat } from "../compiler/emit/flat.js";
import { emitLoop } from "../compiler/emit/onnx/loop.js";
import { roll } from "../compiler/emit/onnx/program.js";
import { emitTensorflow } from "../compiler/emit/tensorflow/emit.js";
import type { TrainPlan } from "../compiler/plan/plan.js";
import { checkResident } from "../runtime/engines/check.js";
import { wire } from "../runtime/wiring.js";
import { median, milliseconds, writeResult } from "./result.js";

const spec = "bench/xl.dit";
const depths = [28, 56, 112] as const;
const warmUps = 2;
const rounds = 7;
/** Seconds, for the first depth. */
const limit = 2;
/** On top of linear growth, for noise. */
const slack = 1.25;

const stages = ["load", "plan", "onnx", "tensorflow"] as const;
type Stage = (typeof stages)[number];
const targets = ["onnx", "tensorflow"] as const;

interface Run {
  readonly seconds: Readonly<Record<Stage, number>>;
  /** Of the graph that is written. */
  readonly bytes: Readonly<Record<(typeof targets)[number], number>>;
}

export async function benchCompile(): Promise<void> {
  const compiler = await loadCompiler();
  const runs = new Map<number, Run[]>(depths.map((depth) => [depth, []]));
  for (let round = -warmUps; round < rounds; round++)
    for (const depth of depths) {
      const run = compileOnce(compiler, depth);
      if (round >= 0) runs.get(depth)?.push(run);
    }
  const medians = depths.map((depth) => ({ depth, ...medianOf(runs.get(depth) ?? []) }));
  const head = ["blocks", ...stages, ...targets.flatMap((t) => [`to ${t}`, "graph"])];
  const rows = medians.map(({ depth, seconds, total, bytes: size }) => [
    String(depth),
    ...stages.map((stage) => milliseconds(seconds[stage])),
    ...targets.flatMap((t) => [milliseconds(total[t]), bytes(size[t])]),
  ]);
  process.stdout.write(table([head, ...rows], [0, 1, 2, 3, 4, 5, 6, 7, 8]));
  writeResult("compile", { spec, medians, runs: Object.fromEntries(runs), table: { head, rows } });
  for (const target of targets) {
    const [first, ...deeper] = medians.map(({ depth, total }) => ({ depth, seconds: total[target] }));
    if (!first) continue;
    hold(first.seconds < limit, `to ${target}: ${first.depth} blocks in ${first.seconds.toFixed(2)} s, below ${limit}`);
    for (const { depth, seconds } of deeper) {
      const times = depth / first.depth;
      const grown = seconds / first.seconds;
      hold(
        grown <= times * slack,
        `to ${target}: ${times} times the blocks take ${grown.toFixed(1)} times as long, at most ${times * slack}`,
      );
    }
  }
}

function hold(met: boolean, what: string): void {
  console.log(`${met ? "ok" : "NOT MET"}: ${what} wanted`);
  if (!met) process.exitCode = 1;
}

/** The standard library is read, too: each run is what a command does. */
function compileOnce(compiler: Compiler, depth: number): Run {
  const clock = new Clock();
  const loaded = accept(spec, compiler.loadSpec(spec, new DiskHost(), { set: { depth: String(depth) } }));
  const load = clock.lap();
  const plan = accept(spec, compiler.compileTrain(loaded, "run"));
  const made = clock.lap();
  const onnx = onnxBytes(plan);
  const toOnnx = clock.lap();
  const tensorflow = tensorflowBytes(plan);
  return {
    seconds: { load, plan: made, onnx: toOnnx, tensorflow: clock.lap() },
    bytes: { onnx, tensorflow },
  };
}

function onnxBytes(plan: TrainPlan): number {
  return sum(plan, (program) => {
    const rolled = roll(program.module);
    return emitLoop(rolled, checkResident(rolled.main, stays(program))).model.length;
  });
}

function tensorflowBytes(plan: TrainPlan): number {
  return sum(plan, (program) => {
    const fn = flat(program.module);
    return emitTensorflow(fn, { ...checkResident(fn, stays(program)), xla: "islands", parts: 2, half: false }).bytes
      .length;
  });
}

type Program = TrainPlan["phases"][number]["program"];

function sum({ phases }: TrainPlan, bytesOf: (program: Program) => number): number {
  return phases.reduce((total, { program }) => total + bytesOf(program), 0);
}

/** As a training asks for it. */
function stays(program: Program) {
  const { carried, held } = wire(program);
  return {
    mode: "whole",
    carry: carried.map(({ result, param }) => [result, param] as const),
    keep: held.map(({ param }) => param),
  } as const;
}

function medianOf(runs: readonly Run[]) {
  const of = (value: (run: Run) => number) => median(runs.map(value));
  const seconds = {
    load: of((r) => r.seconds.load),
    plan: of((r) => r.seconds.plan),
    onnx: of((r) => r.seconds.onnx),
    tensorflow: of((r) => r.seconds.tensorflow),
  };
  const total = {
    onnx: of(({ seconds: s }) => s.load + s.plan + s.onnx),
    tensorflow: of(({ seconds: s }) => s.load + s.plan + s.tensorflow),
  };
  return { seconds, total, bytes: runs[0]?.bytes ?? { onnx: 0, tensorflow: 0 } };
}

class Clock {
  private last = performance.now();

  /** Seconds since the last lap. */
  lap(): number {
    const before = this.last;
    this.last = performance.now();
    return (this.last - before) / 1000;
  }
}
