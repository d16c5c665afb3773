/** Trains the reader of digits, and lets it read pictures. */

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DiskHost } from "../../cli/host.js";
import { compileSample, compileTrain, loadSpec, type Spec } from "../../compiler/index.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import type { RunState } from "../../runtime/checkpoint/checkpoint.js";
import { onnx } from "../../runtime/engines/onnx.js";
import { train } from "../../runtime/train/train.js";

/** A spec without errors, or a test that says which. */
export function open(path: string): Spec {
  const { value, diagnostics } = loadSpec(path, new DiskHost());
  const errors = diagnostics.filter((d) => d.severity === "error").map((d) => d.message);
  if (!value || errors.length > 0) throw new Error(`${path}: ${errors.join("; ")}`);
  return value;
}

export async function trained(spec: Spec): Promise<RunState> {
  const plan = compileTrain(spec).value;
  if (!plan) throw new Error("the spec has no train plan");
  const result = await train(plan, { engine: onnx, folder: mkdtempSync(join(tmpdir(), "dit-")) });
  return result.state;
}

export interface Reader {
  /** The digit in each picture, [n, 1, 28, 28] in -1..1. */
  read(pictures: HostTensor): Promise<number[]>;
  close(): Promise<void>;
}

export async function trainReader(): Promise<Reader> {
  const spec = open("spec/quality/reader.dit");
  const state = await trained(spec);
  const plan = compileSample(spec).value;
  if (!plan) throw new Error("the reader has no sample plan");
  const session = await onnx.load(plan.program.module, { mode: "stepwise" });
  const size = 28 * 28;
  async function chunk(pictures: HostTensor, from: number, count: number): Promise<number[]> {
    const inputs = new Map<number, HostTensor>();
    plan?.program.inputs.forEach((input, k) => {
      const weight = input.role === "weight" ? state.weights.get(input.path) : undefined;
      if (weight) inputs.set(k, weight);
      else if (input.role === "draw") {
        const data = new Float64Array(plan.chunk * size);
        data.set(pictures.data.subarray(from * size, (from + count) * size));
        inputs.set(k, { dtype: "float", shape: [plan.chunk, 1, 28, 28], data });
      }
    });
    const logits = [...(await session.run(inputs)).values()][0];
    if (!logits) throw new Error("the reader gives nothing");
    return Array.from({ length: count }, (_, i) => {
      const row = Array.from(logits.data.subarray(i * 10, i * 10 + 10));
      return row.indexOf(Math.max(...row));
    });
  }
  return {
    async read(pictures) {
      const n = pictures.shape[0] ?? 0;
      const digits: number[] = [];
      for (let from = 0; from < n; from += plan.chunk)
        digits.push(...(await chunk(pictures, from, Math.min(plan.chunk, n - from))));
      return digits;
    },
    close: () => session.dispose(),
  };
}
