/** Fixtures held against a plan: what entries of a `layout … for PLAN` mean (language reference §8.6). */
import assert from "node:assert/strict";
import { join } from "node:path";
import { compileFixtures } from "../../compiler/index.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import { Safetensors } from "../../runtime/checkpoint/safetensors.js";
import { writeSafetensors } from "../../runtime/checkpoint/safetensors-writer.js";
import { reference } from "../../runtime/engines/reference.js";
import { tolerances } from "../../runtime/verify/compare.js";
import { verify } from "../../runtime/verify/verify.js";
import { scratch } from "../runtime/toy.js";
import { sound } from "./specs.js";

const vector = (...data: number[]): HostTensor => ({
  dtype: "float",
  shape: [data.length],
  data: Float64Array.from(data),
});

/** What `dit verify` says of each name, and what it does not compare. */
async function held(spec: string, tensors: Readonly<Record<string, HostTensor>>): Promise<Record<string, string>> {
  const path = join(scratch(), "fixture.safetensors");
  const named = new Map(Object.entries(tensors));
  await writeSafetensors(path, named, { floats: "F32" });
  const { value, diagnostics } = compileFixtures(sound(spec), named);
  assert.deepEqual(diagnostics, []);
  const file = await Safetensors.open(path);
  try {
    const { rows, notCompared } = await verify(value ?? [], file, reference, tolerances[64]);
    return Object.fromEntries([
      ...rows.map((r) => [r.name, r.verdict]),
      ...notCompared.map((n) => [n, "not compared"]),
    ]);
  } finally {
    await file.close();
  }
}

describe("fixtures", () => {
  const spec = `
use std.{AdamW, Latents}
data lat: Latents { path: "none", image: [channel: 2], scale: 1 }
part Gain (x: [channel]) -> [channel] {
  weight k: [channel] = 1
  return k * x
}
part left: Gain
part right: Gain
train run {
  data: lat, batch: 1, steps: 1
  minimize first by AdamW { lr: 1e-2 } over left { one: sum[channel](left(lat.image)) }
  minimize second by AdamW { lr: 1e-2 } over right { three: 3 * sum[channel](right(lat.image)) }
}
layout Gains for Gain { "k" <-> k }
layout Fixture for run {
  "weight/left" <-> left as Gains
  "weight/right" <-> right as Gains
  "input/x" <-> lat.image
  "grad/left" <-> left as Gains
  "grad/right" <-> right as Gains
  "output/of_both" <-> grad(first + 2 * second, right) as Gains
}
`;
  const given = {
    "weight/left.k": vector(1, 1),
    "weight/right.k": vector(1, 1),
    "input/x": { ...vector(1, 2), shape: [1, 2] },
  };

  it("compare each weight's gradient in the minimize that takes it, and the gradient of any total", async () => {
    const right = { "grad/left.k": vector(1, 2), "grad/right.k": vector(3, 6), "output/of_both.k": vector(6, 12) };
    assert.deepEqual(await held(spec, { ...given, ...right }), {
      "grad/left.k": "ok",
      "grad/right.k": "ok",
      "output/of_both.k": "ok",
    });
    assert.deepEqual(await held(spec, { ...given, "output/of_both.k": vector(3, 6), "output/other": vector(1) }), {
      "output/of_both.k": "differs",
      "output/other": "not compared",
    });
  });
});
