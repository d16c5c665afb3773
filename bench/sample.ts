/**
 * `npm run bench -- sample [SIZE] [--rounds N]`: 16 samples by 25 Euler steps with guidance, on our engines and by a loop in PyTorch, by turns
 * in one run, after all have drawn the same with two steps.
 */
import { parseArgs } from "node:util";
import { agree } from "./agree.js";
import { compete, type Entry, endAll, enter, warmUp } from "./contenders.js";
import { gemm, peakOf, reportRates } from "./rates.js";
import { chosenSizes, type Size } from "./sizes.js";
import { installTorch, python } from "./torch.js";

/** As the specs say. */
const steps = 25;
const guidance = 1.5;

export async function benchSample(args: readonly string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { rounds: { type: "string", default: "3" } },
  });
  installTorch();
  for (const size of chosenSizes(positionals)) await benchSize(size, Number(values.rounds));
}

async function benchSize({ name, spec, torch }: Size, rounds: number): Promise<void> {
  const theirs = [python, "bench/torch_sample.py", JSON.stringify(torch), String(steps), String(guidance)] as const;
  const ours = (engine: string): Entry => ({
    name: `dit, ${engine}`,
    variant: engine,
    command: [process.execPath, "--import", "tsx", "bench/our-sample.ts", spec, engine],
  });
  const entries: Entry[] = [
    { name: "PyTorch eager", variant: "eager", command: theirs, peer: true },
    ours("onnx"),
    ours("tensorflow"),
    gemm,
  ];
  console.log(`\n${name}: ${spec}, ${steps} steps, guidance ${guidance}`);
  const field = await enter(entries);
  const dit = field.sides.find((side) => side.variant === "onnx");
  if (!dit) throw new Error("the engine onnx does not work here");
  const agreement = await agree(field, dit);
  if (!agreement.every((one) => one.agrees)) {
    console.error("the contenders do not draw the same: nothing is timed");
    process.exitCode = 1;
  } else if (rounds > 0) {
    await warmUp(field, 1);
    await compete(field.sides, rounds, (side) => (side.plain ? 100 : 1));
    const flops = typeof dit.facts.flops === "number" ? dit.facts.flops : undefined;
    const facts = { size: name, spec, steps, guidance, agreement };
    reportRates(`sample-${name}`, field, { flops, peak: peakOf(field.sides) }, facts);
  }
  endAll(field);
}
