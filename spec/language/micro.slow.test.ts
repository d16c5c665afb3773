import assert from "node:assert/strict";
import { compileTrain } from "../../compiler/index.js";
import { roll } from "../../compiler/passes/roll.js";
import { cost } from "../../compiler/plan/cost.js";
import type { TrainPlan } from "../../compiler/plan/plan.js";
import { specHash } from "../../compiler/resolve/hash.js";
import type { Engine } from "../../runtime/engines/engine.js";
import { onnx } from "../../runtime/engines/onnx.js";
import { reference } from "../../runtime/engines/reference.js";
import { Feeder } from "../../runtime/train/feeder.js";
import { initialStore } from "../../runtime/train/state.js";
import { Stepper } from "../../runtime/train/stepper.js";
import { load, sound } from "./specs.js";

/** Every number of a run by name: the log of each step, and what is left at the end. */
async function numbersOf(plan: TrainPlan, engine: Engine): Promise<Map<string, readonly number[]>> {
  const found = new Map<string, readonly number[]>();
  const feeder = await Feeder.open(plan, undefined);
  const stepper = new Stepper(plan, engine, await initialStore(plan, undefined));
  for (let step = 0; step < plan.steps; step++) {
    await stepper.enter(step);
    const [logs] = await stepper.run([await feeder.prepare(stepper.wiringOf(step), step)]);
    for (const [name, value] of logs ?? []) found.set(`${name} of step ${step}`, [value]);
  }
  for (const [key, { data }] of await stepper.collect()) found.set(key, Array.from(data));
  await stepper.dispose();
  await feeder.close();
  return found;
}

function planOf(text: string): TrainPlan {
  const { value, diagnostics } = compileTrain(sound(text));
  assert.deepEqual(diagnostics, []);
  assert.ok(value);
  return value;
}

/** `text` has `MICRO` among the keys of its plan. */
async function same(text: string, micros: readonly number[], engine: Engine, tolerance: number): Promise<void> {
  const whole = await numbersOf(planOf(text.replace("MICRO", "")), engine);
  assert.ok(whole.size > 0);
  for (const micro of micros) {
    const pieces = await numbersOf(planOf(text.replace("MICRO", `micro: ${micro},`)), engine);
    assert.deepEqual([...pieces.keys()], [...whole.keys()]);
    for (const [key, wanted] of whole) {
      const scale = Math.max(...wanted.map(Math.abs), 1e-3);
      const far = Math.max(...wanted.map((x, i) => Math.abs(x - (pieces.get(key)?.[i] ?? Number.NaN))));
      assert.ok(far <= tolerance * scale, `${key} with micro ${micro}: ${far / scale} apart`);
    }
  }
}

const network = `
data digits: Digits
model net: SiT { hidden: 8, depth: 2, heads: 2, patch: 14 }
objective flow: Flow
`;

const quickstart = (batch: number, steps: number) => `
use std.{AdamW, Digits, Flow, LabelDropout, SiT}${network}
train run {
  data: digits, batch: ${batch}, steps: ${steps}, MICRO ema: 0.9
  let y = LabelDropout {}(digits.label)
  minimize by AdamW { lr: 1e-3 } clip 0.1 { denoise: flow(net, digits.image, y) }
}`;

const stateful = "draws of the plan, states of the plan and of parts";

const specs: Readonly<Record<string, string>> = {
  "one loss, clip, an average": quickstart(6, 2),

  "several minimizes, terms without a sample in them, phases, entries of the log": `
use std.{AdamW, Digits, Flow, Muon, SiT, sq, warmup}${network}
loss Prior () -> [] {
  weight w: [] = 2
  return sq(w - 1)
}
loss prior: Prior
model other: SiT { hidden: 4, depth: 1, heads: 2, patch: 14 }
train run {
  data: digits, batch: 6, steps: 3, MICRO ema: (main: 0.9, fast: 0.5)
  let pass = flow(net, digits.image, digits.label)
  let teacher = ema(net, fast)(digits.image, pass.t, digits.label)
  minimize first by Muon { lr: 1e-3 } over net where matrix by AdamW { lr: 1e-3 } over net, prior clip 1 {
    denoise: pass
    pull: 0.5 * prior()
    follow: 0.1 * warmup(step, 4) * mean[channel, row, col](sq(teacher - digits.image))
    late: 0.1 * mean[token, dim](sq(pass.model.h(1))) if step >= 1
  }
  minimize second by AdamW { lr: 0.01 * batch / 6 } over other { guess: flow(other, digits.image, digits.label) }
  log every 1 { size(i): mean[batch, token, dim](sq(pass.model.h(i))) for i in 1..2 }
}`,

  [stateful]: `
use std.{AdamW, Digits, sq}
data digits: Digits
part Centre (x: [batch, dim]) -> [batch, dim] {
  state mu: [dim] = 0
  next mu = 0.9 * mu + 0.1 * mean[batch](x)
  return x - repeat[batch](mu, batch)
}
model Net (x: [channel, row, col], t: []) -> [dim] {
  weight w: [channel, row, col -> dim: 3] ~ xavier
  return apply(w, x)
}
model net: Net
part centre: Centre
train run {
  data: digits, batch: 6, steps: 3, MICRO
  draw shared ~ normal
  draw each: [batch] ~ normal
  state count: [] = 0
  state last: [batch] = 0
  let h = centre(net(digits.image, 0))
  next count = count + 1
  next last = mean[dim](h) + count
  minimize by AdamW { lr: 1e-2 } { fit: mean[dim](sq(h)) * (1 + sq(each)) + shared * last }
}`,

  "derivatives along the way": `
use std.{AdamW, Digits, MeanFlow, SiT}
data digits: Digits
model net: SiT { hidden: 8, depth: 1, heads: 2, patch: 14, two_times: true }
objective mean: MeanFlow
train run {
  data: digits, batch: 4, steps: 2, MICRO
  minimize by AdamW { lr: 1e-3 } { denoise: mean(net, digits.image, digits.label) }
}`,
};

describe("micro-batches", () => {
  for (const [name, text] of Object.entries(specs))
    it(`give the numbers of the batch: ${name}`, () => same(text, [2], reference, 1e-9));

  it("do so on onnxruntime, over ten steps", () => same(quickstart(8, 10), [4, 2], onnx, 1e-5));

  it("are one loop on onnxruntime", () => {
    for (const text of Object.values(specs)) {
      const plan = planOf(text.replace("MICRO", "micro: 2,"));
      for (const { program } of plan.phases) {
        const { main, repeats } = roll(program.module);
        const times = [...repeats.values()].map((r) => r.times);
        assert.deepEqual(times, [plan.batch / 2]);
        assert.equal(main.ops.filter((op) => op.kind === "call").length, 1);
      }
    }
  });

  it("put together there what is of single samples", () => same(specs[stateful] ?? "", [2], onnx, 1e-4));

  it("are calls of one function: the graph does not grow with their number, memory falls with their size", () => {
    const plan = (keys: string) => sound(quickstart(64, 10).replace("MICRO", keys));
    const [whole, two, four, eight] = ["", "micro: 32,", "micro: 16,", "micro: 8,"].map((keys) => {
      const spec = plan(keys);
      const program = spec.trains[0]?.phases[0]?.program;
      assert.ok(program);
      const { fns, main } = program.module;
      const calls = main.ops.filter((op) => op.kind === "call" && op.attrs.fn === "step.micro").length;
      let ops = 0;
      for (const fn of fns.values()) ops += fn.ops.length;
      const [first] = cost(spec).plans;
      const [net] = cost(spec).instances;
      return { calls, ops, memory: first?.peakBytes ?? 0, forward: net?.flopsPerSample };
    });
    assert.ok(whole && two && four && eight);
    assert.deepEqual([whole.calls, two.calls, four.calls, eight.calls], [0, 2, 4, 8]);
    assert.ok(Math.abs(eight.ops - two.ops) < 5, `${eight.ops} ops and ${two.ops}`);
    assert.ok(whole.memory > two.memory && two.memory > four.memory && four.memory > eight.memory);
    assert.ok(eight.memory < whole.memory / 2, `${eight.memory} of ${whole.memory} bytes`);
    assert.equal(eight.forward, whole.forward);
  });

  it("keep a term apart that moves nothing", () => {
    const { diagnostics } = load(
      quickstart(8, 10)
        .replace("MICRO", "micro: 4,")
        .replace("digits.image, y) }", "digits.image, y), idle: stop_gradient(flow(net, digits.image, y)) }"),
    );
    assert.ok(diagnostics.some((d) => d.code === "term-without-weights" && d.message.includes("idle")));
  });

  it("do not give `grad` yet: it is of the whole batch", () => {
    const text = quickstart(8, 10)
      .replace("MICRO", "micro: 4,")
      .replace("minimize", "log every 1 { size: norm(grad(loss, net)) }\n  minimize");
    const { diagnostics } = compileTrain(sound(text));
    assert.deepEqual(
      diagnostics.map((d) => d.message),
      ["`grad` with `micro` smaller than `batch` is not executed by this version"],
    );
  });

  it("must divide the batch; the mending is the divisor below", () => {
    const said = (micro: number) =>
      load(quickstart(12, 10).replace("MICRO", `micro: ${micro},`)).diagnostics.find((d) => d.code === "micro-uneven");
    assert.equal(said(4), undefined);
    assert.deepEqual(said(5)?.help, ["next to it: 4 and 6"]);
    assert.deepEqual(
      said(5)?.fixes.map((f) => f.title),
      ["write 4"],
    );
    assert.deepEqual(said(24)?.help, ["next to it: 12"]);
  });

  const mixed: Readonly<Record<string, boolean>> = {
    pass: false,
    "2 * mean[batch](pass) + mean(pass)": false,
    "warmup(step, 4) * (mean[batch](pass) - 1) / 3": false,
    "mean[batch](pass) * pass": true,
    "sq(mean[batch](pass))": true,
    "sum[batch](pass)": true,
    "mean(pass)^2": true,
    "mean[batch](pass) / batch": true,
    centred: false,
    "sq(centred)": true,
    half: false,
    squared: true,
    "mean[token, dim](sq(centre(pass.model.h(1))))": true,
  };
  for (const [term, warns] of Object.entries(mixed))
    it(`${warns ? "warn of" : "say nothing of"} a term that is ${term}`, () => {
      const text = `
use std.{AdamW, Digits, Flow, SiT, sq, warmup}${network}
part Centre (x: [batch, token, dim]) -> [batch, token, dim] = x - mean[batch](x)
part centre: Centre
train run {
  data: digits, batch: 8, steps: 10, MICRO
  let pass = flow(net, digits.image, digits.label)
  let centred = pass - mean[batch](pass)
  let half = 0.5 * mean[batch](pass)
  let squared = half^2
  minimize by AdamW { lr: 1e-3 } { denoise: ${term} }
}`;
      const said = (keys: string) =>
        load(text.replace("MICRO", keys))
          .diagnostics.map((d) => d.code)
          .filter((code) => code === "loss-over-micro-batch");
      assert.deepEqual(said("micro: 4,"), warns ? ["loss-over-micro-batch"] : []);
      assert.deepEqual(said("micro: 8,"), []);
      // Where it means the same, a run can go on with other micro-batches.
      const hash = (keys: string) => specHash(load(text.replace("MICRO", keys)).spec);
      assert.equal(hash("micro: 4,") === hash("micro: 2,"), !warns);
      assert.equal(hash("micro: 8,"), hash(""));
    });
});
