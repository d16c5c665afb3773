/** What a step is given: draws, data and the number of the step. A function of (plan, step), so it can be prepared ahead and again. */
import type { HostTensor } from "../../compiler/ir/host.js";
import type { TrainPlan } from "../../compiler/plan/plan.js";
import { type DataSource, openSource } from "../data/source.js";
import { RuntimeFault } from "../fault.js";
import { draw } from "../random.js";
import { positions, scalar, type Wiring, wire } from "../wiring.js";

export class Feeder {
  private constructor(
    private readonly plan: TrainPlan,
    private readonly sources: ReadonlyMap<string, DataSource>,
    /** Those opened here, which `close` closes. */
    private readonly own: readonly DataSource[],
  ) {}

  /** Opens the data that the programs of a plan read. `given`: instances to use instead of opening them. */
  static async open(
    plan: TrainPlan,
    base: string | undefined,
    given: ReadonlyMap<string, DataSource> = new Map(),
  ): Promise<Feeder> {
    const wanted = new Map<string, Set<string>>();
    for (const { program } of plan.phases) {
      for (const { instance, field } of wire(program).fields)
        wanted.set(instance, (wanted.get(instance) ?? new Set()).add(field));
    }
    const sources = new Map<string, DataSource>();
    const own: DataSource[] = [];
    for (const [instance, fields] of wanted) {
      let source = given.get(instance);
      if (!source) {
        const info = plan.sources.find((s) => s.name === instance);
        if (!info) throw new Error(`the plan has no source for ${instance}`);
        source = await openSource(info, { seed: plan.seed, base, fields });
        own.push(source);
      }
      sources.set(instance, source);
    }
    return new Feeder(plan, sources, own);
  }

  /** Samples in an epoch of the data that the plan iterates; 0 if no program reads any. */
  get samples(): number {
    return this.sources.get(this.plan.data)?.size ?? 0;
  }

  /** The inputs of the step after `step` done ones, by parameter. */
  async prepare(wiring: Wiring, step: number): Promise<Map<number, HostTensor>> {
    const inputs = new Map<number, HostTensor>();
    const { seed, batch } = this.plan;
    for (const { param, info } of wiring.draws) inputs.set(param, draw(info, { seed, step, firstSample: 0 }));
    for (const param of wiring.steps) inputs.set(param, scalar(step));
    for (const { param, count } of wiring.indices) inputs.set(param, positions(0, count));
    const instances = new Set(wiring.fields.map((f) => f.instance));
    for (const instance of instances) {
      const values = await this.sources.get(instance)?.batch(step * batch, batch);
      for (const { param, field } of wiring.fields.filter((f) => f.instance === instance)) {
        const value = values?.get(field);
        if (!value) throw new RuntimeFault(`the data gives no \`${field}\``, `data ${instance}`);
        checkShape(value, wiring.types[param]?.shape ?? [], `${instance}.${field}`);
        inputs.set(param, value);
      }
    }
    return inputs;
  }

  async close(): Promise<void> {
    await Promise.all(this.own.map((source) => source.close()));
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
