/** One train step of an S/2-like model: ours on `onnx` and PyTorch, by turns in one run. */
import { setTimeout } from "node:timers/promises";
import { Peer } from "./peer.js";
import { type Contender, median, report } from "./result.js";
import { installTorch, python } from "./torch.js";

const rounds = 6;
const stepsARound = 4;
/** Of PyTorch's eager speed. */
const wanted = 0.7;

export async function benchStep(): Promise<void> {
  installTorch();
  const torch = new Peer(python, ["bench/torch_step.py"]);
  const ours = new Peer(process.execPath, ["--import", "tsx", "bench/our-step.ts", "bench/step.dit"]);
  const facts = { torch: await torch.answer(), ours: await ours.answer() };
  const flops = flopsOf(facts.ours);
  const sides = [
    { name: "PyTorch eager", peer: torch, variant: "eager", seconds: [] as number[] },
    { name: "PyTorch, fused AdamW", peer: torch, variant: "fused", seconds: [] as number[] },
    { name: `dit, onnx, ${stepsARound} steps a call`, peer: ours, variant: "onnx", seconds: [] as number[] },
  ];
  for (const side of sides) await side.peer.ask(`${side.variant} 2`);
  for (let round = 0; round < rounds; round++) {
    // Each round starts with another side, and thread pools get time to fall asleep.
    for (let i = 0; i < sides.length; i++) {
      const side = sides[(round + i) % sides.length];
      if (!side) continue;
      await setTimeout(300);
      side.seconds.push(...secondsOf(await side.peer.ask(`${side.variant} ${stepsARound}`)));
    }
  }
  torch.end();
  ours.end();
  const contenders: Contender[] = sides.map(({ name, seconds }) => ({ name, seconds, flops }));
  report("step", contenders, facts);
  const [eager, , dit] = sides;
  const speed = median(eager?.seconds ?? []) / median(dit?.seconds ?? []);
  console.log(`dit on onnx runs at ${speed.toFixed(2)} of the speed of PyTorch eager (at least ${wanted} wanted)`);
  if (!(speed >= wanted)) process.exitCode = 1;
}

function secondsOf(answer: unknown): number[] {
  if (!Array.isArray(answer) || !answer.every((x) => typeof x === "number"))
    throw new Error("a list of seconds was expected");
  return answer;
}

function flopsOf(facts: unknown): number | undefined {
  return typeof facts === "object" && facts && "flops" in facts && typeof facts.flops === "number"
    ? facts.flops
    : undefined;
}
