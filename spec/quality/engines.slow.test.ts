/** One training on every engine: the same losses, and memory that does not grow. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { compileTrain } from "../../compiler/index.js";
import type { TrainPlan } from "../../compiler/plan/plan.js";
import type { Engine } from "../../runtime/engines/engine.js";
import { onnx } from "../../runtime/engines/onnx.js";
import { loadTensorflow } from "../../runtime/engines/tensorflow/library.js";
import { tensorflowOn } from "../../runtime/engines/tensorflow/tensorflow.js";
import { tfjsOn } from "../../runtime/engines/tfjs/tfjs.js";
import { train } from "../../runtime/train/train.js";
import { scratch } from "../runtime/toy.js";
import { open } from "./reading.js";

const library = loadTensorflow();
const tensorflow = "binding" in library ? tensorflowOn(library, "islands") : undefined;

/** The loss of each step. */
async function losses(plan: TrainPlan, engine: Engine, steps: number): Promise<number[]> {
  const all: number[] = [];
  const short = { ...plan, steps, log: 1, checkpoint: steps };
  await train(short, { engine, folder: scratch(), events: { logged: ({ loss }) => all.push(Number(loss)) } });
  return all;
}

describe("the quickstart on another engine", () => {
  const plan = compileTrain(open("examples/quickstart.dit")).value;
  assert.ok(plan);
  let expected: Promise<number[]> | undefined;

  // Op by op on one core a step takes seconds: some of them have to do.
  const others = [
    ["tensorflow", tensorflow, 50],
    ["tfjs on wasm", tfjsOn("wasm"), 6],
  ] as const;
  for (const [name, engine, steps] of others)
    it(`${name}: the losses of onnx within a thousandth over ${steps} steps`, async function () {
      this.timeout(240_000);
      if (!engine) this.skip();
      expected ??= losses(plan, onnx, 50);
      const theirs = await expected;
      const mine = await losses(plan, engine, steps);
      assert.equal(mine.length, steps);
      for (const [i, loss] of mine.entries())
        assert.ok(Math.abs(loss - (theirs[i] ?? Number.NaN)) < 1e-3, `step ${i + 1}: ${loss}, not ${theirs[i]}`);
    });
});

describe("memory of a training", () => {
  for (const name of ["onnx", "tensorflow", "tfjs"] as const)
    it(`${name}: is as large after 500 steps as after 200`, function () {
      this.timeout(240_000);
      if (name === "tensorflow" && !tensorflow) this.skip();
      // A process of its own: what other tests leave behind comes and goes.
      const child = spawnSync(process.execPath, ["--import", "tsx", "spec/quality/memory-of-training.ts", name], {
        encoding: "utf8",
      });
      assert.equal(child.status, 0, child.stderr);
      const [before = Number.NaN, after = Number.NaN] = JSON.parse(child.stdout.trim().split("\n").at(-1) ?? "[]");
      // The allocator keeps some megabytes more or less; a leak of one step's tensors would be hundreds.
      assert.ok(after - before < 40, `${before.toFixed(0)} MiB after 200 steps, ${after.toFixed(0)} after 500`);
    });
});
