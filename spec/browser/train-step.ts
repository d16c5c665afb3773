/** Steps of a small training, from its spec on, on an engine and on the reference. */
import assert from "node:assert/strict";
import { compileTrain, loadSpec } from "../../compiler/index.js";
import { sizeOf, type TensorType } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import type { TrainPlan } from "../../compiler/plan/plan.js";
import type { Engine, Inputs } from "../../runtime/engines/engine.js";
import { reference } from "../../runtime/engines/reference.js";
import { draw as drawn } from "../../runtime/random.js";
import type { Store } from "../../runtime/train/state.js";
import { type Logs, Stepper } from "../../runtime/train/stepper.js";
import { positions, scalar, type Wiring } from "../../runtime/wiring.js";
import { rounded, same } from "../engines/values.js";
import { assertClose, draw, floats, generator, indices } from "../ir/helpers.js";

// Without an eps of some size the first steps of Adam are the sign of the gradient, which a rounding near 0 turns around.
const text = `
use std.{AdamW, Digits, Flow, LabelDropout, SiT}
data digits: Digits
model net: SiT { hidden: 8, depth: 2, heads: 2, patch: 7 }
objective flow: Flow
train run {
  data: digits, batch: 4, steps: 2, ema: 0.9, log: 1, seed: 3
  minimize by AdamW { lr: 1e-2, eps: 1e-2 } clip 1.0 { denoise: flow(net, digits.image, LabelDropout {}(digits.label)) }
}
`;

function planOf(library: ReadonlyMap<string, string>): TrainPlan {
  const host = {
    readText: (path: string) => (path === "spec.dit" ? text : undefined),
    readStd: () => library,
    join: (_from: string, to: string) => to,
  };
  const { value: spec, diagnostics } = loadSpec("spec.dit", host);
  const errors = diagnostics.filter((d) => d.severity === "error").map((d) => d.message);
  assert.deepEqual(errors, []);
  assert.ok(spec);
  const plan = compileTrain(spec).value;
  assert.ok(plan);
  return plan;
}

/** Weights at random and not as they start: many start at 0, and stop the gradient there. */
function storeOf(plan: TrainPlan): Store {
  const random = generator(21);
  const [weights, averages, states]: [Store, Store, Store] = [new Map(), new Map(), new Map()];
  for (const { path, shape } of plan.weights) {
    const [value] = rounded([draw(random, shape, -0.4, 0.4)]);
    assert.ok(value);
    weights.set(`weight ${path}`, value);
    for (const { name } of plan.averages) averages.set(`average ${name} ${path}`, value);
  }
  for (const { path, shape, init } of plan.states)
    states.set(`state ${path}`, floats(shape, new Float64Array(sizeOf(shape)).fill(init)));
  return new Map([...weights, ...averages, ...states]);
}

/** Pictures of noise, and their labels. */
function field({ dtype, shape }: TensorType, random: () => number): HostTensor {
  if (dtype === "float") return draw(random, shape, -1, 1);
  return indices(
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => i % 10),
  );
}

function inputsOf(plan: TrainPlan, wiring: Wiring, step: number): Inputs {
  const random = generator(step);
  const inputs = new Map<number, HostTensor>();
  for (const { param, info } of wiring.draws) inputs.set(param, drawn(info, { seed: plan.seed, step, firstSample: 0 }));
  for (const param of wiring.steps) inputs.set(param, scalar(step));
  for (const { param, count } of wiring.indices) inputs.set(param, positions(0, count));
  for (const { param } of wiring.fields) {
    const type = wiring.types[param];
    assert.ok(type);
    inputs.set(param, field(type, random));
  }
  return new Map([...inputs].flatMap(([param, t]) => rounded([t]).map((r) => [param, r] as const)));
}

async function stepped(plan: TrainPlan, engine: Engine): Promise<{ readonly logs: Logs[]; readonly store: Store }> {
  const stepper = new Stepper(plan, engine, storeOf(plan));
  try {
    const logs: Logs[] = [];
    for (let step = 0; step < plan.steps; step++) {
      await stepper.enter(step);
      logs.push(...(await stepper.run([inputsOf(plan, stepper.wiringOf(step), step)])));
    }
    return { logs, store: await stepper.collect() };
  } finally {
    await stepper.dispose();
  }
}

export async function trainStepAgrees(
  engine: Engine,
  library: ReadonlyMap<string, string>,
  tolerance: number,
): Promise<void> {
  const plan = planOf(library);
  const [mine, expected] = [await stepped(plan, engine), await stepped(plan, reference)];
  for (const [i, logs] of expected.logs.entries())
    for (const [name, value] of logs)
      assertClose([mine.logs[i]?.get(name) ?? Number.NaN], [value], tolerance, `${name} of step ${i + 1}`);
  for (const [key, value] of expected.store) same(mine.store.get(key), value, tolerance, key);
}
