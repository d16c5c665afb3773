import assert from "node:assert/strict";
import { check, lines } from "./load.js";

/** A spec, and beside it all that is said about it. */
function says(title: string, text: string, wanted: readonly string[]): void {
  it(title, () => {
    assert.deepEqual(lines(check(text)), wanted);
  });
}

describe("rules", () => {
  says(
    "a run whose numbers do not fit",
    `use std.{AdamW, Digits, Flow, Generate, SiT}
data digits: Digits
model net: SiT { hidden: 32, depth: 2, heads: 2, patch: 4 }
objective flow: Flow
train run {
  data: digits, batch: 8, steps: 100, ema: 0.9999
  minimize by AdamW { lr: 0.5 } { denoise: flow(net, digits.image, digits.label) if step < 1_000 }
}
sample pictures: Generate { flow, model: net, like: digits, count: 4, guidance: 3, interval: 0..2 }
`,
    [
      "9:8 warning sample-not-averaged: `pictures` samples the bare weights although the run keeps the average `main`",
      "6:39 warning ema-too-slow: after 100 steps the average `main` still holds 99 % of the initial weights",
      "9:71 warning guidance-without-dropout: guidance asks for pictures without label, and `run` never shows one",
      "9:84 warning interval-outside-clock: the clock of the objective runs from 0 to 1, and this interval is 0..2",
      "7:23 warning lr-high: a learning rate of 0.5 is very high for `AdamW`",
      "7:85 warning step-beyond-run: `step` ends at 99: this is always true",
    ],
  );

  says(
    "a weight that its definition holds still, and one that nobody meant to",
    `use std.{AdamW, Digits, Flow, SiT}
data digits: Digits
part Filled (x: [token, dim]) -> [] {
  weight blank: [dim] ~ normal(0.02)
  weight lost: [dim] ~ normal(0.02)
  return mean(x * stop_gradient(blank) + stop_gradient(2 * lost))
}
model net: SiT { hidden: 32, depth: 2, heads: 2, patch: 4 }
part filled: Filled
objective flow: Flow
train run {
  data: digits, batch: 8, steps: 100
  let pass = flow(net, digits.image, digits.label)
  minimize by AdamW { lr: 1e-3 } {
    denoise: pass
    more: filled(pass.model.h(1))
  }
}
`,
    ["11:7 warning weight-not-moved: `run` reads the weight `filled.lost` and no term moves it"],
  );

  says(
    "rules on a wiring and pairs",
    `use std.{AdamW, BlockDiversity, Digits, Flow, GatedAdd, LabelDropout, SiT, first_pairs}
data digits: Digits
model net: SiT { hidden: 32, depth: 4, heads: 2, patch: 4 } with {
  skip long(i): block(i).out -> block(depth + 1 - i).out via GatedAdd for i in 1..depth/2
}
objective flow: Flow
train run {
  data: digits, batch: 8, steps: 100
  let y = LabelDropout {}(digits.label)
  let pass = flow(net, digits.image, LabelDropout { p: 0.6 }(y))
  let div = BlockDiversity { pairs: first_pairs(net.depth, 10, 4) }(pass.model.block(..).out)
  minimize by AdamW { lr: 1e-3 } {
    denoise: pass
    again: pass
    diverse: -0.1 * div.total
    small: mean(pass.model.block(3).out)
    still: stop_gradient(pass)
  }
}
`,
    [
      "10:38 warning labels-dropped-twice: labels are dropped twice: in the plan",
      "10:53 warning label-dropout-rate: 60 % of the labels are dropped",
      "11:30 warning empty-list: the list for `pairs` is empty",
      "16:17 warning tap-after-fusion: `block(3).out` is read after the skip is fused into it",
      "14:5 warning same-term-twice: `again` says the same as `denoise`",
      "15:14 warning negative-factor: `diverse` has a negative factor: it is maximized",
      "17:5 warning term-without-weights: no weight is reached from `still`: it cannot be minimized",
    ],
  );

  says(
    "times up to the data, where only a derivative is endless: noise compared as it is needs none",
    `use std.{AdamW, Digits, Flow, SiT, Uniform, VP, velocity_weight}
data digits: Digits
model net: SiT { hidden: 32, depth: 2, heads: 2, patch: 4 }
objective noise: Flow { path: VP, predict: noise, data_at: 0, time: Uniform }
objective weighed: Flow { path: VP, predict: noise, data_at: 0, time: Uniform, weighting: velocity_weight }
train run {
  data: digits, batch: 8, steps: 100
  minimize by AdamW { lr: 1e-3 } {
    one: noise(net, digits.image, digits.label)
    two: weighed(net, digits.image, digits.label)
  }
}
`,
    [
      "5:65 warning time-touches-end: times are drawn up to the data end, where the derivative of the noise coefficient is infinite",
    ],
  );

  says(
    "data and encoders",
    `use std.{AdamW, Flow, Generate, LabelDropout, Latents, Mlp3, Onnx, Repa, SiT}
data lat: Latents { path: "x", image: [channel: 4, row: 8, col: 8], class: 1001, scale: 0.1815, pixels: 64 }
encoder dino: Onnx { file: "d.onnx", input: 30, patches: [token: 16, feature: 8] }
model net: SiT { hidden: 32, depth: 2, heads: 2, patch: 2 }
objective flow: Flow { predict: score }
loss repa: Repa { project: Mlp3 { hidden: 16 } }
train run {
  data: lat, batch: 8, steps: 100
  let pass = flow(net, lat.image, LabelDropout {}(lat.label))
  minimize by AdamW { lr: 1e-3 } { denoise: pass, align: 0.5 * repa(pass.model.h(1), dino(lat.pixels).patches) }
}
sample pictures: Generate { flow, model: net, like: lat, count: 4, guidance: 2, channels: 1..3, labels: [0, 5] }
`,
    [
      "12:18 error grid-touches-end: the sampler starts where a score cannot be turned into a velocity: the coefficient of the data is 0 there",
      "12:81 warning guidance-some-channels: 3 of 4 channels are guided",
      "12:97 error label-range: there is no class 0: the data has classes 1..1001",
      "2:82 warning latents-scale: a scale of 0.1815 is unusual: nearly 0.18215, which is the usual one",
      "2:69 warning class-count-null: 1001 classes: the label `none` needs no class of its own",
      "3:49 warning encoder-grid: 16 tokens are 4 x 4, and an input of 30 cannot be cut into that many patches",
    ],
  );
});
