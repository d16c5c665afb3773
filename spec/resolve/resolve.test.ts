/** What `dit resolve` prints is a spec that means the same, and prints itself. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { DiskHost } from "../../cli/host.js";
import { type LoadOptions, loadSpec, type Spec } from "../../compiler/index.js";
import { print } from "../../compiler/ir/print.js";
import { specHash } from "../../compiler/resolve/hash.js";
import { resolve } from "../../compiler/resolve/resolve.js";

const disk = new DiskHost();

/** A host with one text more. `allowed`: what may be said about it. */
function open(text: string, path = "spec.dit", options: LoadOptions = {}, allowed: readonly string[] = []): Spec {
  const host = {
    readText: (asked: string) => (asked === path ? text : disk.readText(asked)),
    readStd: () => disk.readStd(),
    join: (from: string, to: string) => disk.join(from, to),
  };
  const { value, diagnostics } = loadSpec(path, host, { abridge: true, ...options });
  assert.deepEqual(
    diagnostics.filter((d) => !allowed.includes(d.code)).map((d) => `${d.code}: ${d.message}`),
    [],
    text,
  );
  assert.ok(value);
  return value;
}

const digits = `use std.{AdamW, Digits, Euler, Flow, Generate, LabelDropout, SiT}
data digits: Digits
model net: SiT { hidden: 32, depth: 2, heads: 2, patch: 4 }
objective flow: Flow
train run {
  data: digits, batch: 8, steps: 2_000, ema: 0.99
  let y = LabelDropout {}(digits.label)
  minimize by AdamW { lr: 1e-3 } { denoise: flow(net, digits.image, y) }
}
sample pictures: Generate { flow, model: ema(net), like: digits, count: 4, method: Euler { steps: 4 } }
`;

/** The program of the training, without the places that asked for its ops. */
function programs(spec: Spec): string[] {
  return spec.trains.flatMap((t) => t.phases.map(({ program }) => print(program.module)));
}

describe("resolve", () => {
  for (const file of readdirSync("examples").filter((name) => name.endsWith(".dit"))) {
    it(`examples/${file}: the print checks clean, means the same and prints itself`, () => {
      const path = `examples/${file}`;
      const text = disk.readText(path);
      assert.ok(text);
      const spec = open(text, path);
      const once = resolve(spec);
      // A print has no comments, those among them that allow a warning.
      const allowed = [...text.matchAll(/\/\/ allow\(([\w-]+)\)/g)].map(([, code = ""]) => code);
      const again = open(once, path, {}, allowed);
      assert.equal(resolve(again), once);
      assert.equal(specHash(again), specHash(spec));
      if (spec.ctx.weights.size < 500) assert.deepEqual(programs(again), programs(spec));
    });
  }

  it("writes every default and says where it is from", () => {
    const text = resolve(open(digits));
    assert.match(text, /^\/\/ dit resolve {3}std 1 {3}spec sha256:[0-9a-f]{64}\n/);
    assert.match(text, /\n {2}hidden: 32, depth: 2, heads: 2, patch: 4\n/);
    assert.match(text, /\n {2}ratio: 4, qk_norm: Identity, .*\/\/ default\n/);
    assert.match(text, /\n {2}channels: 1 +\/\/ default: channel\n/);
    assert.match(text, /seed: 0, micro: 8, precision: f32, start: fresh, checkpoint: 2_000/);
    assert.match(text, /LabelDropout \{ p: 0\.1 \}\(digits\.label\)/);
    assert.match(text, /minimize loss\s+by AdamW \{ lr: 1e-3, beta1: 0\.9, .* \} over net\s+clip none/);
    assert.match(text, /model: ema\(net, main\)/);
    assert.match(text, /\/\/ weights +net [\d,]+: embed/);
    assert.match(text, /\/\/ draws +run\.denoise\.noise \[batch, channel, row, col\] normal/);
    assert.match(text, /\/\/ phases +run: one/);
  });

  it("writes presets out", () => {
    const text = resolve(
      open(digits.replace("SiT { hidden: 32, depth: 2, heads: 2, patch: 4 }", "SiT.S { patch: 14, depth: 2 }")),
    );
    assert.match(text, /model net: SiT \{\n {2}patch: 14, depth: 2, hidden: 384, heads: 6\n/);
  });

  it("writes params with the values given", () => {
    const spec = `param rate: float = 1e-3\n${digits.replace("lr: 1e-3", "lr: rate")}`.replace(
      /^(param.*\n)(use.*\n)/,
      "$2$1",
    );
    assert.match(resolve(open(spec)), /\nparam rate: float = 1e-3\n[\s\S]*lr: rate/);
    assert.match(resolve(open(spec, "spec.dit", { set: { rate: "5e-3" } })), /\nparam rate: float = 5e-3\n/);
  });

  it("keeps settings to itself that a model hands to its parts", () => {
    const text = resolve(open(digits.replace("patch: 4 }", "patch: 4, ratio: 2 }")));
    assert.match(text, /layer: SiTBlock\b(?! \{)/);
  });
});

describe("the hash of a spec", () => {
  const hash = (text: string) => specHash(open(text));
  const base = hash(digits);

  it("is the same for what means the same", () => {
    assert.equal(hash(`// a comment\n${digits}`), base);
    assert.equal(hash(digits.replace("objective flow: Flow", "objective flow: Flow { predict: velocity }")), base);
    assert.equal(hash(digits.replace("steps: 2_000", "seed: 0, steps: 2000")), base);
    assert.equal(hash(digits.replace("hidden: 32, depth: 2", "depth: 2, hidden: 16 * 2")), base);
    assert.equal(hash(digits.replace("ema: 0.99", "ema: 0.99, engine: reference")), base);
  });

  it("is another for what means something else", () => {
    for (const [from, to] of [
      ["depth: 2", "depth: 4"],
      ["lr: 1e-3", "lr: 2e-3"],
      ["steps: 2_000", "seed: 1, steps: 2_000"],
      ["LabelDropout {}", "LabelDropout { p: 0.2 }"],
      ["objective flow: Flow", "objective flow: Flow { data_at: 0 }"],
    ] as const)
      assert.notEqual(hash(digits.replace(from, to)), base, to);
  });
});
