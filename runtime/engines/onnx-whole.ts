import type { InferenceSession, Tensor } from "onnxruntime-node";
import { inputName } from "../../compiler/emit/onnx/emit.js";
import { eachName, emitLoop, firstName, type Loop, lastName, runsName } from "../../compiler/emit/onnx/loop.js";
import type { Rolled } from "../../compiler/emit/onnx/program.js";
import { isLarge } from "../../compiler/emit/onnx/program.js";
import type { Fn, Value } from "../../compiler/ir/graph.js";
import { sizeOf } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import { checkInputs, checkResident, checkStays, checkWrite, notWritten, paramOf, type Resident } from "./check.js";
import type { Inputs, LoadOptions, Results, Session } from "./engine.js";
import { collectGarbage } from "./garbage.js";
import { createSession, fromOrt, loadOrt, toOrt } from "./ort.js";

type Ort = Awaited<ReturnType<typeof loadOrt>>;

/**
 * The whole main function as one model, which loops over the runs it is given. onnxruntime-node copies every result into memory of
 * JavaScript, which for the state of a training takes as long as a fifth of its step: between the runs of one call nothing is copied.
 */
export class WholeSession implements Session {
  /** Carried tensors in the shape of the model, kept ones in their own. */
  private readonly state = new Map<number, Tensor>();

  private constructor(
    private readonly ort: Ort,
    private readonly fn: Fn,
    private readonly session: InferenceSession,
    private readonly resident: Resident,
    private readonly shapes: Loop["shapes"],
    /** A large run comes, and what led to it may still be in memory. */
    private littered: boolean,
  ) {}

  static async load(rolled: Rolled, options: LoadOptions): Promise<WholeSession> {
    const fn = rolled.main;
    const resident = checkResident(fn, options);
    const { model, shapes } = emitLoop(rolled, resident);
    const frugal = isLarge(rolled);
    const [ort, session] = await Promise.all([loadOrt(), createSession(model, { frugal })]);
    return new WholeSession(ort, fn, session, resident, shapes, frugal);
  }

  write(param: number, value: HostTensor): void {
    checkWrite(this.fn, this.resident, param, value);
    const shape = this.shapes.get(param) ?? value.shape;
    // The caller keeps its memory and may write into it; only what is not converted would share it.
    const data = value.data instanceof Float64Array ? value.data : value.data.slice();
    this.state.set(param, toOrt(this.ort, { ...value, shape, data }));
  }

  async read(param: number): Promise<HostTensor> {
    checkStays(this.fn, this.resident, param);
    const value = fromOrt(this.stateOf(param), paramOf(this.fn, param));
    return { ...value, data: value.data.slice() };
  }

  async run(inputs: Inputs): Promise<Results> {
    const [results] = await this.runs([inputs]);
    if (!results) throw new Error("a run without results");
    return results;
  }

  async runs(inputs: readonly Inputs[]): Promise<Results[]> {
    if (inputs.length === 0) return [];
    for (const one of inputs) checkInputs(this.fn, this.resident, one);
    const feeds: Record<string, Tensor> = {
      [runsName]: toOrt(this.ort, { dtype: "index", shape: [], data: Int32Array.of(inputs.length) }),
    };
    const { carried, kept, params } = this.resident;
    for (const param of params) feeds[kept.has(param) ? inputName(param) : firstName(param)] = this.stateOf(param);
    this.fn.params.forEach((value, param) => {
      if (!params.has(param))
        feeds[eachName(param)] = toOrt(
          this.ort,
          joined(
            value,
            inputs.map((one) => one.get(param)),
          ),
        );
    });
    // A loop reads its first state before its first run and writes its last after all, so the memory can be the same.
    const fetches = Object.fromEntries(
      this.fn.results.map((_, i) => {
        const param = carried.get(i);
        return [lastName(i), param === undefined ? null : this.stateOf(param)];
      }),
    );
    if (this.littered) collectGarbage();
    this.littered = false;
    const outputs = await this.session.run(feeds, fetches);
    const all: Results[] = inputs.map(() => new Map());
    const copies: ArrayBuffer[] = [];
    this.fn.results.forEach((value, i) => {
      const tensor = outputs[lastName(i)];
      if (!tensor) throw new Error(`onnxruntime gives no result ${i} of ${this.fn.name}`);
      const param = carried.get(i);
      if (param !== undefined) copies.push(bufferOf(tensor));
      else for (const [run, part] of split(fromOrt(tensor, value), inputs.length).entries()) all[run]?.set(i, part);
    });
    discard(copies);
    return all;
  }

  async dispose(): Promise<void> {
    this.state.clear();
    await this.session.release();
  }

  private stateOf(param: number): Tensor {
    const tensor = this.state.get(param);
    if (!tensor) throw notWritten(this.fn, param);
    return tensor;
  }
}

/** The values of a parameter in each run, one after another. */
function joined({ type: { dtype, shape } }: Value, values: readonly (HostTensor | undefined)[]): HostTensor {
  const [first] = values;
  if (values.length === 1 && first) return { ...first, shape: [1, ...shape] };
  const size = sizeOf(shape);
  const data = new arrayOf[dtype](values.length * size);
  values.forEach((value, run) => {
    if (value) data.set(value.data, run * size);
  });
  return { dtype, shape: [values.length, ...shape], data };
}

const arrayOf = { float: Float32Array, index: Int32Array, bool: Uint8Array } as const;

function split({ dtype, shape, data }: HostTensor, runs: number): HostTensor[] {
  const size = sizeOf(shape);
  return Array.from({ length: runs }, (_, run) => ({
    dtype,
    shape,
    data: data.subarray(run * size, (run + 1) * size),
  }));
}

function bufferOf({ data }: Tensor): ArrayBuffer {
  if (ArrayBuffer.isView(data) && data.buffer instanceof ArrayBuffer) return data.buffer;
  throw new Error("a tensor without memory");
}

/**
 * onnxruntime-node gives a copy of what it wrote where it was told to. Sent to nobody it is gone at once; garbage would be collected when a
 * state more is there.
 */
function discard(buffers: ArrayBuffer[]): void {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(null, buffers);
  port1.close();
  port2.close();
}
