/**
 * Our side of `npm run bench -- step`: reads lines `ENGINE STEPS`, runs that many train steps of a spec and answers with the seconds of
 * each, draws included.
 */
import { createInterface } from "node:readline";
import { loadCompiler } from "../cli/compiler.js";
import { DiskHost } from "../cli/host.js";
import { accept } from "../cli/load.js";
import { parameterCount } from "../runtime/train/state.js";
import { Runner } from "./runner.js";

const path = process.argv[2] ?? "bench/step.dit";
const compiler = await loadCompiler();
const spec = accept(path, compiler.loadSpec(path, new DiskHost()));
const plan = accept(path, compiler.compileTrain(spec, "run"));
const cost = compiler.cost(spec).plans.find(({ name }) => name === plan.name);
console.log(JSON.stringify({ node: process.version, parameters: parameterCount(plan), flops: cost?.flopsPerStep }));

const runners = new Map<string, Runner>();
for await (const line of createInterface({ input: process.stdin })) {
  const [engine = "onnx", steps = "1"] = line.split(" ");
  const runner = runners.get(engine) ?? (await Runner.open(plan, engine));
  runners.set(engine, runner);
  console.log(JSON.stringify(await runner.time(Number(steps))));
}
