import type { Module } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import { checkInputs, checkResident, checkStays, checkWrite, notWritten, type Resident } from "./check.js";
import type { Inputs, LoadOptions, Results, Session } from "./engine.js";

/** Results of the main function for all its parameters. */
export type Compute = (inputs: readonly HostTensor[]) => HostTensor[] | Promise<HostTensor[]>;

/** A session whose carried tensors are host tensors, around anything that computes the main function. */
export class HostSession implements Session {
  private readonly state = new Map<number, HostTensor>();
  private readonly resident: Resident;

  constructor(
    private readonly module: Module,
    options: LoadOptions,
    private readonly compute: Compute,
    private readonly release: () => Promise<void> = async () => {},
  ) {
    this.resident = checkResident(module.main, options);
  }

  write(param: number, value: HostTensor): void {
    checkWrite(this.module.main, this.resident, param, value);
    // The caller keeps its memory and may write into it.
    this.state.set(param, { ...value, data: value.data.slice() });
  }

  async read(param: number): Promise<HostTensor> {
    checkStays(this.module.main, this.resident, param);
    const value = this.state.get(param);
    if (!value) throw notWritten(this.module.main, param);
    return { ...value, data: value.data.slice() };
  }

  async run(inputs: Inputs): Promise<Results> {
    const { main } = this.module;
    checkInputs(main, this.resident, inputs);
    const all = main.params.map((_, i) => {
      const value = inputs.get(i) ?? this.state.get(i);
      if (!value) throw notWritten(main, i);
      return value;
    });
    const results = await this.compute(all);
    const out: Results = new Map();
    results.forEach((value, i) => {
      const param = this.resident.carried.get(i);
      if (param === undefined) out.set(i, value);
      else this.state.set(param, value);
    });
    return out;
  }

  async runs(inputs: readonly Inputs[]): Promise<Results[]> {
    const all: Results[] = [];
    for (const one of inputs) all.push(await this.run(one));
    return all;
  }

  async dispose(): Promise<void> {
    this.state.clear();
    await this.release();
  }
}
