import type { InferenceSession, Tensor } from "onnxruntime-node";
import { emitOnnx, inputName, outputName } from "../../compiler/emit/onnx/emit.js";
import type { Fn } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import { type Carried, checkCarry, checkInput, checkInputs, notCarried, notWritten, paramOf } from "./check.js";
import type { LoadOptions, Session } from "./engine.js";
import { blankOrt, createSession, fromOrt, loadOrt, toOrt } from "./ort.js";

type Ort = Awaited<ReturnType<typeof loadOrt>>;

/** Carried tensors: one that the next run reads, one that it writes; they change places after each run. */
interface Pair {
  readonly result: number;
  now: Tensor;
  next: Tensor;
  written: boolean;
}

/** The whole main function as one model. Carried tensors stay where they are and are not copied between runs. */
export class WholeSession implements Session {
  private readonly pairs = new Map<number, Pair>();
  private readonly carriedParams: ReadonlySet<number>;

  private constructor(
    private readonly ort: Ort,
    private readonly fn: Fn,
    private readonly session: InferenceSession,
    private readonly carried: Carried,
  ) {
    this.carriedParams = new Set(carried.values());
    for (const [result, param] of carried) {
      const { type } = paramOf(fn, param);
      this.pairs.set(param, { result, now: blankOrt(ort, type), next: blankOrt(ort, type), written: false });
    }
  }

  /** `fn` has no calls. */
  static async load(fn: Fn, options: LoadOptions): Promise<WholeSession> {
    const carried = checkCarry(fn, options);
    const [ort, session] = await Promise.all([loadOrt(), createSession(emitOnnx(fn))]);
    return new WholeSession(ort, fn, session, carried);
  }

  write(param: number, value: HostTensor): void {
    const pair = this.pair(param);
    checkInput(this.fn, param, value);
    const { data } = pair.now;
    if (data instanceof BigInt64Array)
      value.data.forEach((x, i) => {
        data[i] = BigInt(x);
      });
    else if (data instanceof Float32Array || data instanceof Uint8Array) data.set(value.data);
    pair.written = true;
  }

  async read(param: number): Promise<HostTensor> {
    const pair = this.pair(param);
    if (!pair.written) throw notWritten(this.fn, param);
    const value = fromOrt(pair.now, paramOf(this.fn, param));
    // The run after the next one writes into this memory.
    return { ...value, data: value.data.slice() };
  }

  async run(inputs: ReadonlyMap<number, HostTensor>): Promise<Map<number, HostTensor>> {
    checkInputs(this.fn, this.carriedParams, inputs);
    const feeds: Record<string, Tensor> = {};
    const fetches: Record<string, Tensor | null> = {};
    for (const [param, value] of inputs) feeds[inputName(param)] = toOrt(this.ort, value);
    this.fn.results.forEach((_, i) => {
      fetches[outputName(i)] = null;
    });
    for (const [param, pair] of this.pairs) {
      if (!pair.written) throw notWritten(this.fn, param);
      feeds[inputName(param)] = pair.now;
      fetches[outputName(pair.result)] = pair.next;
    }
    const results = await this.session.run(feeds, fetches);
    for (const pair of this.pairs.values()) [pair.now, pair.next] = [pair.next, pair.now];
    const out = new Map<number, HostTensor>();
    this.fn.results.forEach((value, i) => {
      const tensor = results[outputName(i)];
      if (!this.carried.has(i) && tensor) out.set(i, fromOrt(tensor, value));
    });
    return out;
  }

  async dispose(): Promise<void> {
    this.pairs.clear();
    await this.session.release();
  }

  private pair(param: number): Pair {
    const pair = this.pairs.get(param);
    if (!pair) throw notCarried(this.fn, param);
    return pair;
  }
}
