import assert from "node:assert/strict";
import { compileSample, compileTrain } from "../../compiler/index.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import { openSource } from "../../runtime/data/source.js";
import { onnx } from "../../runtime/engines/onnx.js";
import { sample } from "../../runtime/sample/sample.js";
import { open, type Reader, trained, trainReader } from "./reading.js";

describe("the quickstart draws digits that can be read", () => {
  let reader: Reader;

  before(async function () {
    this.timeout(120_000);
    reader = await trainReader();
  });

  after(() => reader.close());

  it("a reader that the project trains knows real digits", async () => {
    const plan = compileTrain(open("spec/quality/reader.dit")).value;
    const info = plan?.sources[0];
    assert.ok(info);
    const source = await openSource(info, { seed: 1 });
    const batch = await source.batch(0, 500);
    await source.close();
    const digits = await reader.read(batch.get("image") as HostTensor);
    const labels = Array.from((batch.get("label") as HostTensor).data);
    const right = digits.filter((d, i) => d === labels[i]).length;
    assert.ok(right >= 475, `${right} of 500 real digits were read right`);
  });

  it("and reads at least 80 % of the samples as the class asked for", async function () {
    this.timeout(480_000);
    const spec = open("examples/quickstart.dit");
    const state = await trained(spec);
    const plan = compileSample(spec).value;
    assert.ok(plan);
    const drawn = await sample(plan, { engine: onnx, weights: state.weights, averages: state.averages, count: 200 });
    const pictures = drawn.get("");
    assert.ok(pictures);
    const digits = await reader.read(pictures);
    const asked = digits.map((_, i) => (plan.labels[i % plan.labels.length] ?? 0) - 1);
    const right = digits.filter((d, i) => d === asked[i]).length;
    const share = right / digits.length;
    assert.ok(share >= 0.8, `${right} of ${digits.length} samples were read as the class asked for`);
  });
});
