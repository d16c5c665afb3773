import type { Module } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import { type Carried, checkCarry, checkInput, checkInputs, notCarried, notWritten } from "./check.js";
import type { LoadOptions, Session } from "./engine.js";

/** Results of the main function for all its parameters. */
export type Compute = (inputs: readonly HostTensor[]) => HostTensor[] | Promise<HostTensor[]>;

/** A session whose carried tensors are host tensors, around anything that computes the main function. */
export class HostSession implements Session {
  private readonly state = new Map<number, HostTensor>();
  private readonly carried: Carried;
  private readonly carriedParams: ReadonlySet<number>;

  constructor(
    private readonly module: Module,
    options: LoadOptions,
    private readonly compute: Compute,
    private readonly release: () => Promise<void> = async () => {},
  ) {
    this.carried = checkCarry(module.main, options);
    this.carriedParams = new Set(this.carried.values());
  }

  write(param: number, value: HostTensor): void {
    if (!this.carriedParams.has(param)) throw notCarried(this.module.main, param);
    checkInput(this.module.main, param, value);
    // The caller keeps its memory and may write into it.
    this.state.set(param, { ...value, data: value.data.slice() });
  }

  async read(param: number): Promise<HostTensor> {
    if (!this.carriedParams.has(param)) throw notCarried(this.module.main, param);
    const value = this.state.get(param);
    if (!value) throw notWritten(this.module.main, param);
    return { ...value, data: value.data.slice() };
  }

  async run(inputs: ReadonlyMap<number, HostTensor>): Promise<Map<number, HostTensor>> {
    const { main } = this.module;
    checkInputs(main, this.carriedParams, inputs);
    const all = main.params.map((_, i) => {
      const value = inputs.get(i) ?? this.state.get(i);
      if (!value) throw notWritten(main, i);
      return value;
    });
    const results = await this.compute(all);
    const out = new Map<number, HostTensor>();
    results.forEach((value, i) => {
      const param = this.carried.get(i);
      if (param === undefined) out.set(i, value);
      else this.state.set(param, value);
    });
    return out;
  }

  async dispose(): Promise<void> {
    this.state.clear();
    await this.release();
  }
}
