/** Things that are right alone and make no sense together: each is refused before anything runs, and both places are named. */
import assert from "node:assert/strict";
import { placeOf } from "../../compiler/diagnostics/findings.js";
import type { Diagnostic } from "../../grammar/diagnostic.js";
import { type Parts, spec } from "./build.js";
import { check, lines } from "./load.js";

/** What is said, and below it the other places, those of the user's file before those of the library. */
function places(found: readonly Diagnostic[]): string[] {
  return found.flatMap((d) => [
    ...lines([d]),
    ...d.related
      .filter((r) => !r.span.source.path.startsWith("std/"))
      .map((r) => `  ${placeOf(r.span).replace(/^.*?:/, "")} ${r.message}`),
  ]);
}

function says(title: string, parts: Parts, wanted: readonly string[]): void {
  it(title, () => {
    assert.deepEqual(places(check(spec(parts))), wanted);
  });
}

describe("combinations", () => {
  const chain = "sampler Chain (field: fn(z, t), z: [*], o: objective) -> [*] = z + field(z, o.ticks).velocity";
  says("a sampler of chains and a flow", { more: chain, sample: ", method: Chain" }, [
    "5:79 error lacks-setting: the setting `ticks` is wanted of `flow`, and `Flow` has none of that name",
    "  4:1 `flow` is `Flow`",
  ]);
  const view = "fn levels(o: objective, model: model, z: [*], t: [], ..) = (velocity: model(z / o.spread, t, ..))";
  says("a view of noise levels and a flow", { more: view, sample: ", view: levels" }, [
    "5:83 error lacks-setting: the setting `spread` is wanted of `flow`, and `Flow` has none of that name",
    "  4:1 `flow` is `Flow`",
  ]);
  says(
    "a sampler that reads denoised data and a view that gives velocities",
    { use: "EdmHeun", sample: ", method: EdmHeun" },
    ["9:71 error unknown-field: there is no field `data`: it has velocity, score", "  4:1 `flow` is `Flow`"],
  );
  says(
    "a sampler of velocities and a noise",
    {
      use: "on_clock",
      flow: "objective flow: Flow { predict: noise }",
      more: `sampler Mine { steps: int = 3 } (field: fn(z, t), z: [*], o: objective) -> [*] {
  require o.predict is velocity, "\`Mine\` wants a network that predicts velocities"
  return z + field(z, on_clock(o, 0.1)).velocity / steps
}`,
      sample: ", method: Mine",
    },
    [
      "13:71 error require: `Mine` wants a network that predicts velocities",
      "  4:24 `predict` is `noise`",
      "  6:3 required here",
    ],
  );
  says(
    "a route past the last block",
    {
      net: "model net: SiT { hidden: 32, depth: 4, heads: 2, patch: 4 } with {\n  set block(2).in = 2 * h(1)\n  set block(9).out = h(2)\n}",
      sample: "",
    },
    ["5:13 error index-range: `block(9)`: `block` has positions 1..4", "  3:30 `depth` is 4"],
  );
  says(
    "skips in pairs and an odd depth",
    {
      use: "GatedAdd",
      net: "model net: SiT { hidden: 32, depth: 5, heads: 2, patch: 4 } with {\n  skip long(i): block(i).out -> block(depth + 1 - i).in via GatedAdd for i in 1..depth/2\n}",
      sample: "",
    },
    ["4:79 error not-whole: a whole number is wanted, and this is 2.5", "  3:30 `depth` is 5"],
  );
  says(
    "a setting of a block and a width of the network",
    {
      net: `part Cut { into: int } (x: [token, dim], c: [cond]) -> [token, dim] {
  require dim % into == 0, "\`into\` must divide the width"
  return x
}
model net: SiT { hidden: 32, depth: 2, heads: 2, patch: 4, layer: Cut { into: 3 } }`,
      sample: "",
    },
    ["11:45 error require: `into` must divide the width", "  7:73 `into` is 3", "  4:3 required here"],
  );
  says(
    "labels and data without classes",
    { data: `data digits: Folder { path: "x", size: 16 }`, use: "Folder", sample: "" },
    ["7:92 error unknown-field: there is no field `label`: it has image, pixels", "  2:1 `digits` is declared here"],
  );

  const drop = "LabelDropout {}(digits.label)";
  const plain = `data digits: Latents { path: "x", image: [channel: 4, row: 8, col: 8], scale: 0.18215 }`;
  const labelled = plain.replace("scale", "class: 10, pixels: 64, scale");
  const fine = "model net: SiT { hidden: 32, depth: 2, heads: 2, patch: 2 }";
  const align = (
    tokens: number,
    input: number,
  ) => `encoder eyes: Onnx { file: "e.onnx", input: ${input}, patches: [token: ${tokens}, feature: 8] }
loss Align (h: [token, dim], target: [token, feature]) -> [] {
  part head: Linear { to: [feature] }
  return -mean[token](cosine[feature](head(h), target))
}
loss align: Align`;
  const aligned = {
    use: "Latents Linear Onnx cosine",
    net: fine,
    body: `  let pass = flow(net, digits.image, ${drop})`,
    terms: "denoise: pass, align: 0.5 * align(pass.model.h(1), eyes(digits.pixels).patches)",
    sample: "",
  };

  says(
    "a velocity and a noise of one network",
    {
      flow: "objective flow: Flow\nobjective other: Flow { predict: noise }",
      body: `  let y = ${drop}`,
      terms: "denoise: flow(net, digits.image, y), again: other(net, digits.image, y)",
      sample: "",
    },
    [
      "9:80 warning objectives-disagree: `net` is asked for `predict: noise` by `other` and for `predict: velocity` by `flow`",
      "  9:45 `flow` here",
      "  5:1 `predict: noise`",
      "  4:1 `predict: velocity`",
    ],
  );
  says(
    "two clocks of one network, one of them of its copy in evaluation",
    {
      flow: "objective flow: Flow { data_at: 0 }\nobjective other: Flow",
      body: `  let y = ${drop}\n  let pass = other(eval(net), digits.image, y)`,
      terms: "denoise: flow(net, digits.image, y), again: pass",
      sample: "",
    },
    [
      "10:45 warning objectives-disagree: `net` is asked for `data_at: 0` by `flow` and for `data_at: 1` by `other`",
      "  9:14 `other` here",
      "  4:1 `data_at: 0`",
      "  5:1 `data_at: 1`",
    ],
  );
  says(
    "one question asked twice, with other laws of time and weights",
    {
      use: "LogitNormal min_snr",
      flow: "objective flow: Flow\nobjective other: Flow { time: LogitNormal, weighting: min_snr }",
      body: `  let y = ${drop}`,
      terms: "denoise: flow(net, digits.image, y), again: other(net, digits.image, y)",
      sample: "",
    },
    [],
  );
  says(
    "an average velocity and a network that sees one time",
    { use: "MeanFlow", flow: "objective flow: MeanFlow", sample: "" },
    [
      "7:45 warning input-not-read: `net` is given `r` and does not look at it",
      "  3:1 `SiT` does not read `r` with these settings",
    ],
  );
  says("an encoder with another number of tokens", { ...aligned, data: labelled, more: align(25, 70) }, [
    "14:87 error axis-mismatch: `token` is 25 here and 16 there",
    "  14:70 [token: 16, dim: 32]",
    "  5:59 25 comes from here",
  ]);
  says(
    "an encoder with as many tokens in other places",
    { ...aligned, data: labelled.replace("row: 8, col: 8", "row: 4, col: 16"), more: align(16, 56) },
    [
      "5:49 warning tokens-other-grid: 16 tokens of the encoder are 4 x 4, those of the network 2 x 8: the same number, other places",
      "  2:35 the shape of a sample",
    ],
  );
  says("an encoder with the same tokens", { ...aligned, data: labelled, more: align(16, 56) }, []);
  says(
    "no label, labels and guidance where there are no classes",
    {
      use: "Latents",
      data: plain,
      net: fine,
      terms: "denoise: flow(net, digits.image, none)",
      sample: ", guidance: 2, labels: [1, 2]",
    },
    [
      "9:71 warning guidance-without-labels: there are no classes here: guidance does nothing",
      "  2:1 `digits` has no classes",
      "7:69 warning label-without-classes: `none` is for nothing: there are no classes here",
      "  2:1 `digits` has no classes",
      "9:84 warning label-without-classes: these labels are for nothing: there are no classes here",
      "  2:1 `digits` has no classes",
    ],
  );
  says(
    "guidance and labels that are never dropped",
    { terms: "denoise: flow(net, digits.image, digits.label)", sample: ", guidance: 2" },
    [
      "9:71 warning guidance-without-dropout: guidance asks for pictures without label, and `run` never shows one",
      "  5:7 trained here",
    ],
  );
  says(
    "guidance and a dropout of nothing",
    { terms: "denoise: flow(net, digits.image, LabelDropout { p: 0 }(digits.label))", sample: ", guidance: 2" },
    [
      "9:71 warning guidance-without-dropout: guidance asks for pictures without label, and `run` never shows one",
      "  5:7 trained here",
    ],
  );

  says(
    "a loss of velocities and a network that predicts noise",
    {
      use: "VelocityDirection",
      flow: "objective flow: Flow { predict: noise }",
      body: `  let pass = flow(net, digits.image, ${drop})`,
      terms: "denoise: pass, direction: VelocityDirection {}(flow, pass.model.out, pass.target)",
      sample: "",
    },
    [
      "8:62 error require: the direction of a velocity is compared: the objective must predict velocities",
      "  4:24 `predict` is `noise`",
    ],
  );
  says(
    "guidance by another network, where there are no classes",
    {
      use: "Latents",
      data: plain,
      net: fine,
      terms: "denoise: flow(net, digits.image)",
      more: "model short: net with {\n  set block(2).out = h(1)\n}",
      sample: ", guidance: 2, weak: short",
    },
    [],
  );

  says(
    "a chain that learns its variance and a network without channels for it",
    { use: "Ddpm", flow: "objective chain: Ddpm", terms: `denoise: chain(net, digits.image, ${drop})`, sample: "" },
    [
      "7:45 error require: a learned variance takes a network that gives twice the channels (`learn_sigma: true`)",
      "  3:1 `net` is `SiT`",
      "  4:1 `chain` is `Ddpm`",
    ],
  );

  const twoTimes = "model net: SiT { hidden: 32, depth: 2, heads: 2, patch: 4, two_times: true }";
  says(
    "guidance, and guidance in the target",
    {
      use: "MeanFlow MeanSteps raw",
      net: twoTimes,
      flow: "objective flow: MeanFlow { omega: 0.2, kappa: 0.92 }",
      sample: ", view: raw, method: MeanSteps, guidance: 2",
    },
    [
      "9:101 warning guided-twice: `flow` has guidance in its target: here it is guided once more",
      "  4:1 guidance is in this target",
    ],
  );
  says(
    "guidance, and a target without it",
    {
      use: "MeanFlow MeanSteps raw",
      net: twoTimes,
      flow: "objective flow: MeanFlow",
      sample: ", view: raw, method: MeanSteps, guidance: 2",
    },
    [],
  );

  says(
    "noise of one size in training and of another at the start",
    { flow: "objective flow: Flow { noise_scale: 2 }" },
    ["9:8 warning sample-other-setting: `noise_scale` is 1 here and 2 in `flow`", "  4:24 2 here"],
  );
});
