import assert from "node:assert/strict";
import { compileTrain, cost } from "../../compiler/index.js";
import { flops } from "../../compiler/passes/cost.js";
import { bytesOf } from "../../compiler/plan/memory.js";
import type { TrainPlan } from "../../compiler/plan/plan.js";
import type { Engine } from "../../runtime/engines/engine.js";
import { onnx } from "../../runtime/engines/onnx.js";
import { reference } from "../../runtime/engines/reference.js";
import { Feeder } from "../../runtime/train/feeder.js";
import { initialStore } from "../../runtime/train/state.js";
import { Stepper } from "../../runtime/train/stepper.js";
import { sound } from "./specs.js";

const spec = (keys: string, depth = 4, batch = 8) => `
use std.{AdamW, Digits, Flow, LabelDropout, SiT}
data digits: Digits
model net: SiT { hidden: 16, depth: ${depth}, heads: 2, patch: 4 }
objective flow: Flow
train run {
  data: digits, batch: ${batch}, steps: 2${keys}
  minimize by AdamW { lr: 1e-3 } { denoise: flow(net, digits.image, LabelDropout {}(digits.label)) }
}`;

function planOf(text: string, memory?: number): TrainPlan {
  const { value, diagnostics } = compileTrain(sound(text), undefined, { memory });
  assert.deepEqual(diagnostics, []);
  assert.ok(value);
  return value;
}

/** The log of two steps. */
async function losses(plan: TrainPlan, engine: Engine): Promise<number[]> {
  const feeder = await Feeder.open(plan, undefined);
  const stepper = new Stepper(plan, engine, await initialStore(plan, undefined));
  await stepper.enter(0);
  const wiring = stepper.wiringOf(0);
  const logs = await stepper.run([await feeder.prepare(wiring, 0), await feeder.prepare(wiring, 1)]);
  await stepper.dispose();
  await feeder.close();
  return logs.flatMap((of) => [...of.values()]);
}

const flopsOf = (plan: TrainPlan): number => plan.phases.reduce((sum, { program }) => sum + flops(program.module), 0);
const bytes = (plan: TrainPlan): number => Math.max(...plan.phases.map(({ program }) => bytesOf(program, plan.engine)));
const gib = 2 ** 30;

describe("a limit of memory", () => {
  const whole = planOf(spec("", 6, 64));
  const least = cost(sound(spec("", 6, 64)), { memory: true }).plans[0]?.memory?.least ?? 0;

  it("is held by computing twice, and the spec is the same", () => {
    const between = (bytes(whole) + least) / 2 / gib;
    const limited = planOf(spec(`, memory: ${between}`, 6, 64));
    assert.ok(least < bytes(whole));
    assert.ok(bytes(limited) <= between * gib);
    assert.ok(flopsOf(limited) > flopsOf(whole) && flopsOf(limited) < 1.35 * flopsOf(whole));
    assert.equal(limited.spec, whole.spec);
    assert.deepEqual(planOf(spec("", 6, 64), between).phases[0]?.program.outputs, limited.phases[0]?.program.outputs);
  });

  it("says what can be reached where it cannot be held", () => {
    const { diagnostics } = compileTrain(sound(spec(", memory: 0.1")));
    assert.deepEqual(
      diagnostics.map((d) => d.code),
      ["memory-limit"],
    );
    const number = /`memory: ([\d.]+)`/.exec(diagnostics[0]?.help.join() ?? "")?.[1];
    assert.ok(number);
    assert.deepEqual(compileTrain(sound(spec(`, memory: ${number}`))).diagnostics, []);
  });

  it("leaves the graph as it is where there is enough", () => {
    assert.equal(flopsOf(planOf(spec(", memory: 4", 6, 64))), flopsOf(whole));
    assert.equal(flopsOf(planOf(spec(", memory: auto", 6, 64))), flopsOf(whole));
  });

  it("takes what a small machine has for `auto`, and does not complain", () => {
    const { value, diagnostics } = compileTrain(sound(spec("", 6, 64)), undefined, { available: 0.1 * gib });
    assert.deepEqual(diagnostics, []);
    assert.ok(value && bytes(value) < bytes(whole));
  });

  for (const engine of [reference, onnx])
    it(`keeps the numbers on ${engine.name}`, async () => {
      const text = spec("", 4, 4);
      const full = planOf(text);
      const { value: tight } = compileTrain(sound(text), undefined, { available: 1 });
      assert.ok(tight && flopsOf(tight) > flopsOf(full));
      const [a, b] = [await losses(full, engine), await losses(tight, engine)];
      a.forEach((x, i) => {
        assert.ok(Math.abs(x - (b[i] ?? 0)) <= (engine.precision === 64 ? 1e-12 : 1e-4) * Math.abs(x), `${x}, ${b[i]}`);
      });
    });

  it("is held within micro-batches, whose rounds stay one loop", () => {
    const text = spec(", micro: 16", 6, 64);
    const full = planOf(text);
    const { value: tight } = compileTrain(sound(text), undefined, { available: 1 });
    assert.ok(tight && bytes(tight) < bytes(full), `${bytes(full)}`);
    assert.ok((tight.phases[0]?.program.module.fns.size ?? 0) > 0);
  });
});
