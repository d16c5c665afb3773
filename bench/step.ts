/**
 * `npm run bench -- step [SIZE…] [--rounds N]`: one train step of a network and its losses, PyTorch and ours by turns in one run, after all
 * have agreed on the numbers. No rounds: that they agree is all that is looked at.
 */
import { parseArgs } from "node:util";
import { type Agreement, agree } from "./agree.js";
import { compete, type Entry, endAll, enter, type Field, warmUp } from "./contenders.js";
import { gemm, peakOf, reportRates } from "./rates.js";
import { median } from "./result.js";
import { chosenSizes, type Size } from "./sizes.js";
import { installTorch, python } from "./torch.js";

export async function benchStep(args: readonly string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { rounds: { type: "string", default: "6" } },
  });
  installTorch();
  for (const size of chosenSizes(positionals)) if (!(await benchSize(size, Number(values.rounds)))) break;
}

function entriesOf({ spec, torch }: Size): Entry[] {
  const theirs = (name: string, variant: string, more: Partial<Entry> = { peer: true }): Entry => ({
    name,
    variant,
    command: [python, "bench/torch_step.py", JSON.stringify(torch)],
    ...more,
  });
  const ours = (name: string, variant: string, more: Partial<Entry> = {}): Entry => ({
    name,
    variant,
    command: [process.execPath, "--import", "tsx", "bench/our-step.ts", spec, variant],
    ...more,
  });
  return [
    theirs("PyTorch eager", "eager"),
    theirs("PyTorch, fused AdamW", "fused"),
    theirs("PyTorch, torch.compile", "compile"),
    theirs("PyTorch, autocast bf16", "bf16", { half: true }),
    ours("dit, onnx", "onnx"),
    ours("dit, tensorflow", "tensorflow"),
    ours("dit, tensorflow, bf16", "tensorflow-bf16", { half: true }),
    gemm,
  ];
}

/** Whether all agree: if not, nothing is timed. */
async function benchSize(size: Size, rounds: number): Promise<boolean> {
  console.log(`\n${size.name}: ${size.spec}`);
  const field = await enter(entriesOf(size));
  const dit = field.sides.find((side) => side.variant === "onnx");
  if (!dit) throw new Error("the engine onnx does not work here");
  const agreement = await agree(field, dit);
  const together = agreement.every((one) => one.agrees);
  if (together && rounds > 0) {
    await warmUp(field, 2);
    await compete(field.sides, rounds, (side) => (side.plain ? 100 : size.steps));
    report(size, field, agreement);
  } else if (!together) {
    console.error("the contenders do not compute the same: nothing is timed");
    process.exitCode = 1;
  }
  endAll(field);
  return together;
}

function report(size: Size, field: Field, agreement: readonly Agreement[]): void {
  const { sides } = field;
  const dit = sides.find((side) => side.variant === "onnx");
  const flops = typeof dit?.facts.flops === "number" ? dit.facts.flops : undefined;
  const facts = { size: size.name, spec: size.spec, burst: size.steps, agreement };
  reportRates(`step-${size.name}`, field, { flops, peak: peakOf(sides) }, facts);
  if (size.wanted === undefined) return;
  const eager = sides.find((side) => side.variant === "eager");
  const speed = median(eager?.seconds ?? []) / median(dit?.seconds ?? []);
  console.log(`dit on onnx runs at ${speed.toFixed(2)} of the speed of PyTorch eager (at least ${size.wanted} wanted)`);
  if (!(speed >= size.wanted)) process.exitCode = 1;
}
