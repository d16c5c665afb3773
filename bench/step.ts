/** One train step of an S/2-like model: ours on `onnx` and PyTorch, by turns in one run. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { Peer } from "./peer.js";
import { type Contender, median, report } from "./result.js";

const python = "bench/.venv/bin/python";
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

/** Into a virtual environment of the bench's own, once. */
function installTorch(): void {
  if (spawnSync(python, ["-c", "import torch"], { stdio: "ignore" }).status === 0) return;
  console.error("installing PyTorch into bench/.venv: some gigabytes, once");
  const commands: [string, string[]][] = [
    ...(existsSync(python) ? [] : [["python3", ["-m", "venv", "bench/.venv"]] as [string, string[]]]),
    [python, ["-m", "pip", "install", "--quiet", "torch", "numpy"]],
  ];
  for (const [command, args] of commands) {
    const { status } = spawnSync(command, args, { stdio: "inherit" });
    if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed`);
  }
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
