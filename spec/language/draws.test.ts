/** Draws below the calls of a sampler, and labels that are none (language reference §5.3, §6.2). */
import assert from "node:assert/strict";
import { assertNear, field, numbers, sampled, scalar, stepped } from "./numbers.js";
import { codes, sound } from "./specs.js";

/** A network that draws whenever it is called, and how it is sampled. */
const spec = (how: string) => `use std.{Euler, Flow, Generate, Heun, Latents, sq}
data lat: Latents { path: "none", image: [channel: 2, row: 2, col: 2], class: 3, scale: 1 }
/// A label of its own width, so that it shows whether the network knows how many classes there are.
model Noisy { loud: float = 1 } (x: [channel, row, col], t: [], y: @class = none) -> [channel, row, col] {
  weight table: [class: 3] = 1
  draw u: [channel, row, col] ~ normal
  return loud * u + where(y == none, class, sum[class](table))
}
model net: Noisy
model quiet: Noisy { loud: 0 }
objective flow: Flow
sample pictures: Generate { flow, model: net, like: lat, count: 1, ${how} }
`;

function drawn(how: string): string[] {
  return sampled(sound(spec(how)))
    .program.draws.map((d) => d.path)
    .toSorted();
}

describe("draws below a sampler", () => {
  it("belong to the tap that holds what the field gave, each step its own", () => {
    assert.deepEqual(drawn("method: Euler { steps: 2 }"), [
      "pictures.method.f.1.strong.model.u",
      "pictures.method.f.2.strong.model.u",
      "pictures.u",
      "pictures.z",
    ]);
  });

  it("are apart for the two branches of guidance and the two stages of a step", () => {
    assert.deepEqual(
      drawn("method: Heun { steps: 2 }, guidance: 2").filter((p) => p.includes("method")),
      [
        "pictures.method.f.1.strong.model.u",
        "pictures.method.f.1.weaker.model.u",
        "pictures.method.f.2.strong.model.u",
        "pictures.method.f.2.weaker.model.u",
        "pictures.method.g.1.strong.model.u",
        "pictures.method.g.1.weaker.model.u",
      ],
    );
  });

  it("may not have one name twice, also where the network is a function of the graph", () => {
    const twice = `use std.{Latents}
data lat: Latents { path: "none", image: [channel: 2, row: 2, col: 2], class: 3, scale: 1 }
model Noisy (x: [channel, row, col], t: []) -> [channel, row, col] {
  draw u: [channel, row, col] ~ normal
  return u
}
model net: Noisy
sample one {
  like: lat, count: 1
  draw z: [*] ~ normal
  let both = net(z, 0) - net(z, 1)
  return both
}
`;
    assert.ok(codes(twice).includes("ambiguous-draw"));
    assert.ok(
      !codes(
        twice.replace("let both = net(z, 0) - net(z, 1)", "let a = net(z, 0)\n  let b = net(z, 1)\n  let both = a - b"),
      ).includes("ambiguous-draw"),
    );
  });
});

describe("guidance", () => {
  it("may go from another network, with and without labels", () => {
    const strong = numbers(sampled(sound(spec("weak: quiet, guidance: 1"))));
    const weak = numbers(sampled(sound(spec("weak: quiet, guidance: 0, sees: both"))));
    assert.notDeepEqual(strong, weak);
    assert.ok(codes(spec("weak: quiet, sees: neither, guidance: 2, labels: [1]")).includes("require"));
    assert.ok(!drawn("weak: quiet, sees: neither, guidance: 2").includes("pictures.u"));
  });
});

describe("a `let` with a type", () => {
  const typed = (line: string) => `use std.{AdamW, Digits, Flow, SiT}
data digits: Digits
model net: SiT { hidden: 8, depth: 2, heads: 2, patch: 4 }
objective flow: Flow
train run {
  data: digits, batch: 2, steps: 1
  ${line}
  minimize by AdamW { lr: 1e-3 } { denoise: flow(net, digits.image, digits.label), more: a }
}
`;
  it("is held to it", () => {
    assert.ok(codes(typed("let a: [batch, row] = digits.image")).includes("result-axes"));
    sound(typed("let a: [batch] = sum[channel, row, col](digits.image)"));
  });

  it("knows of which axis it is none", () => {
    const size = (type: string) => `use std.{Latents}
data lat: Latents { path: "none", image: [channel: 1, row: 1, col: 1], class: 3, scale: 1 }
part Classes (y: @class) -> [] = class
sample one {
  like: lat, count: 1
  draw z: [*] ~ normal
  let nobody${type} = none
  return 0 * z + Classes {}(nobody)
}
`;
    assert.deepEqual(numbers(sampled(sound(size(": @class")))), [3]);
    assert.deepEqual(numbers(sampled(sound(size("")))), [0]);
  });
});

describe("dropout", () => {
  const spec = (p: number) => `use std.{AdamW, Digits, Dropout, Flow, Generate, JiT}
data digits: Digits
model net: JiT { hidden: 16, depth: 5, heads: 2, patch: 14, bottleneck: 3, context: 2, context_at: 3, proj_drop: ${p} }
objective flow: Flow { predict: data }
train run {
  data: digits, batch: 2, steps: 1
  let thin = Dropout { p: ${p}, over: [channel, row, col] }(digits.image)
  minimize by AdamW { lr: 1e-3 } { denoise: flow(net, digits.image, digits.label) }
  log every 1 { thin: mean(thin) }
}
sample pictures: Generate { flow, model: net, like: digits, count: 1 }
`;

  it("zeroes what its draw says and scales the rest", () => {
    const n = stepped(sound(spec(0.25)));
    const image = field({ ...n, out: n.fed }, "digits.image").data;
    const u = field({ ...n, out: n.fed }, "run.thin.u").data;
    const left = Array.from(u, (x, i) => (x < 0.25 ? 0 : (image[i] ?? 0) / 0.75));
    assertNear([scalar(n, "thin")], [left.reduce((a, b) => a + b) / left.length]);
  });

  it("is in the middle half of JiT's blocks, in training only, and nowhere with 0", () => {
    const inBlocks = (text: string) =>
      stepped(sound(text))
        .program.draws.map((d) => d.path)
        .filter((p) => p.includes("block"));
    assert.deepEqual(inBlocks(spec(0.25)), [
      "run.denoise.model.block.2.attn.thin_out.u",
      "run.denoise.model.block.2.mlp.thin.u",
      "run.denoise.model.block.3.attn.thin_out.u",
      "run.denoise.model.block.3.mlp.thin.u",
    ]);
    assert.deepEqual(inBlocks(spec(0)), []);
    assert.deepEqual(
      sampled(sound(spec(0.25)))
        .program.draws.map((d) => d.path)
        .toSorted(),
      ["pictures.u", "pictures.z"],
    );
  });
});
