import { emitTensorflow, names, type TensorflowModel } from "../../../compiler/emit/tensorflow/emit.js";
import type { Fn } from "../../../compiler/ir/graph.js";
import type { HostTensor } from "../../../compiler/ir/host.js";
import { checkInputs, checkResident, checkStays, checkWrite, notWritten, paramOf, type Resident } from "../check.js";
import type { Inputs, LoadOptions, Results, Session } from "../engine.js";
import { TensorflowGraph } from "./graph.js";
import type { Binding } from "./library.js";

/** How a graph is made for this machine. */
export interface Build {
  readonly xla: boolean;
  readonly half: boolean;
}

/** The whole main function as one graph. What stays is in variables of the session: a run moves what is fed and what it gives, no more. */
export class WholeSession implements Session {
  /** Variables that were set: TensorFlow says of others only that they are not there. */
  private readonly written = new Set<number>();

  private constructor(
    private readonly fn: Fn,
    private readonly resident: Resident,
    private readonly graph: TensorflowGraph,
    private readonly results: TensorflowModel["results"],
  ) {}

  /** `fn` has no calls. */
  static load(binding: Binding, fn: Fn, options: LoadOptions, build: Build): WholeSession {
    const resident = checkResident(fn, options);
    const { bytes, results } = emitTensorflow(fn, { ...resident, ...build });
    return new WholeSession(fn, resident, TensorflowGraph.load(binding, bytes), results);
  }

  write(param: number, value: HostTensor): void {
    checkWrite(this.fn, this.resident, param, value);
    const id = this.graph.tensor(value);
    try {
      const { dtype, shape } = paramOf(this.fn, param).type;
      this.graph.run([[names.value(param), id]], [{ from: `${names.write(param)}:0`, dtype, shape }]);
      this.written.add(param);
    } finally {
      this.graph.free([id]);
    }
  }

  async read(param: number): Promise<HostTensor> {
    checkStays(this.fn, this.resident, param);
    if (!this.written.has(param)) throw notWritten(this.fn, param);
    const { dtype, shape } = paramOf(this.fn, param).type;
    const [value] = this.graph.run([], [{ from: `${names.read(param)}:0`, dtype, shape }]);
    if (!value) throw new Error(`TensorFlow has no variable for parameter ${param}`);
    return value;
  }

  async run(inputs: Inputs): Promise<Results> {
    checkInputs(this.fn, this.resident, inputs);
    for (const param of this.resident.params) if (!this.written.has(param)) throw notWritten(this.fn, param);
    const fed = [...inputs].map(([param, value]) => [names.input(param), this.graph.tensor(value)] as const);
    try {
      const wanted = this.results.map((result, i) => {
        const value = this.fn.results[result];
        if (!value) throw new Error(`no result ${result}`);
        return { from: `${names.run}:${i}`, dtype: value.type.dtype, shape: value.type.shape };
      });
      const done = { from: `${names.done}:0`, dtype: "index", shape: [] } as const;
      const values = this.graph.run(fed, wanted.length > 0 ? wanted : [done]);
      return new Map(this.results.map((result, i) => [result, values[i] as HostTensor]));
    } finally {
      this.graph.free(fed.map(([, id]) => id));
    }
  }

  async runs(inputs: readonly Inputs[]): Promise<Results[]> {
    const all: Results[] = [];
    for (const one of inputs) all.push(await this.run(one));
    return all;
  }

  async dispose(): Promise<void> {
    this.graph.dispose();
  }
}
