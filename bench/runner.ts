/** Train steps of a plan on an engine, fed with one batch of noise: reading files is not what is compared. */
import { pickEngine } from "../cli/engine.js";
import type { FieldInfo, TrainPlan } from "../compiler/plan/plan.js";
import type { Batch, DataSource } from "../runtime/data/source.js";
import { Feeder } from "../runtime/train/feeder.js";
import { initialStore } from "../runtime/train/state.js";
import { Stepper } from "../runtime/train/stepper.js";

export class Runner {
  private step = 0;

  private constructor(
    private readonly stepper: Stepper,
    private readonly feeder: Feeder,
  ) {}

  static async open(plan: TrainPlan, engine: string): Promise<Runner> {
    const stepper = new Stepper(plan, await pickEngine(engine), await initialStore(plan, undefined));
    await stepper.enter(0);
    return new Runner(stepper, await Feeder.open(plan, undefined, noise(plan)));
  }

  /** Seconds of each of these steps, made in one call of the engine as a training makes them. */
  async time(steps: number): Promise<number[]> {
    const start = performance.now();
    const wiring = this.stepper.wiringOf(this.step);
    const inputs = await Promise.all(
      Array.from({ length: steps }, (_, i) => this.feeder.prepare(wiring, this.step + i)),
    );
    const logs = await this.stepper.run(inputs);
    if (logs.some((of) => [...of.values()].some((value) => !Number.isFinite(value))))
      throw new Error(`one of ${steps} steps after step ${this.step} is not finite`);
    this.step += steps;
    return logs.map(() => (performance.now() - start) / 1000 / steps);
  }
}

function noise({ sources, batch }: TrainPlan): Map<string, DataSource> {
  return new Map(
    sources.map((source) => {
      const values: Batch = new Map(source.fields.map((info) => [info.field, tensorOf(info, batch)]));
      const always = async () => values;
      return [source.name, { size: batch, classes: 0, batch: always, rows: always, close: async () => {} }];
    }),
  );
}

function tensorOf({ shape, dtype }: FieldInfo, batch: number) {
  const whole = [batch, ...shape.slice(1)];
  const size = whole.reduce((n, d) => n * d, 1);
  const data =
    dtype === "index"
      ? Int32Array.from({ length: size }, (_, i) => i % 7)
      : Float32Array.from({ length: size }, gaussian);
  return { dtype, shape: whole, data };
}

function gaussian(): number {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}
