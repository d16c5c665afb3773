/** Where guidance acts and what noise it starts from: intervals with and without their ends, the stages of a step (language reference §10.3). */
import assert from "node:assert/strict";
import { assertNear, field, numbers, sampled } from "./numbers.js";
import { codes, sound } from "./specs.js";

/** The label is the velocity: a step that is not guided counts 1, one that is counts 2. */
const spec = (how: string, more = "model: net, guidance: 2") => `use std.{Euler, Flow, Generate, Heun, Latents}
data lat: Latents { path: "none", image: [channel: 1, row: 1, col: 1], class: 2, scale: 1 }
model Counter (x: [channel, row, col], t: [], y: @class = none) -> [channel, row, col] = 0 * x + where(y == none, 0, 1)
model net: Counter
/// Predicts black pictures.
model Black (x: [channel, row, col], t: [], y: @class = none) -> [channel, row, col] = 0 * x
model black: Black
objective flow: Flow
objective pixels: Flow { predict: data, compare: velocity, floor: 0.5 }
sample pictures: Generate { ${more.includes("flow:") ? "" : "flow, "}${more}, like: lat, count: 1, labels: [1], ${how} }
`;

const noise = (text: string) =>
  field({ ...sampled(sound(text)), out: sampled(sound(text)).fed }, "pictures.z").data[0] ?? 0;

/** What the steps of a quarter add to the noise. */
function quarters(how: string): number {
  const text = spec(how);
  return 4 * ((numbers(sampled(sound(text)))[0] ?? 0) - noise(text));
}

describe("an interval of guidance", () => {
  it("holds its ends", () => {
    assertNear([quarters("method: Euler { steps: 4 }, interval: 0.25..0.5")], [1 + 2 + 2 + 1]);
  });

  it("leaves them out where it is open, but not 0", () => {
    assertNear([quarters("method: Euler { steps: 4 }, interval: 0.25..0.75, ends: open")], [1 + 1 + 2 + 1]);
    assertNear([quarters("method: Euler { steps: 4 }, interval: 0..0.5, ends: open")], [2 + 2 + 1 + 1]);
  });

  it("is looked at where a step starts, or at the stage's own time", () => {
    assertNear([quarters("method: Heun { steps: 4 }, interval: 0.5..0.5")], [1 + 1 + 2 + 1]);
    assertNear([quarters("method: Heun { steps: 4, guided_at: own }, interval: 0.5..0.5")], [1 + 1.5 + 1.5 + 1]);
  });
});

describe("Flow", () => {
  it("divides a predicted clean sample by `floor` at least", () => {
    const text = spec("method: Euler { steps: 4 }", "flow: pixels, model: black");
    // Velocity -z / max(1 - t, 0.5) at t = 0, 1/4, 1/2, 3/4.
    const left = (1 - 0.25) * (1 - 0.25 / 0.75) * (1 - 0.25 / 0.5) * (1 - 0.25 / 0.5);
    assertNear(numbers(sampled(sound(text))), [left * noise(text)]);
  });

  it("starts from noise of another deviation", () => {
    const text = spec("method: Euler { steps: 1 }, noise_scale: 3");
    assertNear(numbers(sampled(sound(text))), [3 * noise(text) + 1 + 1]);
  });

  it("refuses both where they would say nothing", () => {
    const train = (settings: string) => `use std.{AdamW, Digits, Flow, SiT}
data digits: Digits
model net: SiT { hidden: 8, depth: 1, heads: 2, patch: 4 }
objective flow: Flow { ${settings} }
train run {
  data: digits, batch: 2, steps: 1
  minimize by AdamW { lr: 1e-3 } { denoise: flow(net, digits.image, digits.label) }
}
`;
    assert.deepEqual(codes(train("floor: 0.05")), ["require"]);
    assert.deepEqual(codes(train("predict: score, noise_scale: 2")), ["require"]);
    sound(train("predict: data, compare: velocity, floor: 0.05, noise_scale: 2"));
  });
});
