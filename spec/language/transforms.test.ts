/** Transforms, groups, terms, phases and states of a step (language reference §6, §7). */
import assert from "node:assert/strict";
import { compileTrain } from "../../compiler/index.js";
import { assertNear, field, type Numbers, numbers, sampled, scalar, stepped } from "./numbers.js";
import { codes, sound } from "./specs.js";

const head = `use std.{AdamW, Flow, Latents, Mlp, Mlp3, Repa, SiT, piecewise, sq, warmup}
data lat: Latents { path: "none", image: [channel: 2, row: 4, col: 4], class: 3, scale: 1 }
model net: SiT { hidden: 8, depth: 2, heads: 2, patch: 2 }
objective flow: Flow
loss repa: Repa { project: Mlp3 { hidden: 8 } }
`;

function train(minimize: string, body = "", keys = "batch: 2, steps: 100"): string {
  return `${head}train run {
  data: lat, ${keys}
  let pass = flow(net, lat.image, lat.label)
${body}${minimize}
}
`;
}

const plain = "  minimize by AdamW { lr: 1e-2 } { denoise: pass }";

function moved(n: Numbers): string[] {
  return [...n.out.keys()].flatMap((k) => (k.startsWith("weight ") ? [k.slice(7)] : []));
}

/** The largest move of an element of a weight in one step: at the first step of AdamW its rate, where the gradient is not 0. */
function farthest(n: Numbers, path: string): number {
  const old = n.fed.get(path)?.data ?? [];
  return Math.max(...numbers(n, `weight ${path}`).map((x, i) => Math.abs(x - (old[i] ?? Number.NaN))));
}

describe("transforms", () => {
  it("stop_gradient keeps the value and takes the gradient", () => {
    const live = stepped(sound(train("  minimize by AdamW { lr: 1e-2 } { denoise: pass * pass }")));
    const half = stepped(
      sound(train("  minimize by AdamW { lr: 1e-2 } clip 1e-9 { denoise: pass * stop_gradient(pass) }")),
    );
    assertNear([scalar(live, "loss")], [scalar(half, "loss")]);
    const norm = (e: string) =>
      scalar(
        stepped(
          sound(train("  minimize by AdamW { lr: 1e-2 } clip 1 { denoise: x }", `  let x = mean[batch](${e})\n`)),
        ),
        "loss.norm",
      );
    assertNear([norm("pass")], [norm("pass + stop_gradient(pass) - pass + pass - stop_gradient(pass)")]);
    assert.ok(norm("pass") > 0);
  });

  it("ema reads averaged copies, eval leaves training, freeze keeps the gradient of inputs only", () => {
    const spec = sound(
      train(
        "  minimize by AdamW { lr: 1e-2 } over net { denoise: pass, pull: mean(sq(teacher - pass.model.out)) }",
        "  let teacher = freeze(ema(net))(pass.z, pass.t, lat.label)\n",
        "batch: 2, steps: 100, ema: 0.9",
      ),
    );
    const inputs = stepped(spec).program.inputs.flatMap((i) => (i.role === "average" ? [i.path] : []));
    assert.ok(inputs.includes("net.block.1.attn.qkv.w"));
  });

  it("an average moves by its decay", () => {
    const n = stepped(sound(train(plain, "", "batch: 2, steps: 100, ema: 0.9")));
    const path = "net.embed.proj.w";
    const now = numbers(n, `weight ${path}`);
    const averaged = numbers(n, `average ${path}`);
    const i = n.program.inputs.findIndex((x) => x.role === "average" && x.path === path);
    assert.ok(i >= 0);
    // The averaged copy is fed with the numbers of the weight itself, so new = 0.9 old + 0.1 now for each element.
    const old = averaged.map((a, k) => (a - 0.1 * (now[k] ?? 0)) / 0.9);
    assert.ok(old.every((x, k) => Math.abs(x - (now[k] ?? 0)) <= 0.0101));
  });

  it("grad is the gradient that the minimize takes, of a part too", () => {
    const body =
      "  log every 1 { all: norm(grad(loss, net)), one: norm(grad(loss, net.block(1))), two: norm(grad(loss, net.block(2))) }\n";
    const n = stepped(sound(train("  minimize by AdamW { lr: 1e-2 } clip 1 { denoise: pass }", body)));
    assertNear([scalar(n, "all")], [scalar(n, "loss.norm")]);
    assert.ok(scalar(n, "one") ** 2 + scalar(n, "two") ** 2 < scalar(n, "all") ** 2);
  });
});

describe("terms and groups", () => {
  it("a factor that is statically 0 takes the term and its weights away", () => {
    const target = "lat.image[row -> (row, i: 2), col -> (col, j: 2)][(row, col) -> token, (channel, i, j) -> feature]";
    const text = (factor: string) =>
      `param lambda: float = ${factor}\n${train(`  minimize by AdamW { lr: 1e-2 } {\n    denoise: pass\n    align: lambda * repa(pass.model.block(1).out, ${target})\n  }`)}`;
    const with1 = compileTrain(sound(text("1"))).value;
    const without = compileTrain(sound(text("0"))).value;
    assert.ok(with1?.weights.some((w) => w.path === "repa.head.fc3.w"));
    assert.equal(
      without?.weights.some((w) => w.path.startsWith("repa.")),
      false,
    );
    const outputs = without?.phases[0]?.program.outputs ?? [];
    assert.equal(
      outputs.some((o) => o.role === "log" && o.name.includes("align")),
      false,
    );
  });

  it("a group takes what its selection names, the rest goes to the group without one", () => {
    const clauses =
      "by AdamW { lr: 1e-3, eps: 0 } over net.block(..).ada, net.head where vector by AdamW { lr: 1e-2, eps: 0 }";
    const n = stepped(sound(train(`  minimize ${clauses} { denoise: pass }`)));
    assertNear([farthest(n, "net.block.1.ada.w"), farthest(n, "net.head.proj.b")], [1e-3, 1e-3], 1e-6);
    assertNear([farthest(n, "net.head.proj.w"), farthest(n, "net.embed.proj.w")], [1e-2, 1e-2], 1e-6);
  });

  it("except leaves weights as they are", () => {
    const n = stepped(sound(train("  minimize by AdamW { lr: 1e-2 } over net except net.block(1) { denoise: pass }")));
    assert.equal(
      moved(n).some((p) => p.startsWith("net.block.1.")),
      false,
    );
    assert.ok(moved(n).includes("net.block.2.ada.w"));
  });

  it("a weight that nobody takes, and one that two take, are errors", () => {
    assert.ok(
      codes(train("  minimize by AdamW { lr: 1e-2 } over net.block(1) { denoise: pass }")).includes("untrained-weight"),
    );
    const twice =
      "  minimize a by AdamW { lr: 1e-2 } over net { denoise: pass }\n  minimize b by AdamW { lr: 1e-2 } over net { other: 2 * pass }";
    assert.ok(codes(train(twice)).includes("trained-twice"));
  });
});

describe("phases and states", () => {
  it("guards that compare step cut the run", () => {
    const spec = sound(
      train("  minimize by AdamW { lr: 1e-2 } { denoise: pass, more: pass if step < 40, late: pass if step >= 60 }"),
    );
    assert.deepEqual(
      spec.trains[0]?.phases.map((p) => p.from),
      [0, 40, 60],
    );
    const loss = (step: number) => scalar(stepped(spec, step), "loss");
    assertNear(
      [loss(0), loss(40), loss(60)],
      [2, 1, 2].map((k) => k * loss(40)),
    );
  });

  it("a factor of step changes within a phase", () => {
    const spec = sound(train("  minimize by AdamW { lr: 1e-2 } { denoise: warmup(step, 10) * pass }"));
    assert.equal(spec.trains[0]?.phases.length, 1);
    assertNear([scalar(stepped(spec, 5), "loss")], [scalar(stepped(spec, 10), "loss") / 2]);
  });

  it("a state of the plan is carried on", () => {
    const body = "  state slow: [] = 1\n  next slow = 0.5 * slow + 0.5 * loss\n";
    const n = stepped(sound(train(plain, body)));
    assertNear([scalar(n, "state run.slow")], [0.5 + 0.5 * scalar(n, "loss")]);
  });

  it("a weight that its part moves is carried on, averaged, and out of reach of gradients", () => {
    const text = train(
      "  minimize by AdamW { lr: 1e-2 } over net { denoise: pass, off: mean(sq(centre(lat.image))) }",
      "",
      "batch: 2, steps: 100, ema: 0.9",
    ).replace(
      "train run",
      `part Centre (z: [batch, channel, row, col]) -> [batch, channel, row, col] {
  weight mu: [channel] = 0
  next mu = 0.75 * mu + 0.25 * mean[batch, row, col](z) if training
  return z - mu
}
part centre: Centre
train run`,
    );
    const n = stepped(sound(text));
    const seen = Array.from(n.fed.get("lat.image")?.data ?? []);
    const old = Array.from(n.fed.get("centre.mu")?.data ?? []);
    const channel = (c: number) => seen.filter((_, i) => Math.floor(i / 16) % 2 === c).reduce((a, x) => a + x / 32, 0);
    const now = old.map((x, c) => 0.75 * x + 0.25 * channel(c));
    assert.equal(now.length, 2);
    assertNear(numbers(n, "weight centre.mu"), now);
    assertNear(
      numbers(n, "average centre.mu"),
      now.map((x, c) => 0.9 * (old[c] ?? Number.NaN) + 0.1 * x),
    );
  });

  it("the gate of DiverseDiT has three pieces", () => {
    const gate = (x: number) => {
      const text = `${train(plain)}sample one {\n  like: lat, count: 1\n  draw z: [*] ~ normal\n  return 0 * z + piecewise(${x} + 0 * mean(z), 0.1, 0.5)\n}\n`;
      return numbers(sampled(sound(text)))[0] ?? Number.NaN;
    };
    assertNear([gate(0.05), gate(0.3), gate(0.7)], [0, 0.4, 1]);
  });

  it("draws and classes of a sample are inputs of its program", () => {
    const text = `${train(plain)}sample one {\n  like: lat, count: 4\n  draw z: [*] ~ normal\n  draw y: @class ~ uniform\n  return net(z, 0.5, y)\n}\n`;
    const n = sampled(sound(text));
    assert.deepEqual(
      n.program.draws.map((d) => [d.path, d.law, d.size]),
      [
        ["one.z", "normal", undefined],
        ["one.y", "index", 3],
      ],
    );
    assert.deepEqual(field(n).shape, [4, 2, 4, 4]);
  });
});
