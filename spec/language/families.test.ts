/** Families, their members and stacks, and what one may tap from outside (language reference §5.5, §5.6). */
import assert from "node:assert/strict";
import { assertNear, numbers, sampled, scalar, stepped } from "./numbers.js";
import { codes, load, sound } from "./specs.js";

const head = `use std.{AdamW, Flow, Latents, SiT, sq}
data lat: Latents { path: "none", image: [channel: 2, row: 4, col: 4], class: 3, scale: 1 }
model net: SiT { hidden: 8, depth: 4, heads: 2, patch: 2 }
objective flow: Flow
`;

function train(body: string, terms = "denoise: pass", before = ""): string {
  return `${head}${before}train run {
  data: lat, batch: 2, steps: 1
  let pass = flow(net, lat.image, lat.label)
${body}  minimize by AdamW { lr: 1e-3 } { ${terms} }
}
`;
}

/** The numbers that a log of these entries shows. */
function logged(entries: string, before = ""): ReturnType<typeof stepped> {
  return stepped(sound(train(`  log every 1 { ${entries} }\n`, "denoise: pass", before)));
}

/** A sample without a network, for equations alone. */
function equations(body: string): number[] {
  const text = `${train("")}sample one {\n  like: lat, count: 1\n  draw x: [*] ~ normal\n${body}}\n`;
  return numbers(sampled(sound(text)));
}

describe("families", () => {
  it("may be 2,000 members long, in any order of definition", () => {
    const [first] = equations(
      "  let h(k) = h(k - 1) / 2 + 1 for k in 1..2_000\n  let h(0) = 0 * mean(x)\n  return 0 * x + h(2_000)\n",
    );
    assertNear([first ?? 0], [2]);
  });

  it("of static numbers are exact also when a spec is only checked", () => {
    const text = (last: number) => `sample one {
  like: zeros[tick: 2], count: 1
  draw z: [*] ~ normal
  let h(0) = 0
  let h(k) = h(k - 1) + 2 for k in 1..500
  require h(500) == ${last}, "twice as many"
  return h(250) * z
}
`;
    assert.deepEqual(load(text(1_000), {}, { abridge: true }).diagnostics, []);
    assert.deepEqual(
      load(text(6), {}, { abridge: true }).diagnostics.map((d) => d.code),
      ["require"],
    );
  });

  it("may run downward", () => {
    const [first] = equations(
      "  let h(k) = h(k + 1) + 1 for k in 1..500\n  let h(501) = 0 * mean(x)\n  return 0 * x + h(1)\n",
    );
    assertNear([first ?? 0], [500]);
  });

  it("may use each other", () => {
    const [first] = equations(
      "  let a(0) = 1\n  let b(0) = 0\n  let a(k) = a(k - 1) + b(k - 1) for k in 1..30\n  let b(k) = a(k - 1) for k in 1..30\n  return 0 * x + b(30)\n",
    );
    assertNear([first ?? 0], [832_040]);
  });

  it("evaluate no member that nobody reads", () => {
    const [first] = equations("  let h(k) = if k == 3 then 1 / 0 else k for k in 1..3\n  return 0 * x + h(2)\n");
    assert.equal(first, 2);
  });

  it("name the range where an index leaves it", () => {
    const text = train("", "denoise: pass, odd: mean(sq(pass.model.block(0).out))");
    assert.ok(codes(text).includes("index-range"));
  });

  it("print the cycle where a member needs itself", () => {
    const text = `${train("")}sample one {\n  like: lat, count: 1\n  draw x: [*] ~ normal\n  let h(k) = h(k) + 1 for k in 1..3\n  return 0 * x + h(1)\n}\n`;
    assert.ok(codes(text).includes("cycle"));
  });
});

describe("taps", () => {
  it("stack members along an axis with the name of the family", () => {
    const n = logged(
      `
    all: mean[batch](Gap {}(pass.model.block(..).out))
    some: mean[batch](Gap {}(pass.model.block(1..4).out))
    chosen: mean[batch](Gap {}(pass.model.block([2, 4]).out))
    apart: mean(sq(pass.model.block(2).out - pass.model.block(4).out))
  `,
      "loss Gap (f: [block, token, dim]) -> [] = mean(sq(f[block = block] - f[block = block - 1]))\n",
    );
    assertNear([scalar(n, "all")], [scalar(n, "some")]);
    assertNear([scalar(n, "chosen")], [scalar(n, "apart")]);
    assert.notEqual(scalar(n, "all"), scalar(n, "apart"));
  });

  it("of a part are its first argument and its result", () => {
    const n = logged(
      `
    in: mean(sq(pass.model.block(3).in))
    before: mean(sq(pass.model.block(2).out))
    named: mean(sq(pass.model.h(2)))
  `.replace("in:", "input:"),
    );
    assertNear([scalar(n, "input")], [scalar(n, "before")]);
    assertNear([scalar(n, "input")], [scalar(n, "named")]);
  });

  it("reach into parts of parts", () => {
    const n = logged(`
    mid: mean(pass.model.block(1).mid)
    logits: mean(sq(pass.model.block(1).attn.logits))
  `);
    assert.ok(Number.isFinite(scalar(n, "mid")) && scalar(n, "logits") > 0);
  });

  it("that nobody reads cost nothing", () => {
    const ops = (text: string) => stepped(sound(text)).program.module.main.ops.length;
    assert.equal(ops(train("  let spare = mean(sq(pass.model.block(2).attn.logits))\n")), ops(train("")));
  });

  it("may be given by the caller, draws too", () => {
    const n = stepped(
      sound(
        `${train(`  let again = flow(net, lat.image, lat.label, t: pass.t, noise: pass.noise)
  let early = flow(net, lat.image, lat.label, t: 0.5 * pass.t, noise: pass.noise)
  log every 1 { again: mean[batch](again), early: mean[batch](early) }
`)}`,
      ),
    );
    assertNear([scalar(n, "loss")], [scalar(n, "again")]);
    assert.notEqual(scalar(n, "loss"), scalar(n, "early"));
    assert.deepEqual(n.program.draws.map((d) => d.path).toSorted(), ["run.pass.noise", "run.pass.time_law.u"]);
  });

  it("of a part that is called twice must be named", () => {
    const before = `model Twice (x: [channel, row, col], t: [], y: @class = none) -> [channel, row, col] {
  part inner: SiT { hidden: 8, depth: 1, heads: 2, patch: 2 }
  return inner(inner(x, t, y), t, y)
}
model twice: Twice
`.replace("part inner", "model inner");
    const text = train(
      "  let other = flow(twice, lat.image, lat.label)\n",
      "denoise: pass + other + mean(sq(other.model.inner.out))",
      before,
    );
    assert.ok(codes(text).includes("ambiguous-tap"));
  });
});
