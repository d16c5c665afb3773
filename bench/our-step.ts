/**
 * Our side of `npm run bench -- step`: reads lines `ENGINE STEPS`, runs that many train steps of a spec and answers with the seconds of
 * each, draws included. The data is one batch of noise: reading files is not what is compared.
 */
import { createInterface } from "node:readline";
import { loadCompiler } from "../cli/compiler.js";
import { pickEngine } from "../cli/engine.js";
import { DiskHost } from "../cli/host.js";
import { accept } from "../cli/load.js";
import type { FieldInfo, TrainPlan } from "../compiler/plan/plan.js";
import type { Batch, DataSource } from "../runtime/data/source.js";
import { Feeder } from "../runtime/train/feeder.js";
import { initialStore, parameterCount } from "../runtime/train/state.js";
import { Stepper } from "../runtime/train/stepper.js";

const path = process.argv[2] ?? "bench/step.dit";
const compiler = await loadCompiler();
const spec = accept(path, compiler.loadSpec(path, new DiskHost()));
const plan = accept(path, compiler.compileTrain(spec, "run"));
const cost = compiler.cost(spec).plans.find(({ name }) => name === plan.name);
console.log(JSON.stringify({ node: process.version, parameters: parameterCount(plan), flops: cost?.flopsPerStep }));

class Runner {
  private step = 0;

  private constructor(
    private readonly stepper: Stepper,
    private readonly feeder: Feeder,
  ) {}

  static async open(engine: string): Promise<Runner> {
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

const runners = new Map<string, Runner>();
for await (const line of createInterface({ input: process.stdin })) {
  const [engine = "onnx", steps = "1"] = line.split(" ");
  const runner = runners.get(engine) ?? (await Runner.open(engine));
  runners.set(engine, runner);
  console.log(JSON.stringify(await runner.time(Number(steps))));
}
