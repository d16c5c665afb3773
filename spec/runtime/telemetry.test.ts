import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { curveSvg, smooth, writeCurve } from "../../runtime/telemetry/curve.js";
import { type MetricsLine, MetricsWriter, readMetrics } from "../../runtime/telemetry/metrics.js";
import { duration, progressLine, throughput } from "../../runtime/telemetry/progress.js";
import { axisOf, linearTicks, logTicks, numberLabel } from "../../runtime/telemetry/scale.js";
import { faultOf } from "./faults.js";
import { scratch } from "./toy.js";

const line = (step: number, loss: number | null): MetricsLine => ({
  step,
  loss,
  terms: { a: 1 },
  seconds: step / 10,
  images_per_second: 5,
});

describe("metrics", () => {
  it("are lines of JSON, and a resumed run drops those after its checkpoint", () => {
    const file = join(scratch(), "metrics.jsonl");
    const writer = new MetricsWriter(file, 0);
    for (const step of [1, 2, 3]) writer.write(line(step, 1 / step));
    writer.close();
    assert.deepEqual(readMetrics(file), [line(1, 1), line(2, 1 / 2), line(3, 1 / 3)]);
    // Killed in the middle of a line.
    writeFileSync(file, `${readFileSync(file, "utf8")}{"step":4,"lo`);
    const resumed = new MetricsWriter(file, 2);
    assert.equal(resumed.last?.seconds, 0.2);
    resumed.write(line(3, 9));
    resumed.close();
    assert.deepEqual(readMetrics(file), [line(1, 1), line(2, 1 / 2), line(3, 9)]);
  });

  it("say which line is damaged", async () => {
    const file = join(scratch(), "metrics.jsonl");
    writeFileSync(file, '{"step":1}\nnope\n{"step":2}\n');
    await faultOf(() => readMetrics(file), /not a line of metrics/, /metrics.jsonl, line 2$/);
  });
});

describe("the curve", () => {
  const lines = Array.from({ length: 200 }, (_, i) => line(10 * (i + 1), Math.exp(-i / 30) + 0.01));

  it("is an SVG with both lines, ticks and a title", () => {
    const svg = curveSvg(lines, { title: "a < b" });
    assert.match(svg, /^<svg /);
    assert.match(svg, />a &lt; b</);
    assert.match(svg, />loss \(log\)</);
    assert.equal(svg.match(/<polyline/g)?.length, 2);
    assert.match(svg, /at step 2,000</);
    for (const label of ["0.02", "0.1", "0.5", "1,500"]) assert.ok(svg.includes(`>${label}<`), label);
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  });

  it("is drawn whatever was logged", () => {
    for (const some of [[], [line(1, null)], [line(1, 0.5)], [line(1, -1), line(2, 5)], [line(1, 3), line(2, 3)]]) {
      assert.doesNotMatch(curveSvg(some, { title: "x" }), /NaN|Infinity|undefined/);
    }
    assert.match(curveSvg([], { title: "x" }), /nothing logged yet/);
    assert.doesNotMatch(curveSvg([line(1, -1), line(2, 5)], { title: "x" }), /\(log\)/);
  });

  it("is a picture with something on it", async () => {
    const file = join(scratch(), "loss.png");
    await writeCurve(file, lines, { title: "x" });
    const { width, height } = await sharp(file).metadata();
    assert.deepEqual([width, height], [1680, 880]);
    const blue = await sharp(file).raw().toBuffer();
    let count = 0;
    for (let i = 0; i < blue.length; i += 3) if ((blue[i] ?? 0) < 60 && (blue[i + 2] ?? 0) > 120) count++;
    assert.ok(count > 1000);
  });

  it("is smoothed without bending a straight line or moving the mean", () => {
    const straight = Array.from({ length: 400 }, (_, i) => ({ step: i, value: 2 * i + 1 }));
    for (const [i, p] of smooth(straight).slice(0, 380).entries()) assert.ok(Math.abs(p.value - (2 * i + 1)) < 1e-9);
    assert.deepEqual(smooth([{ step: 1, value: 5 }]), [{ step: 1, value: 5 }]);
  });

  it("has round ticks", () => {
    assert.deepEqual(linearTicks(0, 2000), [0, 500, 1000, 1500, 2000]);
    assert.deepEqual(linearTicks(-0.31, 0.3), [-0.2, 0, 0.2]);
    assert.deepEqual(logTicks(0.03, 3), [0.05, 0.1, 0.2, 0.5, 1, 2]);
    assert.deepEqual(logTicks(1e-6, 2), [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1]);
    const axis = axisOf([1, 100], 0, 10, "log");
    assert.ok(Math.abs(axis.place(10) - 5) < 1e-12);
    assert.deepEqual([0, 0.00001234, 0.1, 12.3456, 12345, 3e9].map(numberLabel), [
      "0",
      "1.23e-5",
      "0.1",
      "12.35",
      "12,345",
      "3e9",
    ]);
  });
});

describe("the progress line", () => {
  const state = { step: 1250, steps: 2000, loss: 0.12345, seconds: 100, stepsHere: 1250, batch: 128 };

  it("says where the run is, how fast, and how long it takes", () => {
    assert.equal(progressLine(state), "step 1,250/2,000  62 %  loss 0.1235  1,600 images/s  1 min 0 s left");
    assert.equal(progressLine({ ...state, step: 2000 }), "step 2,000/2,000  100 %  loss 0.1235  1,600 images/s");
    assert.equal(progressLine({ ...state, seconds: 0, loss: Number.NaN }), "step 1,250/2,000  62 %  loss NaN");
  });

  it("has units that fit", () => {
    assert.deepEqual([0.4, 59.4, 61, 3700, 90_000].map(duration), ["0 s", "59 s", "1 min 1 s", "1 h 1 min", "1 d 1 h"]);
    assert.deepEqual([0.1234, 12.34, 1234.5].map(throughput), ["0.123 images/s", "12.3 images/s", "1,235 images/s"]);
  });
});
