/**
 * Our side of `npm run bench -- memory`: SPEC, and the part of its estimated memory that it may take. Runs three calls of the engine and says
 * in bytes what the process took after the imports, at its fullest moment, and what was estimated.
 */
import { readFileSync } from "node:fs";
import { loadCompiler } from "../cli/compiler.js";
import { DiskHost } from "../cli/host.js";
import { accept } from "../cli/load.js";
import { flops } from "../compiler/passes/cost.js";
import { bytesOf } from "../compiler/plan/memory.js";
import { loadOrt } from "../runtime/engines/ort.js";
import { Runner } from "./runner.js";

const [path = "bench/step.dit", part = "1"] = process.argv.slice(2);
const compiler = await loadCompiler();
await loadOrt();
const baseline = bytes("VmRSS");
const spec = accept(path, compiler.loadSpec(path, new DiskHost()));
const whole = accept(path, compiler.compileTrain(spec, "run"));
const of = (plan: typeof whole): number => Math.max(...plan.phases.map(({ program }) => bytesOf(program, plan.engine)));
const work = (plan: typeof whole): number => Math.max(...plan.phases.map(({ program }) => flops(program.module)));
const memory = (Number(part) * of(whole)) / 2 ** 30;
const plan = Number(part) < 1 ? accept(path, compiler.compileTrain(spec, "run", { memory })) : whole;
const runner = await Runner.open(plan, "onnx");
const seconds: number[] = [];
for (const steps of [1, 2, 2]) seconds.push(...(await runner.time(steps)));
const estimate = of(plan);
console.log(JSON.stringify({ baseline, peak: bytes("VmHWM"), estimate, extra: work(plan) / work(whole) - 1, seconds }));

function bytes(key: string): number {
  const line = new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(readFileSync("/proc/self/status", "utf8"));
  return Number(line?.[1] ?? 0) * 1024;
}
