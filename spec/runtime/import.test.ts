/** Official weights into a run folder and back. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileLayout, compileSample, compileTrain, type Spec, weighted } from "../../compiler/index.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import type { SamplePlan, Start, TrainPlan } from "../../compiler/plan/plan.js";
import { readCheckpoint } from "../../runtime/checkpoint/checkpoint.js";
import { readSafetensors, Safetensors } from "../../runtime/checkpoint/safetensors.js";
import { writeSafetensors } from "../../runtime/checkpoint/safetensors-writer.js";
import type { DataSource } from "../../runtime/data/source.js";
import { onnx } from "../../runtime/engines/onnx.js";
import { reference } from "../../runtime/engines/reference.js";
import { initialise } from "../../runtime/random.js";
import { isRunFolder } from "../../runtime/run-folder.js";
import { loadStart } from "../../runtime/train/start.js";
import { train } from "../../runtime/train/train.js";
import { relativeError } from "../../runtime/verify/compare.js";
import { exported, weightsOf, writeTensors } from "../../runtime/weights/export.js";
import { type Imported, importWeights } from "../../runtime/weights/import.js";
import { isWhole, type Matching, match } from "../../runtime/weights/match.js";
import { choose, openTensorFile } from "../../runtime/weights/tensor-file.js";
import { wire } from "../../runtime/wiring.js";
import { sound } from "../language/specs.js";
import { faultOf } from "./faults.js";
import { scratch } from "./toy.js";

const fixture = fileURLToPath(new URL("../golden/sit/sample-ode.safetensors", import.meta.url));

const network = (more = "") => `
use std.{AdamW, ConcatNormLinear, Euler, Flow, Generate, Latents, SiT}
data lat: Latents { path: "none", image: [channel: 4, row: 8, col: 8], class: 10, scale: 1 }
model net: SiT { hidden: 32, depth: 3, heads: 4, patch: 2 }${more}
objective flow: Flow
`;
const sampling = (more = "") => `${network(more)}
sample euler: Generate { flow, model: net, like: lat, count: 2, method: Euler { steps: 8 } }
`;
const training = `${network()}
train run {
  data: lat, batch: 2, steps: 3, ema: 0.9
  minimize by AdamW { lr: 1e-3 } { denoise: flow(net, lat.image, lat.label) }
}
sample euler: Generate { flow, model: ema(net), like: lat, count: 2, method: Euler { steps: 8 } }
`;

interface Compiled {
  readonly spec: Spec;
  readonly plan: TrainPlan | undefined;
  readonly sampler: SamplePlan;
  readonly start: Start;
}

function compiled(text: string): Compiled {
  const spec = sound(text);
  const sampler = compileSample(spec).value;
  const tensors = compileLayout(spec, "net", "SiTOfficial").value;
  assert.ok(sampler && tensors);
  const start = { instance: "net", file: "official", layout: "SiTOfficial", tensors };
  return { spec, plan: compileTrain(spec).value, sampler, start };
}

/** The weights of the fixture, under the official names. */
async function official(): Promise<Map<string, HostTensor>> {
  const { tensors } = await readSafetensors(fixture);
  return new Map(
    [...tensors].flatMap(([name, t]) =>
      name.startsWith("weight/") ? [[name.slice("weight/".length), t] as const] : [],
    ),
  );
}

interface Done {
  readonly matching: Matching;
  readonly imported: Imported;
}

async function take(file: string, { plan, sampler, start }: Compiled, folder: string): Promise<Done> {
  const opened = await openTensorFile(file);
  try {
    const { source } = choose(opened);
    const matching = match(source, (plan ?? sampler).weights, start.tensors);
    const imported = await importWeights({
      source,
      start: { ...start, file },
      matching,
      plan,
      samplers: [sampler],
      base: undefined,
      folder: { folder, spec: "", resolved: "", specPath: "sit.dit" },
    });
    return { matching, imported };
  } finally {
    await opened.close();
  }
}

/** The last state of the sampler, fed with the noise and the labels of the fixture. */
async function drawn({ sampler }: Compiled, checkpoint: string): Promise<HostTensor> {
  const { state } = await readCheckpoint(checkpoint);
  const { tensors } = await readSafetensors(fixture);
  const inputs = new Map<number, HostTensor>();
  const wiring = wire(sampler.program);
  sampler.program.inputs.forEach((input, param) => {
    if (input.role === "weight") inputs.set(param, state.weights.get(input.path) as HostTensor);
    if (input.role === "average") inputs.set(param, state.averages.get(input.average)?.get(input.path) as HostTensor);
  });
  for (const { param, info } of wiring.draws)
    inputs.set(param, tensors.get(info.law === "index" ? "input/y" : "input/z") as HostTensor);
  const session = await reference.load(sampler.program.module, { mode: "stepwise" });
  const results = await session.run(inputs);
  await session.dispose();
  return results.get(wiring.samples[0]?.result ?? -1) as HostTensor;
}

async function lastState(): Promise<HostTensor> {
  const path = (await readSafetensors(fixture)).tensors.get("output/x.euler");
  assert.ok(path);
  const size = path.data.length / 9;
  return { dtype: "float", shape: path.shape.slice(1), data: path.data.slice(8 * size) };
}

/** The bytes of each tensor of a file. */
async function rawTensors(file: string): Promise<Map<string, string>> {
  const source = await Safetensors.open(file);
  const content = readFileSync(file);
  await source.close();
  return new Map(
    [...source.entries].map(([name, e]) => [
      name,
      `${e.type} [${e.shape}] ${content.subarray(e.begin, e.end).toString("base64")}`,
    ]),
  );
}

describe("weights", () => {
  const folder = scratch();
  const safetensors = join(folder, "sit.safetensors");
  const torch = join(folder, "sit.pt");
  before(async () => {
    const tensors = await official();
    await writeSafetensors(safetensors, tensors);
    await writeTensors(torch, tensors);
  });

  for (const kind of ["safetensors", "pt"])
    it(`of a .${kind} draw what the official code draws, and go back byte for byte`, async () => {
      const c = compiled(sampling());
      const run = join(folder, `run-${kind}`);
      const { matching, imported } = await take(join(folder, `sit.${kind}`), c, run);
      assert.ok(isWhole(matching));
      assert.deepEqual([matching.matched.length, [...matching.types]], [42, [["F32", 42]]]);
      assert.ok(isRunFolder(run));
      const error = relativeError(await drawn(c, imported.checkpoint), await lastState(), 0);
      assert.ok(error !== undefined && error < 1e-6, `${error}`);
      const { state } = await readCheckpoint(imported.checkpoint);
      const tensors = exported(weightsOf(state, undefined, run), "net", c.start.tensors, run);
      for (const ending of ["safetensors", "pt"]) {
        const out = join(folder, `out.${ending}`);
        await writeTensors(out, tensors);
        const back = await openTensorFile(out);
        const again = new Map<string, HostTensor>();
        for (const name of back.entries.keys()) again.set(name, await back.read(name));
        await back.close();
        const rewritten = join(folder, "again.safetensors");
        await writeSafetensors(rewritten, again);
        assert.deepEqual(
          new Map([...(await rawTensors(rewritten))].sort()),
          new Map([...(await rawTensors(safetensors))].sort()),
        );
      }
    });

  it("become a run that a training goes on with, averages and all", async () => {
    const c = compiled(training);
    const run = join(folder, "run-train");
    const { imported } = await take(torch, c, run);
    const { manifest, state } = await readCheckpoint(imported.checkpoint);
    assert.equal(manifest.start?.[0]?.layout, "SiTOfficial");
    assert.deepEqual(state.averages.get("main")?.get("net.embed.proj.w"), state.weights.get("net.embed.proj.w"));
    const error = relativeError(await drawn(c, imported.checkpoint), await lastState(), 0);
    assert.ok(error !== undefined && error < 1e-6, `${error}`);
    assert.ok(c.plan);
    const image: HostTensor = { dtype: "float", shape: [2, 4, 8, 8], data: new Float32Array(512).fill(0.5) };
    const label: HostTensor = { dtype: "index", shape: [2], data: Int32Array.of(1, 2) };
    const batch = async () =>
      new Map([
        ["image", image],
        ["label", label],
      ]);
    const source: DataSource = { size: 2, classes: 10, batch, rows: batch, close: async () => {} };
    const result = await train(c.plan, {
      engine: onnx,
      folder: run,
      resume: run,
      sources: new Map([["lat", source]]),
    });
    assert.equal(result.step, 3);
    assert.equal(result.summary.start?.[0]?.file, torch);
  });

  it("are loaded by a spec from a .pt as from a .safetensors", async () => {
    const c = compiled(sampling());
    const found = await Promise.all(
      [safetensors, torch].map(async (file) => {
        const values = new Map<string, HostTensor>();
        await loadStart(c.sampler.weights, { ...c.start, file }, undefined, (path, value) => values.set(path, value));
        return values;
      }),
    );
    assert.deepEqual(found[1], found[0]);
  });

  it("that fit in part are told apart, and taken if asked", async () => {
    const tensors = await official();
    tensors.delete("blocks.1.mlp.fc1.bias");
    tensors.set("final_layer.linear.bias", { dtype: "float", shape: [32], data: new Float32Array(32) });
    tensors.set("rope.freqs", { dtype: "float", shape: [2], data: Float32Array.of(1, 2) });
    const part = join(folder, "part.safetensors");
    await writeSafetensors(part, tensors);
    const c = compiled(sampling(" with {\n  skip long: block(1).out -> block(3).out via ConcatNormLinear\n}"));
    const { matching, imported } = await take(part, c, join(folder, "run-part"));
    assert.ok(!isWhole(matching));
    assert.equal(matching.matched.length, 40);
    assert.deepEqual(matching.missing, ["blocks.1.mlp.fc1.bias"]);
    assert.deepEqual(matching.shapes, [{ name: "final_layer.linear.bias", file: [32], spec: [16] }]);
    assert.deepEqual(matching.unused, ["rope.freqs"]);
    const long = c.sampler.weights.map((w) => w.path).filter((p) => p.startsWith("net.long."));
    assert.ok(long.length > 0);
    const kept = ["net.block.2.mlp.fc1.b", "net.head.proj.b", ...long].sort();
    assert.deepEqual([...matching.kept].sort(), kept);
    assert.deepEqual([...imported.report.kept].sort(), kept);
    const { state } = await readCheckpoint(imported.checkpoint);
    const info = c.sampler.weights.find((w) => w.path === long[0]);
    assert.ok(info);
    assert.deepEqual(state.weights.get(info.path)?.data, Float32Array.from(initialise(info, c.sampler.seed).data));
    assert.deepEqual(state.weights.get("net.block.1.mlp.fc1.b")?.data, tensors.get("blocks.0.mlp.fc1.bias")?.data);
  });

  it("of another network's positions are a fault, and nothing is written", async () => {
    const tensors = await official();
    const place = tensors.get("pos_embed");
    assert.ok(place);
    tensors.set("pos_embed", { ...place, data: place.data.map((x) => -x) as Float32Array });
    const other = join(folder, "other.safetensors");
    await writeSafetensors(other, tensors);
    const run = join(folder, "run-other");
    await faultOf(() => take(other, compiled(sampling()), run), /table `pos_embed` is not the one/, /key pos_embed/);
    assert.ok(!existsSync(run));
  });

  it("are named by what a spec has: instances and the layouts for them", () => {
    const [net] = weighted(sound(sampling()));
    assert.equal(net?.name, "net");
    assert.ok(net.layouts.includes("SiTOfficial"));
    assert.equal(compileLayout(sound(sampling()), "net", "Nothing").value, undefined);
    const { diagnostics } = compileLayout(sound(sampling()), "net", "DiverseDiTOfficial");
    // The long skips of that layout are half as many as the blocks, and there are three.
    assert.ok(diagnostics.some((d) => d.code === "not-whole"));
  });

  it("of an average that is not there, or of another run, are a fault", async () => {
    const state = { weights: new Map(), averages: new Map(), states: new Map() };
    await faultOf(() => weightsOf(state, "fast", "runs/x"), /no average `fast`/, /runs\/x/);
    await faultOf(
      () => exported(new Map(), "net", compiled(sampling()).start.tensors, "runs/x"),
      /no weight `net\./,
      /runs\/x/,
    );
    writeFileSync(join(folder, "kept.pt"), "kept");
    const bad: HostTensor = { dtype: "float", shape: [3], data: new Float32Array(2) };
    await assert.rejects(writeTensors(join(folder, "kept.safetensors"), new Map([["w", bad]])));
    assert.ok(!existsSync(join(folder, "kept.safetensors")));
  });
});
