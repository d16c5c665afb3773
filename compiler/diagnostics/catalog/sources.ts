import { type Catalog, entry } from "../../../grammar/diagnostic.js";
import { trains } from "./specs.js";

const latents = (rest: string) =>
  `data digits: Latents { path: "latents", image: [channel: 4, row: 8, col: 8], ${rest} }`;
const teacher = (rest: string, use: string) =>
  trains({
    use: `Latents Onnx ${use}`,
    data: latents("class: 10, scale: 0.18215, pixels: 64"),
    more: `encoder dino: Onnx { file: "dino.onnx", ${rest} }
loss Align (h: [token, dim], target: [token, feature]) -> [] {
  part head: Linear { to: [feature] }
  return -mean[token](cosine[feature](head(h), target))
}
loss align: Align`,
    body: "let pass = flow(net, digits.image, digits.label)",
    terms: "denoise: pass, align: 0.5 * align(pass.model.h(1), dino(digits.pixels).patches[token = 1..4])",
  });

/** Data, encoders, lists of blocks: numbers that are nearly right. */
export const sourcesCatalog = {
  "latents-scale": entry<{ scale: number; why: string }>({
    severity: "warning",
    message: (a) => `a scale of ${a.scale} is unusual: ${a.why}`,
    explain: `Latents are multiplied by \`scale\` so that their variance is near 1. 0.18215 belongs to the usual autoencoder of four
channels; 0.18125 is a slip that has been released. Decoding must divide by the same number.`,
    example: trains({ use: "Latents", data: latents("class: 10, scale: 0.18125") }),
  }),
  "class-count-null": entry<{ classes: number }>({
    severity: "warning",
    message: (a) => `${a.classes} classes: the label \`none\` needs no class of its own`,
    explain: `Elsewhere the null label is one more row of the table, and class counts are one too large. Here \`none\` has its own
vector: ImageNet has 1000 classes.`,
    example: trains({ use: "Latents", data: latents("class: 1001, scale: 0.18215") }),
  }),
  "encoder-class-token": entry<{ output: string; tokens: number; patches: number }>({
    severity: "warning",
    message: (a) => `${a.tokens} tokens in \`${a.output}\` are ${a.patches} patches and the class token`,
    explain: `Patches are aligned with the tokens of the network one by one; a class token in front shifts them all by one place.
Ask the encoder for the patches alone.`,
    example: teacher("input: 28, patches: [token: 5, feature: 8]", "Linear cosine"),
  }),
  "encoder-grid": entry<{ tokens: number; side: number; input: number }>({
    severity: "warning",
    message: (a) =>
      `${a.tokens} tokens are ${a.side} x ${a.side}, and an input of ${a.input} cannot be cut into that many patches`,
    explain: `An encoder cuts its input into square patches: 224 pixels give 16 x 16 patches of 14. One of the two numbers belongs to
another encoder, or another input size.`,
    example: teacher("input: 225, patches: [token: 4, feature: 8]", "Linear cosine"),
  }),
  "tokens-other-grid": entry<{ count: number; side: number; rows: number; columns: number }>({
    severity: "warning",
    message: (a) =>
      `${a.count} tokens of the encoder are ${a.side} x ${a.side}, those of the network ${a.rows} x ${a.columns}: the same number, other places`,
    explain: `Tokens are compared one by one, and the axes fit. But the encoder cuts a square, and the network cuts a picture that is none:
from the second row on, each token is compared with one of another place of the picture. Resample the encoder's tokens on their
grid (\`f[token -> (row: 16, col)]\`, \`resize[row, …]\`) before they become a list again, or take square samples.`,
    example: trains({
      use: "Latents Linear Onnx cosine",
      data: `data digits: Latents { path: "latents", image: [channel: 4, row: 8, col: 32], class: 10, scale: 0.18215, pixels: 64 }`,
      more: `encoder dino: Onnx { file: "dino.onnx", input: 56, patches: [token: 16, feature: 8] }
loss Align (h: [token, dim], target: [token, feature]) -> [] {
  part head: Linear { to: [feature] }
  return -mean[token](cosine[feature](head(h), target))
}
loss align: Align`,
      body: "let pass = flow(net, digits.image, digits.label)",
      terms: "denoise: pass, align: 0.5 * align(pass.model.h(1), dino(digits.pixels).patches)",
    }),
  }),
  "encoder-input": entry<{ name: string; found: string }>({
    severity: "error",
    message: (a) => `the encoder \`${a.name}\` takes the \`pixels\` of data as they are, and is given ${a.found}`,
    explain: `An encoder runs outside the step: what it gives is read like a field of data. So it takes \`pixels\`, pictures in 0..1, and
does the resizing and its own mean and deviation itself; \`image\` is in another range, or no picture at all.`,
    example: trains({
      use: "Onnx",
      more: `encoder dino: Onnx { file: "dino.onnx", input: 28, patches: [token: 4, feature: 8] }`,
      terms: "denoise: flow(net, digits.image, digits.label), a: mean(dino(digits.image).patches)",
    }),
  }),
  "encoder-two-inputs": entry<{ name: string; first: string; second: string }>({
    severity: "error",
    message: (a) =>
      `the encoder \`${a.name}\` is given the pictures of \`${a.first}\` and of \`${a.second}\`: it takes one of them`,
    explain: `What an encoder gives is an input of the step, one for each instance. For a second kind of pictures write a second instance:
\`encoder other: Onnx { … }\` with the same settings.`,
    example: trains({
      use: "Onnx",
      more: `data others: Digits { flip: true }\nencoder dino: Onnx { file: "dino.onnx", input: 28, patches: [token: 4, feature: 8] }`,
      terms:
        "denoise: flow(net, digits.image, digits.label), a: mean(dino(digits.pixels).patches) * mean(dino(others.pixels).patches)",
    }),
  }),
  "empty-list": entry<{ setting: string }>({
    severity: "warning",
    message: (a) => `the list for \`${a.setting}\` is empty`,
    explain: `The rule that chooses blocks or pairs found none, for this depth. A diversity loss over no pairs is a constant;
the release has this for 7 blocks and the second one aligned.`,
    example: trains({
      use: "BlockDiversity first_pairs",
      body: "let pass = flow(net, digits.image, digits.label)\nlet div = BlockDiversity { pairs: first_pairs(net.depth, 10, 5) }(pass.model.block(..).out)",
      terms: "denoise: pass, diverse: 0.1 * div.total",
    }),
  }),
  "pair-with-itself": entry<{ block: number }>({
    severity: "warning",
    message: (a) => `block ${a.block} is paired with itself`,
    explain: `A block is as similar to itself as can be: the pair adds a constant and no gradient. Pairs are written (i, j) with
i below j.`,
    example: trains({
      use: "BlockDiversity",
      body: "let pass = flow(net, digits.image, digits.label)\nlet div = BlockDiversity { pairs: [(1, 2), (2, 2)] }(pass.model.block(..).out)",
      terms: "denoise: pass, diverse: 0.1 * div.total",
    }),
  }),
  "pairs-wrap": entry<{ first: number; second: number }>({
    severity: "warning",
    message: (a) => `pairs wrap round: (${a.first}, ${a.second}) pairs a late block with an early one`,
    explain: `The released rule starts \`aligned\` blocks before the tenth pair. For a late aligned block that is before the first block, and
counting from the end takes over: pairs of the last block. To repeat a released run allow this; else choose pairs
with \`first_pairs\`.`,
    example: trains({
      use: "BlockDiversity release_pairs",
      net: "model net: SiT { hidden: 8, depth: 12, heads: 2, patch: 14 }",
      body: "let pass = flow(net, digits.image, digits.label)\nlet div = BlockDiversity { pairs: release_pairs(net.depth, 10) }(pass.model.block(..).out)",
      terms: "denoise: pass, diverse: 0.1 * div.total",
    }),
  }),
  "tap-after-fusion": entry<{ tap: string }>({
    severity: "warning",
    message: (a) => `\`${a.tap}\` is read after the skip is fused into it`,
    explain: `The final value of a place is the one after all its rewires. The block itself gave something else: whether a paper aligns
the features before or after its fusion changes the result. For what the block gave, tap the place in front of
the skip (\`with { tap before = block(8).out … }\` above it), or align an earlier block.`,
    example: trains({
      use: "GatedAdd",
      net: "model net: SiT { hidden: 8, depth: 2, heads: 2, patch: 14 } with {\n  skip long: block(1).out -> block(2).out via GatedAdd\n}",
      body: "let pass = flow(net, digits.image, digits.label)",
      terms: "denoise: pass, small: 0.1 * mean(pass.model.block(2).out)",
    }),
  }),
} as const satisfies Catalog;
