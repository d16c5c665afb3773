/**
 * Our side of `npm run bench -- step`: SPEC and VARIANT, the name of an engine, with `-bf16` behind it for products in bfloat16. Reads lines
 * `VARIANT STEPS`, runs that many train steps and answers with the seconds of each, draws included. `VARIANT given FOLDER` leaves weights and
 * inputs there; `VARIANT agree FOLDER` makes one step of them, leaves its gradient and answers with its losses.
 */
import { createInterface } from "node:readline";
import { type Compiler, loadCompiler } from "../cli/compiler.js";
import { DiskHost } from "../cli/host.js";
import { accept } from "../cli/load.js";
import type { TrainPlan } from "../compiler/plan/plan.js";
import { writeSafetensors } from "../runtime/checkpoint/safetensors-writer.js";
import { engineNames, pickEngine } from "../runtime/engines/index.js";
import { parameterCount } from "../runtime/train/state.js";
import { givenWeights } from "./given.js";
import { firstInputs, Runner } from "./runner.js";

const [path = "bench/step.dit", variant = "onnx"] = process.argv.slice(2);
const [name = "", bits] = variant.split("-");
const half = bits === "bf16";

/** The spec as it stands, or with the key `precision` in its training. */
class SpecHost extends DiskHost {
  override readText(file: string): string | undefined {
    const text = super.readText(file);
    return half && file === path ? text?.replace("train run {", "train run {\n  precision: bf16") : text;
  }
}

/** The plan and its work. */
function compile(compiler: Compiler): { plan: TrainPlan; flops: number | undefined } {
  const spec = accept(path, compiler.loadSpec(path, new SpecHost()));
  const plan = accept(path, compiler.compileTrain(spec, "run"));
  return { plan, flops: compiler.cost(spec).plans.find((p) => p.name === plan.name)?.flopsPerStep };
}

async function facts({ plan, flops }: ReturnType<typeof compile>): Promise<Record<string, unknown>> {
  const engine = engineNames.find((n) => n === name);
  if (!engine) throw new Error(`there is no engine ${name}`);
  const picked = await pickEngine(engine, { half });
  if ("missing" in picked) return { missing: picked.missing, help: picked.help };
  return { node: process.version, engine: picked.why.split(";")[0], parameters: parameterCount(plan), flops };
}

async function answer(plan: TrainPlan, runner: Runner, what: string, folder: string): Promise<unknown> {
  if (what === "given") {
    await writeSafetensors(`${folder}/weights.safetensors`, givenWeights(plan), { floats: "F32" });
    await writeSafetensors(`${folder}/inputs.safetensors`, await firstInputs(plan), { floats: "F32" });
    return {};
  }
  if (what !== "agree") return runner.time(Number(what));
  const { logs, gradients } = await runner.first();
  await writeSafetensors(`${folder}/${variant}.safetensors`, gradients, { floats: "F32" });
  return Object.fromEntries([...logs].map(([log, value]) => [log.replace(/^loss\./, ""), value]));
}

const made = compile(await loadCompiler());
console.log(JSON.stringify(await facts(made)));
let runner: Runner | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  const [, what = "1", folder = ""] = line.split(" ");
  runner ??= await Runner.open(made.plan, name, { half });
  console.log(JSON.stringify(await answer(made.plan, runner, what, folder)));
}
