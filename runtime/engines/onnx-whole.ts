import type { InferenceSession, Tensor } from "onnxruntime-node";
import { emitOnnx, inputName, outputName } from "../../compiler/emit/onnx/emit.js";
import type { Fn } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import { type Carried, checkCarry, checkInput, checkInputs, notCarried, notWritten, paramOf } from "./check.js";
import type { LoadOptions, Session } from "./engine.js";
import { createSession, fromOrt, loadOrt, reshaped, toOrt } from "./ort.js";

type Ort = Awaited<ReturnType<typeof loadOrt>>;

/**
 * The whole main function as one model. A carried tensor that a run gives is what the next run takes. Results are not written into memory of
 * ours: onnxruntime-node can do that, but makes its copy of each result all the same.
 */
export class WholeSession implements Session {
  private readonly state = new Map<number, Tensor>();
  private readonly carriedParams: ReadonlySet<number>;

  private constructor(
    private readonly ort: Ort,
    private readonly fn: Fn,
    private readonly session: InferenceSession,
    private readonly carried: Carried,
  ) {
    this.carriedParams = new Set(carried.values());
  }

  /** `fn` has no calls. */
  static async load(fn: Fn, options: LoadOptions): Promise<WholeSession> {
    const carried = checkCarry(fn, options);
    const model = emitOnnx(fn, { anyShape: true });
    const [ort, session] = await Promise.all([loadOrt(), createSession(model)]);
    return new WholeSession(ort, fn, session, carried);
  }

  write(param: number, value: HostTensor): void {
    this.checkCarried(param);
    checkInput(this.fn, param, value);
    // The caller keeps its memory and may write into it.
    this.state.set(param, toOrt(this.ort, { ...value, data: value.data.slice() }));
  }

  async read(param: number): Promise<HostTensor> {
    this.checkCarried(param);
    const tensor = this.state.get(param);
    if (!tensor) throw notWritten(this.fn, param);
    const value = fromOrt(tensor, paramOf(this.fn, param));
    return { ...value, data: value.data.slice() };
  }

  async run(inputs: ReadonlyMap<number, HostTensor>): Promise<Map<number, HostTensor>> {
    checkInputs(this.fn, this.carriedParams, inputs);
    const feeds: Record<string, Tensor> = {};
    this.fn.params.forEach((_, param) => {
      const given = inputs.get(param);
      const tensor = given ? toOrt(this.ort, given) : this.state.get(param);
      if (!tensor) throw notWritten(this.fn, param);
      feeds[inputName(param)] = tensor;
    });
    const results = await this.session.run(feeds);
    const out = new Map<number, HostTensor>();
    this.fn.results.forEach((value, i) => {
      const tensor = results[outputName(i)];
      if (!tensor) throw new Error(`onnxruntime gives no result ${i} of ${this.fn.name}`);
      const param = this.carried.get(i);
      if (param === undefined) out.set(i, fromOrt(tensor, value));
      else this.state.set(param, reshaped(this.ort, tensor, value.type.shape));
    });
    return out;
  }

  async dispose(): Promise<void> {
    this.state.clear();
    await this.session.release();
  }

  private checkCarried(param: number): void {
    if (!this.carriedParams.has(param)) throw notCarried(this.fn, param);
  }
}
