/** What a step is given: draws, data and the number of the step. A function of (plan, step), so it can be prepared ahead and again. */
import type { HostTensor } from "../../compiler/ir/host.js";
import type { TrainPlan } from "../../compiler/plan/plan.js";
import { Fields } from "../data/fields.js";
import type { DataSource } from "../data/source.js";
import { RuntimeFault } from "../fault.js";
import { draw } from "../random.js";
import { positions, scalar, type Wiring, wire } from "../wiring.js";

export class Feeder {
  private constructor(
    private readonly plan: TrainPlan,
    private readonly fields: Fields,
  ) {}

  /** Opens the data that the programs of a plan read. `given`: instances to use instead of opening them. */
  static async open(
    plan: TrainPlan,
    base: string | undefined,
    given: ReadonlyMap<string, DataSource> = new Map(),
  ): Promise<Feeder> {
    const wanted = plan.phases.flatMap(({ program }) => wire(program).fields);
    return new Feeder(plan, await Fields.open(plan.sources, wanted, { seed: plan.seed, base, given }));
  }

  /** Samples in an epoch of the data that the plan iterates; 0 if no program reads any. */
  get samples(): number {
    return this.fields.sizeOf(this.plan.data);
  }

  /** The inputs of the step after `step` done ones, by parameter. */
  async prepare(wiring: Wiring, step: number): Promise<Map<number, HostTensor>> {
    const inputs = new Map<number, HostTensor>();
    const { seed, batch } = this.plan;
    for (const { param, info } of wiring.draws) inputs.set(param, draw(info, { seed, step, firstSample: 0 }));
    for (const param of wiring.steps) inputs.set(param, scalar(step));
    for (const { param, count } of wiring.indices) inputs.set(param, positions(0, count));
    const values = await this.fields.read(wiring.fields, step * batch, batch);
    wiring.fields.forEach(({ param, instance, field }, i) => {
      const value = values[i];
      if (!value) throw new Error(`no value for ${instance}.${field}`);
      checkShape(value, wiring.types[param]?.shape ?? [], `${instance}.${field}`);
      inputs.set(param, value);
    });
    return inputs;
  }

  async close(): Promise<void> {
    await this.fields.close();
  }
}

function checkShape(value: HostTensor, shape: readonly number[], name: string): void {
  if (value.shape.join() === shape.join()) return;
  throw new RuntimeFault(
    `\`${name}\` gives [${value.shape.join(", ")}], the program takes [${shape.join(", ")}]`,
    `data ${name}`,
    ["compile the plan again: the data or the batch has changed"],
  );
}
