/** Runs the steps of a train plan on an engine: switches programs between phases and keeps the tensors that live on. */
import type { HostTensor } from "../../compiler/ir/host.js";
import type { TrainPlan } from "../../compiler/plan/plan.js";
import type { Engine, Inputs, Session } from "../engines/engine.js";
import { type Wiring, wire } from "../wiring.js";
import type { Store } from "./state.js";

/** Values of the log of one step by name, in the order of the plan. */
export type Logs = Map<string, number>;

export class Stepper {
  private session: Session | undefined;
  private current = -1;
  private elements = 0;
  private readonly wirings: readonly Wiring[];

  constructor(
    private readonly plan: TrainPlan,
    private readonly engine: Engine,
    /** What is not with the engine; it is taken from the map as the engine gets it. */
    private store: Store,
  ) {
    for (const tensor of store.values()) this.elements += tensor.data.length;
    this.wirings = plan.phases.map((phase) => wire(phase.program));
  }

  /** The number of the phase, from 0, that takes the step after `step` done ones. */
  phaseOf(step: number): number {
    return this.plan.phases.findLastIndex((phase) => phase.from <= step);
  }

  wiringOf(step: number): Wiring {
    const wiring = this.wirings[this.phaseOf(step)];
    if (!wiring) throw new Error(`the plan has no program for step ${step}`);
    return wiring;
  }

  /** Loads the program of a step, if another one is loaded. Gives the number of the phase, from 0, if it was. */
  async enter(step: number): Promise<number | undefined> {
    const number = this.phaseOf(step);
    if (number === this.current) return undefined;
    const phase = this.plan.phases[number];
    const wiring = this.wiringOf(step);
    if (!phase) throw new Error(`the plan has no program for step ${step}`);
    this.store = await this.collect();
    await this.dispose();
    const carry = wiring.carried.map(({ result, param }) => [result, param] as const);
    const keep = wiring.held.map(({ param }) => param);
    const half = this.plan.precision === "bf16";
    this.session = await this.engine.load(phase.program.module, { mode: "whole", carry, keep, half });
    this.current = number;
    this.hand(wiring);
    return number;
  }

  /** Steps one after another. `fed`: draws, fields and the like of each by parameter. The program of the steps must be loaded. */
  async run(fed: readonly Inputs[]): Promise<Logs[]> {
    const { session, wiring } = this.loaded();
    const all = await session.runs(fed);
    return all.map((results) => {
      for (const { key, result } of wiring.made) {
        const value = results.get(result);
        if (value) this.store.set(key, value);
      }
      return new Map(wiring.logs.map(({ name, result }) => [name, results.get(result)?.data[0] ?? Number.NaN]));
    });
  }

  /** The tensors between two steps. A copy: it does not change when the run goes on. */
  async collect(): Promise<Store> {
    const all = new Map(this.store);
    if (this.session) {
      for (const { key, param } of this.loaded().wiring.carried) {
        const { dtype, shape, data } = await this.session.read(param);
        // An engine may hand out the memory it will write the step after next into.
        all.set(key, { dtype, shape, data: data.slice() });
      }
    }
    return all;
  }

  /** Goes back to other tensors, of the same plan. */
  async restore(store: Store, step: number): Promise<void> {
    this.store = new Map(store);
    await this.discard();
    await this.enter(step);
  }

  /** Bytes of all tensors that live on, in the precision of the engine. */
  get bytes(): number {
    return (this.elements * this.engine.precision) / 8;
  }

  async dispose(): Promise<void> {
    await this.session?.dispose();
    this.session = undefined;
    this.current = -1;
  }

  /** Forgets what the engine holds. */
  private discard(): Promise<void> {
    return this.dispose();
  }

  private hand(wiring: Wiring): void {
    for (const { key, param } of wiring.held) this.session?.write(param, this.get(key));
    for (const { key, param } of wiring.carried) {
      this.session?.write(param, this.get(key));
      // The engine has it now. In the memory of two it would be there twice for the whole training.
      this.store.delete(key);
    }
  }

  private loaded(): { session: Session; wiring: Wiring } {
    const wiring = this.wirings[this.current];
    if (!this.session || !wiring) throw new Error("no program is loaded");
    return { session: this.session, wiring };
  }

  private get(key: string): HostTensor {
    const tensor = this.store.get(key);
    if (!tensor) throw new Error(`the plan gives no start for ${key}`);
    return tensor;
  }
}
