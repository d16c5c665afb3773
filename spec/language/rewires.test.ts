/** `with`: skips, sets and second wirings (language reference §5.7). */
import assert from "node:assert/strict";
import { compileTrain, type Spec } from "../../compiler/index.js";
import { assertNear, field, numbers, sampled, scalar, stepped } from "./numbers.js";
import { codes, sound } from "./specs.js";

const head = `use std.{AdamW, ConcatNormLinear, Flow, GatedAdd, Latents, SiT, WeightedSum, sq}
data lat: Latents { path: "none", image: [channel: 2, row: 4, col: 4], class: 3, scale: 1 }
objective flow: Flow
`;
const net = "model net: SiT { hidden: 8, depth: 4, heads: 2, patch: 2 }";

/** The model \`net\` with a \`with\`, trained and drawn from once. */
function rewired(body: string, extra = "", terms = ""): string {
  return `${head}${extra}${net} with {\n${body}}\ntrain run {
  data: lat, batch: 2, steps: 1
  let pass = flow(net, lat.image, lat.label)
  minimize by AdamW { lr: 1e-3 } { denoise: pass${terms} }
}
sample one {
  like: lat, count: 2
  draw x: [*] ~ normal
  draw y: @class ~ uniform
  return net(x, 0.3, y)
}
`;
}

function paths(spec: Spec): string[] {
  return compileTrain(spec).value?.weights.map((w) => w.path) ?? [];
}

describe("a skip", () => {
  it("is a part with weights and an edge: the same as the equations written out", () => {
    const skip = sound(rewired("  skip long(i): block(i).out -> block(5 - i).out via GatedAdd for i in 1..2\n"));
    const hand = sound(
      rewired(`  part long(i in 1..2): GatedAdd
  set block(3).out = long(2)(block(3).out, block(2).out)
  set block(4).out = long(1)(block(4).out, block(1).out)
`),
    );
    assert.deepEqual(paths(skip).toSorted(), paths(hand).toSorted());
    assert.ok(paths(skip).includes("net.long.2.g"));
    assertNear(numbers(sampled(skip)), numbers(sampled(hand)));
    assert.notDeepEqual(numbers(sampled(skip)), numbers(sampled(sound(rewired("")))));
  });

  it("joins values that were joined before it", () => {
    const both = sound(
      rewired(
        "  skip near(i): block(i).out -> block(i + 1).out via Half for i in 1..3\n",
        "fn half(x, saved) = x + 0.5 * saved\n",
      ).replace("via Half", "via half"),
    );
    const hand = sound(
      rewired(`  set block(2).out = block(2).out + 0.5 * block(1).out
  set block(3).out = block(3).out + 0.5 * block(2).out
  set block(4).out = block(4).out + 0.5 * block(3).out
`),
    );
    assertNear(numbers(sampled(both)), numbers(sampled(hand)));
  });

  it("may take several values at once", () => {
    const spec = sound(rewired("  skip mix(j): block(1..j - 2).out -> block(j).in via WeightedSum for j in 3..4\n"));
    const shapes = new Map(compileTrain(spec).value?.weights.map((w) => [w.path, w.shape]));
    assert.deepEqual(shapes.get("net.mix.3.a"), [1]);
    assert.deepEqual(shapes.get("net.mix.4.a"), [2]);
  });

  it("may go from the input of a block to its result: a block passed by", () => {
    const around = sound(rewired("  skip round(i): block(i).in -> block(i).out via GatedAdd for i in 2..3\n"));
    const hand = sound(
      rewired(`  part round(i in 2..3): GatedAdd
  set block(i).out = round(i)(block(i).out, h(i - 1)) for i in 2..3
`),
    );
    assert.deepEqual(paths(around).toSorted(), paths(hand).toSorted());
    assertNear(numbers(sampled(around)), numbers(sampled(hand)));
    const gone = sound(rewired("  set block(i).out = block(i).in for i in 1..4\n"));
    const idle = sound(rewired("  set h(4) = h(0)\n"));
    assertNear(numbers(sampled(gone)), numbers(sampled(idle)));
  });

  it("from a value to itself is refused", () => {
    assert.ok(
      codes(rewired("  skip long(i): block(i).out -> block(5 - i).in via GatedAdd for i in 1..2\n")).includes(
        "edge-self",
      ),
    );
  });

  it("against the order of computation is refused", () => {
    assert.ok(codes(rewired("  skip back: block(3).out -> block(2).in via GatedAdd\n")).includes("edge-backward"));
  });

  it("that is switched on later makes two phases, and its weights exist in both", () => {
    const text = rewired("  skip long: block(1).out -> block(4).in via GatedAdd if step >= 10\n").replace(
      "steps: 1",
      "steps: 20",
    );
    const spec = sound(text);
    assert.deepEqual(
      compileTrain(spec).value?.phases.map((p) => p.from),
      [0, 10],
    );
    assert.ok(paths(spec).includes("net.long.g"));
    assert.equal(stepped(spec, 0).out.has("weight net.long.g"), false);
    assert.ok(stepped(spec, 10).out.has("weight net.long.g"));
  });
});

describe("a set", () => {
  it("reads its own place as it was, and later sets see earlier ones", () => {
    const twice = sound(rewired("  set block(2).out = block(2).out + 1\n  set block(2).out = 3 * block(2).out\n"));
    const once = sound(rewired("  set block(2).out = 3 * (block(2).out + 1)\n"));
    assertNear(numbers(sampled(twice)), numbers(sampled(once)));
  });

  it("reaches every reader of a tap", () => {
    const spec = sound(
      rewired("  set block(2).out = 0 * block(2).out + 2\n", "", ", level: 0 * mean(pass.model.h(2))").replace(
        "  minimize",
        "  log every 1 { seen: mean(pass.model.h(2)), input: mean(pass.model.block(3).in) }\n  minimize",
      ),
    );
    const n = stepped(spec);
    assertNear([scalar(n, "seen"), scalar(n, "input")], [2, 2]);
  });

  it("reaches into parts of parts", () => {
    const spec = sound(rewired("  set block(2).attn.out = 0 * block(2).attn.out\n"));
    assert.notDeepEqual(numbers(sampled(spec)), numbers(sampled(sound(rewired("")))));
  });

  it("may route tokens past blocks in training: the others keep their value", () => {
    const route = `  let tokens = row * col / 4
  draw u: [token: tokens] ~ uniform if training
  let keep = argsort[token](u)[token = 1..2][token -> kept] if training
  set block(2).in = h(1).at(token: keep)[kept -> token] if training
  set block(3).out = scatter[token](h(1), at: keep, block(3).out[token -> kept]) if training
`;
    const text = rewired(route).replace(
      "  minimize",
      "  let moved = mean[dim](abs(pass.model.h(3) - pass.model.h(1)))\n  log every 1 { still: mean[batch](sum[token](where(moved == 0, 1, 0))) }\n  minimize",
    );
    const n = stepped(sound(text));
    assert.equal(scalar(n, "still"), 2);
    assert.ok(n.program.draws.some((d) => d.path === "run.pass.model.u" && d.axes.join() === "batch,token"));
    assertNear(numbers(sampled(sound(text))), numbers(sampled(sound(rewired("")))));
  });
});

describe("a second wiring", () => {
  const text = `${rewired("").replace("sample one", "model short: net with {\n  set block(3).in = h(1)\n}\nsample one").replace("net(x, 0.3, y)", "(full: net(x, 0.3, y), short: short(x, 0.3, y))")}`;

  it("has the same weights and other equations", () => {
    const n = sampled(sound(text));
    const weights = n.program.inputs.flatMap((i) => (i.role === "weight" ? [i.path] : []));
    assert.ok(weights.every((path) => path.startsWith("net.")));
    assert.equal(new Set(weights).size, weights.length);
    assert.notDeepEqual(field(n, "full").data, field(n, "short").data);
  });
});
