import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compileTrain } from "../../compiler/index.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import { toFile } from "../../compiler/plan/gather.js";
import type { TrainPlan } from "../../compiler/plan/plan.js";
import { readManifest } from "../../runtime/checkpoint/checkpoint.js";
import { writeSafetensors } from "../../runtime/checkpoint/safetensors-writer.js";
import { onnx } from "../../runtime/engines/onnx.js";
import { loadTrainPlan, planFrom, planText, savePlan } from "../../runtime/plan-file.js";
import { initialise } from "../../runtime/random.js";
import { initialStore } from "../../runtime/train/state.js";
import { train } from "../../runtime/train/train.js";
import { load, sound } from "../language/specs.js";
import { faultOf } from "./faults.js";
import { scratch } from "./toy.js";

const spec = (start: string, more = "") => `
use std.{AdamW, ConcatNormLinear, Digits, Flow, SiT, SiTOfficial}
data digits: Digits
model net: SiT { hidden: 8, depth: 2, heads: 2, patch: 7 }${more}
objective flow: Flow
train run {
  data: digits, batch: 4, steps: 2, ema: 0.9, log: 1, seed: 3, ${start}
  minimize by AdamW { lr: 1e-3 } { denoise: flow(net, digits.image, digits.label) }
}
`;
const official = 'start: (net: load("sit.safetensors", SiTOfficial))';

function planOf(text: string): TrainPlan {
  const { value, diagnostics } = compileTrain(sound(text));
  assert.deepEqual(diagnostics, []);
  assert.ok(value);
  return value;
}

/** Weights of another run, under our paths. */
function others(plan: TrainPlan): Map<string, HostTensor> {
  return new Map(
    plan.weights.map((w) => {
      const drawn = initialise({ ...w, init: { law: "normal", std: 1 } }, 99);
      return [w.path, { ...drawn, data: Float32Array.from(drawn.data) }];
    }),
  );
}

/** The tensors of a file under the names of the layout. */
function exported(plan: TrainPlan, weights: ReadonlyMap<string, HostTensor>): Map<string, HostTensor> {
  const value = (path: string): HostTensor => {
    const found = weights.get(path);
    assert.ok(found, path);
    return found;
  };
  const tensors = plan.start[0]?.tensors ?? [];
  return new Map(tensors.map((t) => [t.name, toFile(t, value)]));
}

async function fileOf(folder: string, tensors: ReadonlyMap<string, HostTensor>): Promise<string> {
  const file = join(folder, "sit.safetensors");
  await writeSafetensors(file, tensors, { floats: "F32" });
  return file;
}

describe("weights", () => {
  it("start as a table that the spec computes, through a plan file too", () => {
    const text = spec("start: fresh").replace(
      "train run {",
      `part Table (x: [channel, row, col]) -> [channel, row, col] {
  weight t: [three: 3, two: 2] = 10 * repeat[three](position[two: 2], 3) + repeat[two](position[three: 3], 2)
  return x + mean(t)
}
part table: Table
train run {`,
    );
    const plan = planOf(text.replace("flow(net, digits.image", "flow(net, table(digits.image)"));
    const again = planFrom(JSON.parse(planText(plan)), "plan.json");
    for (const { weights } of [plan, again]) {
      const info = weights.find((w) => w.path === "table.t");
      assert.ok(info);
      assert.deepEqual(Array.from(initialise(info, 3).data), [11, 21, 12, 22, 13, 23]);
    }
  });
});

describe("start from files", () => {
  it("loads a file with official names: weights at step 0 are those, averages are copies", async () => {
    const folder = scratch();
    const plan = planOf(spec(official));
    assert.ok(plan.start[0]?.tensors?.some((t) => t.name === "blocks.1.attn.qkv.weight"));
    const weights = others(plan);
    const file = await fileOf(folder, exported(plan, weights));
    const store = await initialStore(plan, folder);
    assert.equal(plan.weights.length, weights.size);
    for (const [path, { data }] of weights) {
      assert.deepEqual(Array.from(store.get(`weight ${path}`)?.data ?? []), Array.from(data), path);
      assert.equal(store.get(`average main ${path}`), store.get(`weight ${path}`));
    }
    const notes: string[] = [];
    const run = join(folder, "run");
    const result = await train(plan, {
      engine: onnx,
      folder: run,
      base: folder,
      events: { note: (t) => notes.push(t) },
    });
    const tensors = plan.start[0]?.tensors?.length;
    assert.deepEqual(notes, [`net starts from sit.safetensors by SiTOfficial, ${tensors} tensors`]);
    const sha256 = createHash("sha256").update(readFileSync(file)).digest("hex");
    const [report] = result.summary.start ?? [];
    assert.deepEqual(report, {
      instance: "net",
      file: "sit.safetensors",
      layout: "SiTOfficial",
      sha256,
      tensors,
      kept: [],
      unused: [],
    });
    assert.equal(readManifest(result.checkpoint).start?.[0]?.sha256, sha256);
    // A run that goes on says what it started from, and does not read the file again.
    writeFileSync(file, "");
    const again = await train(plan, { engine: onnx, folder: run, base: folder, resume: true });
    assert.equal(again.summary.start?.[0]?.sha256, sha256);
  });

  it("goes through a plan file", async () => {
    const folder = scratch();
    const plan = planOf(spec(official));
    await fileOf(folder, exported(plan, others(plan)));
    savePlan(join(folder, "plan.json"), plan);
    const read = loadTrainPlan(join(folder, "plan.json"));
    const [direct, filed] = [await initialStore(plan, folder), await initialStore(read, folder)];
    assert.deepEqual([...filed], [...direct]);
  });

  it("loads a file of ours by its paths", async () => {
    const folder = scratch();
    const plan = planOf(spec('start: (net: load("sit.safetensors"))'));
    assert.deepEqual(plan.start, [{ instance: "net", file: "sit.safetensors" }]);
    const weights = others(plan);
    await fileOf(folder, new Map([...weights, ["head.w", { dtype: "float", shape: [1], data: Float32Array.of(1) }]]));
    const unused: string[] = [];
    const store = await initialStore(plan, folder, (report) => unused.push(...report.unused));
    for (const [path, { data }] of weights) assert.deepEqual(store.get(`weight ${path}`)?.data, data);
    assert.deepEqual(unused, ["head.w"]);
  });

  it("tells which weights the layout does not know: they start anew", async () => {
    const folder = scratch();
    const plain = planOf(spec(official));
    await fileOf(folder, exported(plain, others(plain)));
    const skip = planOf(spec(official, " with {\n  skip long: block(1).out -> block(2).out via ConcatNormLinear\n}"));
    const kept: string[] = [];
    const store = await initialStore(skip, folder, (report) => kept.push(...report.kept));
    assert.ok(kept.length > 0 && kept.every((path) => path.includes("long")), kept.join(" "));
    const first = skip.weights.find((w) => w.path === kept[0]);
    assert.ok(first);
    assert.deepEqual(store.get(`weight ${first.path}`), initialise(first, skip.seed));
  });

  it("names the file and the key of what is missing, has another shape or another table", async () => {
    const folder = scratch();
    const plan = planOf(spec(official));
    await faultOf(() => initialStore(plan, folder), /no such file/, /sit\.safetensors/);
    const good = exported(plan, others(plan));
    const broken = async (change: (tensors: Map<string, HostTensor>) => void, what: RegExp, where: RegExp) => {
      const tensors = new Map(good);
      change(tensors);
      await fileOf(folder, tensors);
      await faultOf(() => initialStore(plan, folder), what, where);
    };
    const ones = (shape: readonly number[]): HostTensor => ({
      dtype: "float",
      shape,
      data: new Float32Array(shape.reduce((n, d) => n * d, 1)).fill(1),
    });
    await broken(
      (t) => t.delete("blocks.0.mlp.fc1.bias"),
      /no tensor `blocks\.0\.mlp\.fc1\.bias`/,
      /sit\.safetensors, key blocks\.0\.mlp\.fc1\.bias/,
    );
    await broken(
      (t) => t.set("final_layer.linear.bias", ones([98])),
      /is \[98\] in the file and \[49\] in the spec/,
      /sit\.safetensors, key final_layer\.linear\.bias/,
    );
    await broken((t) => t.set("pos_embed", ones([1, 16, 8])), /table `pos_embed` is not the one/, /key pos_embed/);
    const own = planOf(spec('start: (net: load("sit.safetensors"))'));
    await faultOf(() => initialStore(own, folder), /no tensor `net\./, /sit\.safetensors, key net\./);
  });

  it("is checked with the spec", () => {
    const said = (start: string) =>
      load(spec(start)).diagnostics.flatMap(({ severity, code, span }) =>
        severity === "error" ? [`${code}: ${span.source.text.slice(span.pos, span.end)}`] : [],
      );
    assert.deepEqual(said('start: (nets: load("a.safetensors"))'), ["unknown-name: nets"]);
    assert.deepEqual(said('start: (flow: load("a.safetensors"))'), ["key-type: flow"]);
    assert.deepEqual(said("start: 3"), ["key-type: 3"]);
    assert.deepEqual(said("start: (net: 3)"), ["key-type: 3"]);
    assert.deepEqual(said("start: (net: load(3))"), ["key-type: 3"]);
  });
});
