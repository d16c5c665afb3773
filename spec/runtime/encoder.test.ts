import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { emitOnnx } from "../../compiler/emit/onnx/emit.js";
import { encodeModel } from "../../compiler/emit/onnx/model.js";
import { compileTrain } from "../../compiler/index.js";
import { reshape, scale, sum, transpose } from "../../compiler/ir/build.js";
import { FnBuilder } from "../../compiler/ir/builder.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import { type Module, tensor } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import type { SourceInfo, TrainPlan } from "../../compiler/plan/plan.js";
import { Encoder } from "../../runtime/data/encoder.js";
import { Fields } from "../../runtime/data/fields.js";
import { type Method, resample } from "../../runtime/data/resampling.js";
import { onnx } from "../../runtime/engines/onnx.js";
import { createSession, loadOrt } from "../../runtime/engines/ort.js";
import { readMetrics } from "../../runtime/telemetry/metrics.js";
import { train } from "../../runtime/train/train.js";
import { generator } from "../ir/helpers.js";
import { codes, sound } from "../language/specs.js";
import { faultOf } from "./faults.js";
import { scratch } from "./toy.js";

const side = 16;
const tokens = 16;
const features = 8;

/** A small encoder: the mean of each patch of 7 in 28 pixels (`cell` of `input`), then a linear map of its three channels. */
function patchEncoder(batch: number, input: number): Module {
  const cell = input / 4;
  const b = new FnBuilder("encoder", new Map());
  const x = b.param(tensor([batch, 3, input, input]));
  const cells = reshape(b, x, [batch, 3, 4, cell, 4, cell]);
  const means = scale(b, sum(b, cells, [3, 5]), 1 / (cell * cell));
  const patches = reshape(b, transpose(b, means, [0, 2, 3, 1]), [batch, tokens, 3]);
  const w = b.constant(
    tensor([3, features]),
    Float64Array.from({ length: 3 * features }, (_, i) => Math.sin(1 + i)),
  );
  return b.finishMain([b.emit("dot", [patches, w], { batch: [], contract: [[2, 0]] })]);
}

function writeEncoder(folder: string, batch: number, input: number, output = "patches"): void {
  const bytes = emitOnnx(patchEncoder(batch, input).main, { inputs: ["pixels"], outputs: [output], extensions: false });
  writeFileSync(join(folder, "patches.onnx"), bytes);
}

const spec = (rest: string) => `
use std.{AdamW, Digits, Flow, Mlp3, Onnx, Repa, SiT}
data digits: Digits
encoder dino: Onnx { file: "patches.onnx", input: ${side}, method: bilinear, ${rest} }
model net: SiT { hidden: 16, depth: 2, heads: 2, patch: 7 }
objective flow: Flow
loss repa: Repa { project: Mlp3 { hidden: 16 } }
train run {
  data: digits, batch: 6, steps: 12, ema: 0.9, log: 1, seed: 3
  let pass = flow(net, digits.image, digits.label)
  minimize by AdamW { lr: 3e-3 } {
    denoise: pass
    align: 0.5 * repa(pass.model.block(1).out, dino(digits.pixels).patches)
  }
}
`;
const whole = `patches: [token: ${tokens}, feature: ${features}]`;

function planOf(text: string): TrainPlan {
  const { value, diagnostics } = compileTrain(sound(text));
  assert.deepEqual(diagnostics, []);
  assert.ok(value);
  return value;
}

function sourceOf(plan: TrainPlan, name: string): SourceInfo {
  const info = plan.sources.find((s) => s.name === name);
  assert.ok(info);
  return info;
}

/** The bytes of a model with one `Resize`, the op that exporters write for `interpolate`. */
function resizeModel(planes: number, from: readonly [number, number], to: number, method: Method): Uint8Array {
  const sizes = new Uint8Array(BigInt64Array.from([1n, BigInt(planes), BigInt(to), BigInt(to)]).buffer);
  return encodeModel({
    name: "resize",
    nodes: [
      {
        type: "Resize",
        domain: "",
        inputs: ["x", "", "", "sizes"],
        outputs: ["y"],
        attributes: {
          mode: { text: method === "bicubic" ? "cubic" : "linear" },
          cubic_coeff_a: { float: -0.75 },
          coordinate_transformation_mode: { text: "half_pixel" },
        },
      },
    ],
    initializers: [{ name: "sizes", type: "int64", shape: [4], raw: sizes }],
    inputs: [{ name: "x", type: "float", shape: [1, planes, ...from] }],
    outputs: [{ name: "y", type: "float", shape: [1, planes, to, to] }],
  });
}

describe("resampling of pictures", () => {
  for (const method of ["bilinear", "bicubic"] as const)
    for (const [height, width, to] of [
      [28, 28, 14],
      [5, 9, 12],
      [16, 12, 7],
    ] as const)
      it(`${method}, ${height} x ${width} to ${to} x ${to}, is that of onnxruntime`, async () => {
        const planes = 2;
        const data = Float32Array.from({ length: planes * height * width }, generator(method.length + to));
        const ours = resample(data, { planes, height, width }, to, method);
        const ort = await loadOrt();
        const session = await createSession(resizeModel(planes, [height, width], to, method));
        const { y } = await session.run({ x: new ort.Tensor("float32", data, [1, planes, height, width]) });
        await session.release();
        assert.ok(y?.data instanceof Float32Array);
        y.data.forEach((value, i) => {
          assert.ok(Math.abs(value - (ours[i] ?? 0)) < 2e-6, `${i}: ${value} and ${ours[i]}`);
        });
      });
});

describe("encoders", () => {
  it("give for each sample what the network gives for its picture", async () => {
    const folder = scratch();
    // A file that fixes four pictures a call, for a batch of six: the rest is filled up.
    writeEncoder(folder, 4, side);
    const plan = planOf(spec(whole));
    const fields = await Fields.open(
      plan.sources,
      [
        { instance: "dino", field: "patches" },
        { instance: "digits", field: "pixels" },
      ],
      { seed: plan.seed, base: folder },
    );
    const [patches, pixels] = await fields.read(
      [
        { instance: "dino", field: "patches" },
        { instance: "digits", field: "pixels" },
      ],
      6,
      6,
    );
    await fields.close();
    assert.ok(patches && pixels);
    const resized = resample(pixels.data, { planes: 18, height: 28, width: 28 }, side, "bilinear");
    const mean = [0.485, 0.456, 0.406];
    const std = [0.229, 0.224, 0.225];
    const input: HostTensor = {
      dtype: "float",
      shape: [6, 3, side, side],
      data: Float64Array.from(resized, (x, i) => {
        const c = Math.floor(i / (side * side)) % 3;
        return (x - (mean[c] ?? 0)) / (std[c] ?? 1);
      }),
    };
    const [expected] = evaluate(patchEncoder(6, side), [input]);
    assert.deepEqual(patches.shape, [6, tokens, features]);
    assert.deepEqual(expected?.shape, patches.shape);
    expected?.data.forEach((value, i) => {
      assert.ok(Math.abs(value - (patches.data[i] ?? 0)) < 1e-5);
    });
  });

  it("train a network by REPA; the pictures themselves are no input of the step", async () => {
    const folder = scratch();
    writeEncoder(folder, 6, side);
    const plan = planOf(spec(whole));
    assert.deepEqual(sourceOf(plan, "dino").reads, { instance: "digits", field: "pixels" });
    const program = plan.phases[0]?.program;
    const read = program?.inputs.flatMap((i) => (i.role === "field" ? [`${i.instance}.${i.field}`] : []));
    assert.deepEqual(read?.sort(), ["digits.image", "digits.label", "dino.patches"]);
    assert.equal(program?.inputs.length, program?.module.main.params.length);
    const result = await train(plan, { engine: onnx, folder, base: folder });
    assert.equal(result.step, 12);
    const align = readMetrics(join(folder, "metrics.jsonl")).map((l) => l.terms["loss.align"] ?? Number.NaN);
    assert.ok((align.at(-1) ?? 0) < (align[0] ?? 0) - 0.05, align.join(" "));
  });

  it("find an output by its place where the file knows none of the names", async () => {
    const folder = scratch();
    writeEncoder(folder, 6, side, "last_hidden_state");
    const encoder = await Encoder.open(sourceOf(planOf(spec(whole)), "dino"), folder);
    const pixels: HostTensor = { dtype: "float", shape: [2, 3, 28, 28], data: new Float32Array(2 * 3 * 28 * 28) };
    const batch = await encoder.encode(pixels);
    await encoder.close();
    assert.deepEqual(batch.get("patches")?.shape, [2, tokens, features]);
  });

  it("name the file, the output and both shapes where these differ", async () => {
    const folder = scratch();
    writeEncoder(folder, 6, side);
    const open = (rest: string) => Encoder.open(sourceOf(planOf(spec(rest)), "dino"), folder);
    const row = await faultOf(
      () => Encoder.open(oneTokenLess(sourceOf(planOf(spec(whole)), "dino")), folder),
      /`patches` is \[6, 16, 8\] in the file, and \[batch, token: 15, feature: 8\] in the spec/,
      /patches\.onnx, output patches/,
    );
    assert.match(row.help.join(), /class token/);
    const wide = await faultOf(
      () => open(`patches: [token: ${tokens}, feature: 4]`),
      /\[6, 16, 8\] in the file, and \[batch, token: 16, feature: 4\] in the spec/,
      /patches\.onnx, output patches/,
    );
    assert.match(wide.help.join(), /patches: \[token: 16, feature: 8\]/);
    await faultOf(() => open(`${whole}, cls: [feature: 8]`), /no output `cls`; it has `patches`/, /patches\.onnx/);
  });

  it("say what is wrong with a file that is missing, damaged, or for pictures of another size", async () => {
    const folder = scratch();
    const info = sourceOf(planOf(spec(whole)), "dino");
    await faultOf(() => Encoder.open(info, folder), /no such file/, /patches\.onnx/);
    writeFileSync(join(folder, "patches.onnx"), "not a model");
    await faultOf(() => Encoder.open(info, folder), /not a model that onnxruntime can load/, /patches\.onnx/);
    writeEncoder(folder, 6, 28);
    await faultOf(
      () => Encoder.open(info, folder),
      /takes \[6, 3, 28, 28\], and is given \[batch, 3, 16, 16\]/,
      /patches\.onnx, input pixels/,
    );
  });

  it("take the pixels of one data instance", () => {
    const text = spec(whole);
    assert.deepEqual(codes(text.replace("dino(digits.pixels)", "dino(digits.image)")), ["encoder-input"]);
    assert.deepEqual(codes(text.replace("dino(digits.pixels)", "dino(2 * digits.pixels)")), ["encoder-input"]);
  });
});

function oneTokenLess(info: SourceInfo): SourceInfo {
  return {
    ...info,
    fields: info.fields.map((f) => ({ ...f, shape: f.shape.map((d) => (d === tokens ? tokens - 1 : d)) })),
  };
}
