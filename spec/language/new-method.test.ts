/** A block, a skip topology and a loss that the library does not have, from one `.dit` file. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { compileSample, compileTrain } from "../../compiler/index.js";
import { clean } from "./specs.js";

const text = readFileSync(new URL("../../examples/new-method.dit", import.meta.url), "utf8");
const spec = clean(text);
const train = compileTrain(spec).value;
const sample = compileSample(spec).value;

describe("a method of one's own", () => {
  it("has weights for its block, its skips and its gates, all trained", () => {
    assert.ok(train);
    const shapes = new Map(train.weights.map((w) => [w.path, w.shape.join("x")]));
    for (let i = 1; i <= 6; i++) assert.equal(shapes.get(`net.block.${i}.taps`), "5x64");
    for (let j = 3; j <= 6; j++) {
      assert.equal(shapes.get(`net.recall.${j}.heat`), "");
      assert.equal(shapes.get(`net.recall.${j}.strength`), "64");
    }
    assert.equal(shapes.has("net.recall.2.heat"), false);
    assert.ok(train.weights.every((w) => w.trained));
  });

  it("has both terms in its loss and logs each", () => {
    const logs = train?.phases[0]?.program.outputs.flatMap((o) => (o.role === "log" ? [o.name] : [])) ?? [];
    assert.deepEqual(logs.slice(0, 3), ["loss", "loss.denoise", "loss.apart"]);
  });

  it("moves every weight and its average in the step", () => {
    const outputs = train?.phases[0]?.program.outputs ?? [];
    const moved = outputs.flatMap((o) => (o.role === "weight" ? [o.path] : []));
    const averaged = outputs.flatMap((o) => (o.role === "average" ? [o.path] : []));
    assert.equal(moved.length, train?.weights.length);
    assert.deepEqual(averaged.toSorted(), moved.toSorted());
  });

  it("draws from the averaged weights", () => {
    const inputs = sample?.program.inputs ?? [];
    assert.ok(inputs.some((i) => i.role === "average" && i.path === "net.recall.6.strength"));
    assert.equal(
      inputs.some((i) => i.role === "weight"),
      false,
    );
  });
});
