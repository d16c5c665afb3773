import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import {
  type CheckpointInfo,
  checkpointName,
  findCheckpoints,
  type RunState,
  readCheckpoint,
  resolveCheckpoint,
  writeCheckpoint,
} from "../../runtime/checkpoint/checkpoint.js";
import { Safetensors } from "../../runtime/checkpoint/safetensors.js";
import { faultOf } from "./faults.js";
import { scratch } from "./toy.js";

const vector = (...data: number[]) =>
  ({ dtype: "float", shape: [data.length], data: Float64Array.from(data) }) as const;

const state: RunState = {
  weights: new Map([
    ["net.a", vector(1, 2, 3)],
    ["net.b", vector(0.1)],
  ]),
  averages: new Map([["main", new Map([["net.a", vector(1, 1, 1)]])]]),
  states: new Map([["opt.net.a.m", vector(0, 0, 1e-300)]]),
};

const info: CheckpointInfo = {
  plan: "run",
  step: 1000,
  seed: 0,
  cursor: 128_000,
  spec: "abc",
  engine: "reference",
  precision: 64,
  watch: { seen: 3, start: 0.1, level: 1 / 3 },
};

describe("checkpoints", () => {
  it("give back what was written, to the last bit", async () => {
    const folder = join(scratch(), "checkpoints", checkpointName(1000));
    assert.match(folder, /step-0001000$/);
    await writeCheckpoint(folder, state, info);
    const found = await readCheckpoint(folder);
    assert.deepEqual(found.state, state);
    const { files, version, ...rest } = found.manifest;
    assert.deepEqual(rest, info);
    assert.equal(version, 1);
    assert.deepEqual(Object.keys(files), ["weights.safetensors", "average-main.safetensors", "states.safetensors"]);
  });

  it("hold 32 bits for an engine of 32 bits", async () => {
    const folder = join(scratch(), checkpointName(1));
    await writeCheckpoint(folder, state, { ...info, precision: 32 });
    assert.deepEqual((await readCheckpoint(folder)).state.weights.get("net.b")?.data, Float32Array.of(0.1));
  });

  it("appear whole or not at all, and can be written again", async () => {
    const parent = scratch();
    const folder = join(parent, checkpointName(7));
    await writeCheckpoint(folder, state, info);
    // What a process leaves that is killed while it writes the next one.
    const draft = join(parent, ".writing-step-0000008");
    mkdirSync(draft);
    writeFileSync(join(draft, "weights.safetensors"), "half");
    assert.deepEqual(await findCheckpoints(parent), [{ step: 7, folder }]);
    assert.equal(await resolveCheckpoint(parent), folder);
    await writeCheckpoint(join(parent, checkpointName(8)), state, info);
    await writeCheckpoint(folder, { ...state, states: new Map() }, info);
    assert.deepEqual(readdirSync(parent).sort(), ["step-0000007", "step-0000008"]);
    assert.equal((await readCheckpoint(folder)).state.states.size, 0);
  });

  it("leave the old one in place if writing fails", async () => {
    const parent = scratch();
    const folder = join(parent, checkpointName(7));
    await writeCheckpoint(folder, state, info);
    const torn = { ...state, states: new Map([["m", { ...vector(1), shape: [5] }]]) };
    await assert.rejects(writeCheckpoint(folder, torn, info), /1 elements for/);
    assert.deepEqual((await readCheckpoint(folder)).state, state);
  });

  it("name the tensor and the bytes that are damaged", async () => {
    const folder = join(scratch(), checkpointName(7));
    await writeCheckpoint(folder, state, info);
    const file = join(folder, "weights.safetensors");
    const source = await Safetensors.open(file);
    const { begin, end } = source.entry("net.b");
    await source.close();
    const whole = readFileSync(file);
    const flipped = Buffer.from(whole);
    flipped[begin + 2] = (flipped[begin + 2] ?? 0) ^ 1;
    writeFileSync(file, flipped);
    const where = new RegExp(`weights.safetensors, key net.b, bytes ${begin}..${end - 1}$`);
    const fault = await faultOf(() => readCheckpoint(folder), /`net.b` is not what was written/, where);
    assert.match(fault.help.join(), /older checkpoint/);
    truncateSync(file, end - 3);
    await faultOf(
      () => readCheckpoint(folder),
      new RegExp(`has ${end - 3} bytes, ${whole.length} were written`),
      /byte \d+$/,
    );
    const header = Buffer.from(whole);
    header[9] = 0;
    writeFileSync(file, header);
    await faultOf(() => readCheckpoint(folder), /damaged: the header is not JSON/, /byte 9$/);
    unlinkSync(file);
    await faultOf(() => readCheckpoint(folder), /missing/, /weights.safetensors$/);
  });

  it("say what is wrong with a manifest", async () => {
    const folder = join(scratch(), checkpointName(7));
    await writeCheckpoint(folder, state, info);
    const file = join(folder, "manifest.json");
    const good = readFileSync(file, "utf8");
    writeFileSync(file, good.slice(0, 40));
    await faultOf(() => readCheckpoint(folder), /not JSON/, /manifest.json, byte \d+$/);
    writeFileSync(file, good.replace('"step": 1000', '"step": "x"'));
    await faultOf(() => readCheckpoint(folder), /a number is needed/, /key step$/);
    writeFileSync(file, good.replace('"version": 1', '"version": 2'));
    await faultOf(() => readCheckpoint(folder), /reads version 1/, /key version$/);
    writeFileSync(file, good.replace('"weights.safetensors"', '"../weights.safetensors"'));
    await faultOf(() => readCheckpoint(folder), /not the manifest/, /key files\.\.\.\/weights/);
  });

  it("are found below a run folder", async () => {
    const run = scratch();
    await faultOf(() => resolveCheckpoint(run), /there is no checkpoint/, /dit-/);
    for (const step of [5, 20, 10])
      await writeCheckpoint(join(run, "checkpoints", checkpointName(step)), state, { ...info, step });
    assert.equal(await resolveCheckpoint(run), join(run, "checkpoints", "step-0000020"));
    assert.equal(await resolveCheckpoint(join(run, "checkpoints")), join(run, "checkpoints", "step-0000020"));
    renameSync(join(run, "checkpoints", "step-0000020"), join(run, "elsewhere"));
    assert.equal(await resolveCheckpoint(join(run, "elsewhere")), join(run, "elsewhere"));
    assert.ok(!existsSync(join(run, "checkpoints", ".old-step-0000020")));
  });
});
