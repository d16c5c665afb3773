/** Mistakes that cannot be said: a spec that tries each, and everything the compiler answers. */
import { type Parts, spec } from "../rules/build.js";

export interface Proof {
  readonly text: string;
  readonly says: readonly string[];
}

const drop = "LabelDropout {}(digits.label)";
const pass = `  let pass = flow(net, digits.image, ${drop})`;

/** A run alone: nothing is sampled. */
function run(p: Parts, says: readonly string[]): Proof {
  return { text: spec({ sample: "", ...p }), says };
}

function draws(sample: string, says: readonly string[], p: Parts = {}): Proof {
  return { text: spec({ ...p, sample }), says };
}

export const proofs = {
  "null label by number": run({ terms: "denoise: flow(net, digits.image, 1000)" }, [
    "7:69 error argument-type: `y` wants positions on the axis `class` and is given the number 1000",
  ]),
  "null label in a sampler": draws(", labels: [11]", [
    "9:18 error index-range: `label(11)`: `label` has positions 1..10",
  ]),
  "labels dropped by the network": run(
    { net: "model net: SiT { hidden: 32, depth: 2, heads: 2, patch: 4, drop: 0.1 }" },
    ["3:60 error unknown-setting: `SiT` has no setting `drop`"],
  ),
  "a sampler with a direction of its own": draws(
    ", method: Euler { data_at: 0 }",
    ["9:87 error unknown-setting: `Euler` has no setting `data_at`"],
    { use: "Euler" },
  ),
  "a sampler with a null label of its own": draws(", null_label: 1000", [
    "9:71 error unknown-setting: `Generate` has no setting `null_label`",
  ]),
  "an option of another program": draws(", cfg_scale: 1.5", [
    "9:71 error unknown-setting: `Generate` has no setting `cfg_scale`",
  ]),
  "a misspelt word": run({ flow: "objective flow: Flow { predict: velosity }" }, [
    "4:33 error unknown-word: `velosity` is none of the words velocity, noise, score, data",
  ]),
  "a reduction by axis number": run({ body: pass, terms: "denoise: pass, small: mean(pass.model.h(1), 1)" }, [
    "8:58 error argument-count: `mean` takes 1 arguments and is given 2",
  ]),
  "a similarity without an axis": run(
    { use: "cosine", body: pass, terms: "denoise: pass, a: mean(cosine(pass.model.h(1), pass.model.h(2)))" },
    ["8:59 error axis-argument: `cosine` wants a in brackets: `cosine[…](…)`"],
  ),
  "a mean that leaves tokens": run(
    { use: "cosine", body: pass, terms: "denoise: pass, a: cosine[dim](pass.model.h(1), pass.model.h(2))" },
    ["8:54 error term-axes: the term `a` still has the axes [token: 49]: only `batch` is averaged"],
  ),
  "a table of samples by samples": run(
    { body: pass, terms: "denoise: pass, a: mean(pass.t * digits.image[batch -> other])" },
    [
      "8:59 error unannounced-outer: `*` would make a table of [batch: 8, other: 8, channel: 1, row: 28, col: 28]: neither side has the other's axis",
    ],
  ),
  "an option that nothing reads": run(
    {
      more: "loss Small { weight: float = 1 } (h: [token, dim]) -> [] = mean[token, dim](h)",
      body: pass,
      terms: "denoise: pass, a: Small {}(pass.model.h(1))",
    },
    ["5:14 warning unused-setting: no equation of `Small` reads the setting `weight`"],
  ),
  "block 0": run({ body: pass, terms: "denoise: pass, a: mean(pass.model.block(0).out)" }, [
    "8:59 error index-range: `block(0)`: `block` has positions 1..2",
  ]),
  "a block from behind": run({ body: pass, terms: "denoise: pass, a: mean(pass.model.block(-1).out)" }, [
    "8:59 error index-range: `block(-1)`: `block` has positions 1..2",
  ]),
  "a list of blocks past the end": run({ body: pass, terms: "denoise: pass, a: mean(pass.model.block(1..12).out)" }, [
    "8:59 error index-range: `block(3)`: `block` has positions 1..2",
  ]),
  "a grid of tokens with one in front": run(
    {
      use: "to_grid",
      net: "part Front (x: [token, dim], c: [cond]) -> [token, dim] {\n  weight w: [dim] = 0\n  let g = to_grid(concat[token](w, x))\n  return x + mean[row, col](g)\n}\nmodel net: SiT { hidden: 32, depth: 2, heads: 2, patch: 4, layer: Front }",
    },
    ["5:11 error not-square: 50 is not the square of a whole number"],
  ),
  "a width given twice": run(
    {
      use: "Mlp",
      body: pass,
      more: "part p: Mlp { hidden: 8, hidden: 16 }",
      terms: "denoise: pass, a: mean(p(pass.model.h(1)))",
    },
    ["5:26 error duplicate-setting: the setting `hidden` is given twice"],
  ),
  "a variable that is not there": run({ body: pass, terms: "denoise: pass, a: 0.5 * cls_loss" }, [
    "8:60 error unknown-name: `cls_loss` is not known here",
  ]),
  "an encoder inside a derivative": run(
    {
      use: "Latents Onnx",
      data: `data digits: Latents { path: "x", image: [channel: 3, row: 28, col: 28], class: 10, scale: 1, pixels: 28 }\nencoder eyes: Onnx { file: "e.onnx", input: 28, patches: [token: 4, feature: 8] }`,
      body: `${pass}\n  fn seen(z) = mean(eyes(z).patches)\n  let (here, slope) = jvp(seen, at: pass.z, along: 1)`,
      terms: "denoise: pass, a: slope + here",
    },
    ["9:26 error encoder-input: the encoder `eyes` takes the `pixels` of data as they are, and is given a tensor"],
  ),
  "attention inside a derivative": run(
    {
      use: "MeanFlow",
      net: "model net: SiT { hidden: 32, depth: 2, heads: 2, patch: 4, two_times: true }",
      flow: "objective flow: MeanFlow",
    },
    [],
  ),
  "half precision of 16 bits": {
    text: spec({ sample: "" }).replace("steps: 100", "steps: 100, precision: f16"),
    says: ["6:50 error unknown-word: `f16` is none of the words f32, bf16"],
  },
  "a gate that looks at a value": run({ body: pass, terms: "denoise: pass, a: if pass > 0.5 then pass else 0" }, [
    "8:57 error if-not-static: the condition of an `if` must be known before anything runs, and this is a tensor of bools",
  ]),
  "a teacher without a copy": run(
    {
      body: `${pass}\n  let seen = ema(net)(digits.image, pass.t, digits.label)`,
      terms: "denoise: pass, a: mean(seen)",
    },
    ["8:14 error no-average: the run keeps no averaged weights"],
  ),
  "a skip from behind": run(
    {
      use: "GatedAdd",
      net: "model net: SiT { hidden: 32, depth: 4, heads: 2, patch: 4 } with {\n  skip long: block(4).out -> block(2).in via GatedAdd\n}",
    },
    ["4:14 error edge-backward: this skip runs backward: `block(4).out` is computed after `block(2).in`"],
  ),
  "a skip from a value to itself": run(
    {
      use: "GatedAdd",
      net: "model net: SiT { hidden: 32, depth: 4, heads: 2, patch: 4 } with {\n  skip long(i): block(i).out -> block(depth + 1 - i).in via GatedAdd for i in 1..depth/2\n}",
    },
    ["4:17 error edge-self: at i = 2 this skip goes from a value to itself: `block(2).out` is `block(3).in`"],
  ),
  "pairs of blocks in an odd depth": run(
    {
      use: "GatedAdd",
      net: "model net: SiT { hidden: 32, depth: 5, heads: 2, patch: 4 } with {\n  skip long(i): block(i).out -> block(depth + 1 - i).in via GatedAdd for i in 1..depth/2\n}",
    },
    ["4:79 error not-whole: a whole number is wanted, and this is 2.5"],
  ),
  "weights that no optimizer takes": {
    text: spec({
      use: "Linear",
      more: "part probe: Linear { to: [wide: 4] }",
      body: pass,
      terms: "denoise: pass, a: mean(probe(pass.model.h(1)))",
      sample: "",
    }).replace("AdamW { lr: 1e-3 }", "AdamW { lr: 1e-3 } over net"),
    says: ["9:3 error untrained-weight: `denoise` and `a` reach the weights of `probe`, and no `over` takes them"],
  },
  "one weight in two optimizers": {
    text: spec({ sample: "" })
      .replace(/ {2}minimize (.*)\n/, "  minimize first $1\n  minimize second $1\n")
      .replaceAll("AdamW { lr: 1e-3 }", "AdamW { lr: 1e-3 } over net"),
    says: ["8:3 error trained-twice: `net.embed.proj.w` is trained by `first` and by `second`"],
  },
  "two draws under one name": run(
    {
      use: "Uniform",
      more: "part Twice () -> [] {\n  part law: Uniform\n  return law() + law()\n}",
      body: pass,
      terms: "denoise: pass, a: mean(pass * Twice {}())",
    },
    ["7:18 error ambiguous-draw: two draws would have the path `run.a.Twice.law.u`"],
  ),
  "fields of another file": run({ terms: "denoise: flow(net, digits.latents, digits.label)" }, [
    "7:62 error unknown-field: there is no field `latents`: it has image, label, pixels",
  ]),
  "a scale of the latents in the sampler": draws(", scale: 0.18215", [
    "9:71 error unknown-setting: `Generate` has no setting `scale`",
  ]),
  "guidance of channels counted from 0": draws(", guidance: 2, channels: 0..2", [
    "9:84 error guidance-channels-range: there are channels 1..1, and 0..2 are to be guided",
  ]),
  "a sampler of another sort of objective": draws(
    ", method: Chain",
    ["5:79 error lacks-setting: the setting `ticks` is wanted of `flow`, and `Flow` has none of that name"],
    {
      more: "sampler Chain (field: fn(z, t), z: [*], o: objective) -> [*] = z + field(z, o.ticks).velocity",
    },
  ),
  "a class token lost in front": run(
    {
      use: "Latents Linear Onnx cosine",
      data: `data digits: Latents { path: "x", image: [channel: 4, row: 8, col: 8], class: 10, scale: 0.18215, pixels: 64 }`,
      net: "model net: SiT { hidden: 32, depth: 2, heads: 2, patch: 2 }",
      more: `encoder eyes: Onnx { file: "e.onnx", input: 56, patches: [token: 17, feature: 8] }
loss Align (h: [token, dim], target: [token, feature]) -> [] {
  part head: Linear { to: [feature] }
  return -mean[token](cosine[feature](head(h), target))
}
loss align: Align`,
      body: pass,
      terms: "denoise: pass, align: 0.5 * align(pass.model.h(1), eyes(digits.pixels).patches)",
    },
    ["14:87 error axis-mismatch: `token` is 17 here and 16 there"],
  ),
  "a picture that is not square": run(
    {
      use: "Latents",
      data: `data digits: Latents { path: "x", image: [channel: 4, row: 4, col: 16], class: 10, scale: 0.18215 }`,
    },
    [],
  ),
  "tokens behind one in front": run(
    { body: pass, terms: "denoise: pass, a: mean(pass.model.h(1)[token = 2..49])" },
    [],
  ),
  "a term that ends": run({ body: pass, terms: "denoise: pass, a: mean(pass.model.h(1)) if step < 50" }, []),
  "a part that is dropped in training": run(
    {
      net: "model net: SiT { hidden: 32, depth: 4, heads: 2, patch: 4 } with {\n  draw u ~ uniform if training\n  set block(3).out = where(u < 0.1, h(2), block(3).out) if training\n}",
    },
    [],
  ),
  "tokens put in front from a block on": run(
    {
      net: "model net: SiT { hidden: 32, depth: 4, heads: 2, patch: 4 } with {\n  weight front: [dim: hidden] ~ normal(0.02)\n  set block(2).in = concat[token](front, block(2).in)\n  set block(4).out = block(4).out[token = 2..50]\n}",
    },
    [],
  ),
} as const satisfies Readonly<Record<string, Proof>>;

export type ProofName = keyof typeof proofs;
