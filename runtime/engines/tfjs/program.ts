/** A function of the graph, walked op by op: each tensor is freed after its last reader. */
import type { Tensor } from "@tensorflow/tfjs-core";
import { type Fn, type Module, type Op, sizeOf, type Value } from "../../../compiler/ir/graph.js";
import { RuntimeFault, reasonOf } from "../../fault.js";
import { compute } from "./cells.js";
import { type Target, typeOf } from "./target.js";

/** An op and the slots it reads, writes, and is the last to read. A call writes as many as somebody wants. */
interface Step {
  readonly op: Op;
  readonly callee: Program | undefined;
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  readonly dead: readonly number[];
}

/** Programs of the functions of a module, one for each set of results that is asked for; constants are laid out once for all runs. */
export class Programs {
  private readonly made = new Map<string, Program>();

  constructor(
    readonly target: Target,
    readonly module: Module,
  ) {}

  get(fn: Fn, wanted: readonly number[] = [...fn.results.keys()]): Program {
    const key = `${fn.name}|${wanted.join()}`;
    let program = this.made.get(key);
    if (!program) {
      program = new Program(this, fn, wanted);
      this.made.set(key, program);
    }
    return program;
  }

  dispose(): void {
    for (const program of this.made.values()) program.dispose();
    this.made.clear();
  }
}

export class Program {
  private readonly target: Target;
  private readonly slots = new Map<Value, number>();
  private readonly constants = new Map<number, Tensor>();
  private readonly steps: Step[] = [];
  private readonly results: readonly number[];

  constructor(programs: Programs, fn: Fn, wanted: readonly number[]) {
    this.target = programs.target;
    for (const p of fn.params) this.slots.set(p, this.slots.size);
    const results = wanted.flatMap((i) => fn.results[i] ?? []);
    const read = readValues(fn, results);
    const lastReader = new Map<number, number>();
    const drafts: Omit<Step, "dead">[] = [];
    for (const op of fn.ops) {
      const made = op.results.filter((r) => read.has(r));
      if (made.length === 0) continue;
      for (const r of made) this.slots.set(r, this.slots.size);
      const writes = made.map((r) => this.slotOf(r));
      if (op.kind === "constant") {
        for (const slot of writes) this.constants.set(slot, compute(this.target, op, []));
        continue;
      }
      const reads = op.operands.map((v) => this.slotOf(v));
      for (const slot of reads) lastReader.set(slot, drafts.length);
      drafts.push({ op, callee: calleeOf(programs, op, read), reads, writes });
    }
    this.results = results.map((v) => this.slotOf(v));
    for (const slot of [...this.results, ...this.constants.keys()]) lastReader.delete(slot);
    const dead = drafts.map((): number[] => []);
    for (const [slot, step] of lastReader) dead[step]?.push(slot);
    this.steps = drafts.map((draft, i) => ({ ...draft, dead: dead[i] ?? [] }));
  }

  /**
   * Parameters stay the caller's, but for those of `given`, which are freed as soon as nothing here reads them. The results are the
   * caller's. All or nothing: what was made is freed if an op fails.
   */
  run(params: readonly Tensor[], given: ReadonlySet<number>): Tensor[] {
    const { tf } = this.target;
    return tf.tidy(() => this.walk(params, given));
  }

  dispose(): void {
    for (const tensor of this.constants.values()) tensor.dispose();
    this.constants.clear();
  }

  private walk(params: readonly Tensor[], given: ReadonlySet<number>): Tensor[] {
    const { tf } = this.target;
    const memory = new Map<number, Tensor>(this.constants);
    const borrowed = (slot: number): boolean => slot < params.length && !given.has(slot);
    params.forEach((p, slot) => {
      memory.set(slot, p);
    });
    const get = (slot: number): Tensor => {
      const tensor = memory.get(slot);
      if (!tensor) throw new Error("a value is read that is gone");
      return tensor;
    };
    for (const { op, callee, reads, writes, dead } of this.steps) {
      const operands = reads.map(get);
      const mine = dead.filter((slot) => !borrowed(slot));
      if (callee) {
        // What is read twice has one owner.
        const once = reads.filter(
          (slot, i) => mine.includes(slot) && reads.indexOf(slot) === i && reads.lastIndexOf(slot) === i,
        );
        const out = callee.run(operands, new Set(once.map((slot) => reads.indexOf(slot))));
        writes.forEach((slot, i) => {
          const tensor = out[i];
          if (tensor) memory.set(slot, tensor);
        });
      } else
        for (const slot of writes) {
          const made = tf.tidy(() => {
            const result = resultOf(this.target, op, operands);
            return operands.includes(result) ? tf.clone(result) : result;
          });
          memory.set(slot, made);
        }
      for (const slot of mine) {
        memory.get(slot)?.dispose();
        memory.delete(slot);
      }
    }
    return this.results.map((slot) => tf.clone(get(slot)));
  }

  private slotOf(value: Value): number {
    const slot = this.slots.get(value);
    if (slot === undefined) throw new Error(`value ${value.id} is read before it is made`);
    return slot;
  }
}

/** Kernels need not know tensors without elements. */
function resultOf(target: Target, op: Op, operands: readonly Tensor[]): Tensor {
  const type = op.results[0]?.type;
  if (type && sizeOf(type.shape) === 0) return target.tf.tensor([], [...type.shape], typeOf[type.dtype]);
  try {
    return compute(target, op, operands);
  } catch (error) {
    throw lacking(target, op, error) ?? error;
  }
}

/** A backend from elsewhere need not have every kernel. */
function lacking({ backend }: Target, op: Op, error: unknown): RuntimeFault | undefined {
  const kernel = /[Kk]ernel '(\w+)'.* for backend/.exec(reasonOf(error))?.[1];
  if (kernel === undefined) return undefined;
  const { origin } = op;
  const place = origin?.source.position(origin.pos);
  return new RuntimeFault(
    `the backend \`${backend}\` of tfjs cannot compute \`${op.kind}\`: it has no kernel ${kernel}`,
    origin && place ? `${origin.source.path}:${place.line}:${place.column}` : `the op ${op.kind}`,
    ["use another backend of tfjs: wasm and cpu compute every op", "use `engine: onnx`"],
    error,
  );
}

function calleeOf(programs: Programs, op: Op, read: ReadonlySet<Value>): Program | undefined {
  if (op.kind !== "call") return undefined;
  const fn = programs.module.fns.get(op.attrs.fn);
  if (!fn) throw new Error(`no function ${op.attrs.fn}`);
  return programs.get(
    fn,
    op.results.flatMap((r, i) => (read.has(r) ? [i] : [])),
  );
}

/** The results and all that they depend on. */
function readValues(fn: Fn, results: readonly Value[]): Set<Value> {
  const read = new Set<Value>(results);
  for (const op of fn.ops.toReversed())
    if (op.results.some((r) => read.has(r))) for (const v of op.operands) read.add(v);
  return read;
}
