/**
 * Our side of `npm run bench -- sample`: SPEC and the name of an engine. Reads lines `ENGINE COUNT`, draws all samples of the spec that many
 * times and answers with the seconds of each. `ENGINE given FOLDER` leaves weights and inputs there; `ENGINE agree FOLDER` leaves what two
 * steps give.
 */
import { createInterface } from "node:readline";
import { loadCompiler } from "../cli/compiler.js";
import { DiskHost } from "../cli/host.js";
import { accept } from "../cli/load.js";
import type { HostTensor } from "../compiler/ir/host.js";
import type { SamplePlan } from "../compiler/plan/plan.js";
import { writeSafetensors } from "../runtime/checkpoint/safetensors-writer.js";
import type { Engine, Session } from "../runtime/engines/engine.js";
import { engineNames, pickEngine } from "../runtime/engines/index.js";
import { draw } from "../runtime/random.js";
import { sample } from "../runtime/sample/sample.js";
import { givenWeights } from "./given.js";

const [path = "bench/step.dit", name = "onnx"] = process.argv.slice(2);
const compiler = await loadCompiler();

function compile(set: Record<string, string> = {}): { plan: SamplePlan; flops: number | undefined } {
  const spec = accept(path, compiler.loadSpec(path, new DiskHost(), { set }));
  const plan = accept(path, compiler.compileSample(spec, "pictures"));
  return { plan, flops: compiler.cost(spec).plans.find((p) => p.name === plan.name)?.flopsPerStep };
}

/** An engine that loads once: who draws thousands does. */
function loadedOnce(engine: Engine): Engine {
  const sessions = new Map<unknown, Session>();
  return {
    ...engine,
    load: async (module, options) => {
      const session = sessions.get(module) ?? (await engine.load(module, options));
      sessions.set(module, session);
      return {
        write: (param, value) => session.write(param, value),
        read: (param) => session.read(param),
        run: (inputs) => session.run(inputs),
        runs: (inputs) => session.runs(inputs),
        dispose: async () => {},
      };
    },
  };
}

/** Noise, and labels counted from 0, as Generate deals them out. */
function inputsOf({ program, labels, chunk, seed }: SamplePlan): Map<string, HostTensor> {
  const [z] = program.draws;
  if (!z || program.draws.length > 1 || labels.length === 0) throw new Error("one draw and given labels are expected");
  const dealt = Int32Array.from({ length: chunk }, (_, i) => (labels[i % labels.length] ?? 1) - 1);
  return new Map<string, HostTensor>([
    ["z", draw(z, { seed, step: 0, firstSample: 0 })],
    ["label", { dtype: "index", shape: [chunk], data: dealt }],
  ]);
}

const { plan, flops } = compile();
const known = engineNames.find((n) => n === name);
const picked = known ? await pickEngine(known) : { missing: `there is no engine ${name}`, help: "" };
console.log(
  JSON.stringify(
    "missing" in picked
      ? picked
      : { node: process.version, engine: picked.why.split(";")[0], count: plan.count, flops },
  ),
);
if ("engine" in picked) {
  const engine = loadedOnce(picked.engine);
  const weights = givenWeights(plan);
  const given = { engine, weights, averages: new Map() };
  for await (const line of createInterface({ input: process.stdin })) {
    const [, what = "1", folder = ""] = line.split(" ");
    console.log(JSON.stringify(await answer(what, folder)));
  }

  async function answer(what: string, folder: string): Promise<unknown> {
    if (what === "given") {
      await writeSafetensors(`${folder}/weights.safetensors`, weights, { floats: "F32" });
      await writeSafetensors(`${folder}/inputs.safetensors`, inputsOf(plan), { floats: "F32" });
      return {};
    }
    if (what === "agree") {
      const drawn = await sample(compile({ steps: "2" }).plan, given);
      await writeSafetensors(
        `${folder}/${name}.safetensors`,
        [...drawn].map(([, value]) => ["sample", value] as const),
        { floats: "F32" },
      );
      return {};
    }
    const seconds: number[] = [];
    for (let i = 0; i < Number(what); i++) {
      const start = performance.now();
      await sample(plan, given);
      seconds.push((performance.now() - start) / 1000);
    }
    return seconds;
  }
}
