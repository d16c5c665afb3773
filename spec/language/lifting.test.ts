/** Definitions mapped over axes they do not mention (language reference §4.2, §4.3). */
import assert from "node:assert/strict";
import { assertNear, numbers, sampled, scalar, stepped } from "./numbers.js";
import { codes, sound } from "./specs.js";

const head = `use std.{AdamW, Flow, LabelDropout, Latents, SiT, sq}
data lat: Latents { path: "none", image: [channel: 2, row: 4, col: 4], class: 3, scale: 1 }
model net: SiT { hidden: 8, depth: 2, heads: 2, patch: 2 }
objective flow: Flow
train run {
  data: lat, batch: 3, steps: 1
  let pass = flow(net, lat.image, LabelDropout {}(lat.label))
  minimize by AdamW { lr: 1e-3 } { denoise: pass }
}
`;

/** A sample of three at once, and the same three one by one. */
function atOnceAndApart(body: string): [number[], number[]] {
  const text = `${head}sample one {\n  like: lat, count: 3\n  draw x: [*] ~ normal\n  draw t ~ uniform\n  draw y: @class ~ uniform\n${body}}\n`;
  const together = numbers(sampled(sound(text)));
  const alone = sound(text, { chunk: 1 });
  return [together, [0, 1, 2].flatMap((i) => numbers(sampled(alone, i)))];
}

describe("lifting", () => {
  it("gives what evaluation sample by sample gives", () => {
    assertNear(...atOnceAndApart("  return net(x, t, y)\n"));
  });

  it("lifts tangents", () => {
    assertNear(
      ...atOnceAndApart(
        "  fn f(z, s) = net(z, s, y)\n  let (value, slope) = jvp(f, at: (x, t), along: (x, 1))\n  return value + slope\n",
      ),
    );
  });

  it("lifts cotangents", () => {
    assertNear(
      ...atOnceAndApart(
        "  fn f(z) = net(z, t, y)\n  let (value, slope) = vjp(f, at: x, along: x)\n  return value + slope\n",
      ),
    );
  });

  it("shows the axes a function with typed inputs was mapped over, also where it gives the result of a part", () => {
    const text = (inputs: string) => `use std.{Linear, to_grid}
part Told (x: [token, dim]) -> [row: 2, col: 2] {
  part fc: Linear { to: [wide: 1] }
  fn f(${inputs}) = fc(a)
  return to_grid(f(x), 2)[wide = 1]
}
sample one {
  like: zeros[row: 2, col: 2], count: 2
  draw z: [token: 4, dim: 3] ~ normal
  part told: Told
  return told(z)
}
`;
    assert.deepEqual(numbers(sampled(sound(text("a: [dim]")))), numbers(sampled(sound(text("a")))));
  });

  it("puts each sample's rows at its own places, also into a base that is the same for all", () => {
    const body = `  let first = argsort[row](mean[channel, col](x))[row = 1..2][row -> kept]
  let marks = scatter[row](zeros[row: 4], at: first, ones[kept: 2])
  let moved = scatter[row](2 * ones[row: 4, col: 4, channel: 2], at: first, x.at(row: first))
  return moved + repeat[channel](repeat[col](marks, 4), 2)
`;
    assertNear(...atOnceAndApart(body));
  });

  it("a tangent is what a small step gives", () => {
    const text = (e: string) =>
      `${head}sample one {\n  like: lat, count: 2\n  draw x: [*] ~ normal\n  draw t ~ uniform\n  draw y: @class ~ uniform\n  fn f(z) = net(z, t, y)\n  let (value, slope) = jvp(f, at: x, along: x * x)\n  return ${e}\n}\n`;
    const slope = numbers(sampled(sound(text("slope + 0 * value"))));
    const far = numbers(sampled(sound(text("(f(x + 1e-5 * x * x) - f(x - 1e-5 * x * x)) / 2e-5"))));
    assertNear(slope, far, 1e-7);
  });

  it("gives one draw to each sample, and one to a batch that the signature mentions", () => {
    const spec = sound(`use std.{AdamW, Flow, Latents, SiT}
data lat: Latents { path: "none", image: [channel: 2, row: 4, col: 4], scale: 1 }
model net: SiT { hidden: 8, depth: 2, heads: 2, patch: 2 }
objective flow: Flow
part Each (x: [channel, row, col]) -> [] {
  draw u ~ uniform
  return u * mean(x)
}
part Once (x: [batch, channel, row, col]) -> [] {
  draw u ~ uniform
  return u * mean(x)
}
train run {
  data: lat, batch: 3, steps: 1
  minimize by AdamW { lr: 1e-3 } {
    denoise: flow(net, lat.image)
    each: Each {}(lat.image)
    once: Once {}(lat.image)
  }
}
`);
    const draws = new Map(stepped(spec).program.draws.map((d) => [d.path, d.axes.join(" ")]));
    assert.equal(draws.get("run.each.u"), "batch");
    assert.equal(draws.get("run.once.u"), "");
    assert.equal(draws.get("run.denoise.time_law.u"), "batch");
    assert.equal(draws.get("run.denoise.noise"), "batch channel row col");
  });

  it("maps a record sample field by field, one time for all", () => {
    const spec = sound(
      `use std.{Latents, SiT, sq, AdamW, Flow}
data lat: Latents { path: "none", image: [channel: 2, row: 4, col: 4], scale: 1 }
model net: SiT { hidden: 8, depth: 2, heads: 2, patch: 2 }
objective flow: Flow
model both (x: (a: [channel, row, col], b: [channel, row, col]), t: []) -> (a: [channel, row, col], b: [channel, row, col]) = x
`.replace("model both", "model Both") +
        `model twin: Both
train run {
  data: lat, batch: 2, steps: 1
  let pass = flow(twin, (a: lat.image, b: 2 * lat.image))
  minimize by AdamW { lr: 1e-3 } {
    a: pass.a
    b: 0.5 * pass.b
    c: flow(net, lat.image)
  }
}
`,
    );
    const n = stepped(spec);
    const paths = n.program.draws.map((d) => d.path);
    assert.deepEqual(paths.slice(0, 3).toSorted(), ["run.pass.noise.a", "run.pass.noise.b", "run.pass.time_law.u"]);
    assert.ok(scalar(n, "loss.a") > 0 && scalar(n, "loss.b") > 0);
  });

  it("refuses an outer product that nobody announced", () => {
    assert.ok(
      codes(
        `${head}sample one {\n  like: lat, count: 2\n  draw a: [channel: 2] ~ normal\n  draw b: [row: 4] ~ normal\n  return a * b\n}\n`,
      ).includes("unannounced-outer"),
    );
  });

  it("refuses a draw that something other than samples maps", () => {
    const text = `${head.replace("denoise: pass", "denoise: pass\n    odd: mean[block](Odd {}(pass.model.block(..).out))")}
part Odd (x: [token, dim]) -> [] {
  draw u ~ uniform
  return u * mean(x)
}
`;
    assert.ok(codes(text).includes("draw-lifted"));
  });

  it("says which axis a term was mapped over", () => {
    const text = head
      .replace("denoise: pass", "denoise: pass\n    odd: Size {}(pass.model.block(..).out)")
      .replace("train run", "loss Size (x: [token, dim]) -> [] = mean(sq(x))\ntrain run");
    assert.ok(codes(text).includes("term-axes"));
  });

  for (const [args, size, count, code] of [
    ["pad: 1", 3, 5, 12123234345450],
    ["pad: 1, stride: 2", 3, 3, 12234450],
    ["pad: 0, after: 1, stride: 2", 3, 2, 123345],
    ["pad: 1, stride: 3", 2, 2, 1034],
  ] as const)
    it(`windows over 1 to 5, ${args}`, () => {
      const body =
        `  let seen = windows[at, slot](position[at: 5], size: ${size}, ${args})\n` +
        `  let digits = dot[slot](seen, 10^(${size} - position[slot: ${size}]))\n` +
        `  return 0 * x + sum[at](digits * 1_000^(${count} - position[at: ${count}]))\n`;
      const text = `${head}sample one {\n  like: lat, count: 1\n  draw x: [*] ~ normal\n${body}}\n`;
      assert.equal(numbers(sampled(sound(text)))[0], code);
    });
});
