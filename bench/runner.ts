/** Train steps of a plan on an engine, from the given weights, fed with one batch of noise. */
import { pickEngine } from "../cli/engine.js";
import type { HostTensor } from "../compiler/ir/host.js";
import type { TrainPlan } from "../compiler/plan/plan.js";
import type { Needs } from "../runtime/engines/index.js";
import { Feeder } from "../runtime/train/feeder.js";
import { initialStore } from "../runtime/train/state.js";
import { type Logs, Stepper } from "../runtime/train/stepper.js";
import { givenWeights, noise } from "./given.js";

/** Where AdamW keeps its first moments: behind the path of its `minimize`, before that of the weight. */
const moment = /^state \S+\.m\/(\S+)$/;

export class Runner {
  private step = 0;

  private constructor(
    private readonly stepper: Stepper,
    private readonly feeder: Feeder,
  ) {}

  static async open(plan: TrainPlan, engine: string, needs: Needs = {}): Promise<Runner> {
    const store = await initialStore(plan, undefined);
    for (const [path, value] of givenWeights(plan)) store.set(`weight ${path}`, value);
    const stepper = new Stepper(plan, await pickEngine(engine, needs), store);
    await stepper.enter(0);
    return new Runner(stepper, await Feeder.open(plan, undefined, noise(plan)));
  }

  /** Seconds of each of these steps, made in one call of the engine as a training makes them. */
  async time(steps: number): Promise<number[]> {
    const start = performance.now();
    const logs = await this.run(steps);
    return logs.map(() => (performance.now() - start) / 1000 / steps);
  }

  /** One step, the first: its log, and the gradient by path of the weight, which is what AdamW keeps of it. */
  async first(): Promise<{ logs: Logs; gradients: Map<string, HostTensor> }> {
    if (this.step > 0) throw new Error("the first step is done");
    const [logs = new Map()] = await this.run(1);
    const gradients = new Map<string, HostTensor>();
    for (const [key, value] of await this.stepper.collect()) {
      const path = moment.exec(key)?.[1];
      if (path !== undefined) gradients.set(path, value);
    }
    return { logs, gradients };
  }

  private async run(steps: number): Promise<Logs[]> {
    const wiring = this.stepper.wiringOf(this.step);
    const inputs = await Promise.all(
      Array.from({ length: steps }, (_, i) => this.feeder.prepare(wiring, this.step + i)),
    );
    const logs = await this.stepper.run(inputs);
    if (logs.some((of) => [...of.values()].some((value) => !Number.isFinite(value))))
      throw new Error(`one of ${steps} steps after step ${this.step} is not finite`);
    this.step += steps;
    return logs;
  }
}

/** What the first step is given, under the names of bench/torch_step.py. */
export async function firstInputs(plan: TrainPlan): Promise<Map<string, HostTensor>> {
  const feeder = await Feeder.open(plan, undefined, noise(plan));
  const stepper = new Stepper(plan, await pickEngine("reference"), new Map());
  const wiring = stepper.wiringOf(0);
  const inputs = await feeder.prepare(wiring, 0);
  const named = new Map<string, HostTensor>();
  const put = (name: string, param: number) => {
    const value = inputs.get(param);
    if (value) named.set(name, value);
  };
  for (const { param, info } of wiring.draws) put(drawName(info.path), param);
  for (const { param, field } of wiring.fields) put(field, param);
  return named;
}

function drawName(path: string): string {
  if (path.endsWith(".noise")) return "noise";
  return path.endsWith(".time_law.u") ? "time" : "drop";
}
