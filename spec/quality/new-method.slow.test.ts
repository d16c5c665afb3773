import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileTrain } from "../../compiler/index.js";
import { onnx } from "../../runtime/engines/onnx.js";
import type { MetricsLine } from "../../runtime/telemetry/metrics.js";
import { train } from "../../runtime/train/train.js";
import { open } from "./reading.js";

describe("a method that the library does not have", () => {
  it("a new block, a new skip and a new loss in one file train, and the loss falls", async function () {
    this.timeout(240_000);
    const plan = compileTrain(open("examples/new-method.dit")).value;
    assert.ok(plan);
    const lines: MetricsLine[] = [];
    await train(
      { ...plan, steps: 60, log: 10, checkpoint: 60 },
      { engine: onnx, folder: mkdtempSync(join(tmpdir(), "dit-")), events: { logged: (line) => lines.push(line) } },
    );
    const [first] = lines;
    const last = lines[lines.length - 1];
    assert.ok(
      (last?.loss ?? Number.NaN) < 0.9 * (first?.loss ?? Number.NaN),
      `the loss went from ${first?.loss} to ${last?.loss}`,
    );
  });
});
