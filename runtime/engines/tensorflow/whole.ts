import { emitTensorflow, names, type TensorflowModel } from "../../../compiler/emit/tensorflow/emit.js";
import type { Build } from "../../../compiler/emit/tensorflow/scope.js";
import type { Fn } from "../../../compiler/ir/graph.js";
import type { HostTensor } from "../../../compiler/ir/host.js";
import { checkInputs, checkResident, checkStays, checkWrite, notWritten, paramOf, type Resident } from "../check.js";
import type { Inputs, LoadOptions, Results, Session } from "../engine.js";
import { TensorflowGraph } from "./graph.js";
import type { Binding } from "./library.js";

/**
 * The whole main function as one graph. What stays is in variables of the session: a run moves what is fed and what it gives, no more. All
 * variables are set, and all are got, in one run of the session, which prepares the graph anew for each set of nodes asked for.
 */
export class WholeSession implements Session {
  /** Copies of what was written since the last run. */
  private readonly pending = new Map<number, number>();
  private readonly written = new Set<number>();
  /** What was read since the last run. */
  private readonly seen = new Map<number, HostTensor>();

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
    const before = this.pending.get(param);
    if (before !== undefined) this.graph.free([before]);
    this.pending.set(param, this.graph.tensor(value));
    this.written.add(param);
    this.seen.delete(param);
  }

  async read(param: number): Promise<HostTensor> {
    checkStays(this.fn, this.resident, param);
    if (!this.written.has(param)) throw notWritten(this.fn, param);
    this.flush();
    if (!this.seen.has(param)) {
      const all = [...this.written];
      const values = this.graph.run(
        [],
        all.map((p) => this.output(names.read(p), p)),
      );
      for (const [i, p] of all.entries()) this.seen.set(p, values[i] as HostTensor);
    }
    const value = this.seen.get(param);
    if (!value) throw new Error(`TensorFlow has no variable for parameter ${param}`);
    // The caller may keep it and write into it.
    return { ...value, data: value.data.slice() };
  }

  async run(inputs: Inputs): Promise<Results> {
    checkInputs(this.fn, this.resident, inputs);
    for (const param of this.resident.params) if (!this.written.has(param)) throw notWritten(this.fn, param);
    this.flush();
    this.seen.clear();
    const fed = [...inputs].map(([param, value]) => [names.input(param), this.graph.tensor(value)] as const);
    try {
      const wanted = this.results.map((result, i) => {
        const value = this.fn.results[result];
        if (!value) throw new Error(`no result ${result}`);
        return { from: `${names.run}:${i}`, dtype: value.type.dtype, shape: value.type.shape };
      });
      const done = { from: `${names.done}:0`, dtype: "bool", shape: [] } as const;
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
    this.graph.free(this.pending.values());
    this.pending.clear();
    this.graph.dispose();
  }

  private flush(): void {
    if (this.pending.size === 0) return;
    const pending = [...this.pending];
    this.pending.clear();
    try {
      this.graph.run(
        pending.map(([param, id]) => [names.value(param), id] as const),
        pending.map(([param]) => ({ from: `${names.written(param)}:0`, dtype: "bool", shape: [] }) as const),
      );
    } finally {
      this.graph.free(pending.map(([, id]) => id));
    }
  }

  private output(name: string, param: number) {
    const { dtype, shape } = paramOf(this.fn, param).type;
    return { from: `${name}:0`, dtype, shape };
  }
}
