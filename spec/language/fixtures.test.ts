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

const steps = (entries: string) => `
use std.{Latents}
data rows: Latents { path: "none", image: [dim: 2], scale: 1 }
/// A step along a decaying sum of gradients.
optimizer Heavy { lr: float } (w: [*], g: [*], k: []) -> [*] {
  state m: [*] = 0
  let m1 = 0.5 * m + g
  next m = m1
  return w - lr * m1
}
/// \`spare\` is reached from step 100 on.
model Scale (x: [dim], t: []) -> [dim] {
  weight w: [dim] = 1
  weight spare: [dim] = 1
  return w * x + (if step >= 100 then spare else 0)
}
model net: Scale
layout Names for Scale {
  "w" <-> w
  "spare" <-> spare
}
train run {
  data: rows, batch: 4, steps: 2
  draw pull: [dim: 2] ~ normal
  minimize by Heavy { lr: 0.5 } { fit: sum[dim](net(rows.image, 0) * pull) }
}
layout Fixture for run {
  "weight/" <-> net as Names
  ${entries}
}
`;

describe("fixtures", () => {
  it("have none where an index is one past the last: the null label's row", async () => {
    const spec = `
use std.{AdamW, Latents}
data lat: Latents { path: "none", image: [channel: 2], class: 3, scale: 1 }
train run {
  data: lat, batch: 4, steps: 1
  minimize by AdamW { lr: 1 } { fit: sum[channel](gain(lat.image)) }
}
part gain: Gain
part Gain (x: [channel]) -> [channel] {
  weight k: [channel] = 1
  return k * x
}
layout Fixture for run {
  "weight/k" <-> gain.k
  "input/x" <-> lat.image
  "input/y" <-> lat.label
  "output/is_none" <-> (where(lat.label == none, 1, 0))
  "output/position" <-> position(lat.label)
}
`;
    assert.deepEqual(
      await held(spec, {
        "weight/k": vector(1, 1),
        "input/x": { ...vector(1, 2, 3, 4, 5, 6, 7, 8), shape: [4, 2] },
        "input/y": vector(0, 3, 2, 3),
        "output/is_none": vector(0, 1, 0, 1),
        "output/position": vector(1, 0, 3, 0),
      }),
      { "output/is_none": "ok", "output/position": "ok" },
    );
  });

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

  const matrix = (shape: readonly number[], ...data: number[]): HostTensor => ({ ...vector(...data), shape });
  const start = { "weight/w": vector(1, 2), "weight/spare": vector(3, 4) };

  it("feed inputs through axis forms; compare what steps leave: weights, and states of the optimizer by the layout of the weights", async () => {
    const after = {
      "output/grad.0.w": vector(4, -6),
      "output/grad.1.w": vector(1, 0),
      "output/after.0.w": vector(-1, 5),
      "output/after.0.spare": vector(3, 4),
      "output/after.1.w": vector(-2.5, 6.5),
      "output/after.1.spare": vector(3, 4),
      "output/m.w": vector(3, -3),
      "output/half.w": vector(1.5, -1.5),
    };
    const found = await held(
      steps(`"input/x.{step}" <-> rows.image[batch -> (part: 2, batch)] as [part, dim, batch, 1]
  "input/pull.{step}" <-> pull
  "output/grad.{step}" <-> grad(loss, net) as Names
  "output/after.{step}" <-> net as Names
  "output/m" <-> state(loss.m, net) as Names
  "output/half" <-> (0.5 * state(loss.m, net)) as Names`),
      {
        ...start,
        // Means over the batch are 4 and 6, then 1 and 0.
        "input/x.0": matrix([2, 2, 2, 1], 1, 3, 5, 7, 5, 7, 3, 9),
        "input/x.1": matrix([2, 2, 2, 1], 1, 1, 0, 0, 1, 1, 0, 0),
        "input/pull.0": vector(1, -1),
        "input/pull.1": vector(1, 1),
        ...after,
      },
    );
    assert.deepEqual(found, Object.fromEntries(Object.keys(after).map((name) => [name, "ok"])));
  });

  it("say where a tensor of the file does not fit, and what nothing feeds", async () => {
    const found = await held(steps(`"input/x" <-> rows.image`), {
      ...start,
      "input/x": matrix([2, 4], 1, 2, 3, 4, 5, 6, 7, 8),
    });
    assert.deepEqual(found, { "input/x": "failed", "field rows.image": "failed", "draw run.pull": "failed" });
  });
});
