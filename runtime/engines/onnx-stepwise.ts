import type { InferenceSession, Tensor } from "onnxruntime-node";
import { emitOnnx, inputName, outputName } from "../../compiler/emit/onnx/emit.js";
import { flat } from "../../compiler/emit/onnx/program.js";
import type { Fn, Module } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import type { LoadOptions, Session } from "./engine.js";
import { HostSession } from "./host-session.js";
import { createSession, fromOrt, loadOrt, toOrt } from "./ort.js";
import { stepwise } from "./stepwise.js";

/** A function of the module as a model of its own. */
interface Compiled {
  readonly session: InferenceSession;
  readonly fn: Fn;
}

/** Models of the functions that the main one calls, each made when it is first called. */
class Callees {
  private readonly compiled = new Map<string, Promise<Compiled>>();

  constructor(private readonly module: Module) {}

  get(fn: Fn, wanted: readonly number[]): Promise<Compiled> {
    const key = `${fn.name}|${wanted.join()}`;
    let made = this.compiled.get(key);
    if (!made) {
      made = this.compile({ ...fn, results: fn.results.filter((_, i) => wanted.includes(i)) });
      this.compiled.set(key, made);
    }
    return made;
  }

  private async compile(fn: Fn): Promise<Compiled> {
    const one = flat(this.module, fn);
    return { session: await createSession(emitOnnx(one)), fn: one };
  }

  async release(): Promise<void> {
    const all = await Promise.all(this.compiled.values());
    this.compiled.clear();
    await Promise.all(all.map(({ session }) => session.release()));
  }
}

export async function loadStepwise(module: Module, options: LoadOptions): Promise<Session> {
  const ort = await loadOrt();
  const callees = new Callees(module);
  // One float32 copy of a weight for all calls of a run.
  let copies = new WeakMap<HostTensor, Tensor>();
  const copy = (value: HostTensor): Tensor => {
    const tensor = copies.get(value) ?? toOrt(ort, value);
    copies.set(value, tensor);
    return tensor;
  };
  const compute = stepwise(module, async (fn, wanted, inputs) => {
    const { session, fn: one } = await callees.get(fn, wanted);
    const feeds = Object.fromEntries(inputs.map((value, i) => [inputName(i), copy(value)]));
    const results = await session.run(feeds);
    return one.results.map((value, i) => {
      const tensor = results[outputName(i)];
      if (!tensor) throw new Error(`onnxruntime gives no result ${i} of ${fn.name}`);
      return fromOrt(tensor, value);
    });
  });
  const fresh: typeof compute = (inputs) => {
    copies = new WeakMap();
    return compute(inputs);
  };
  return new HostSession(module, options, fresh, () => callees.release());
}
