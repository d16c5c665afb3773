import type { InferenceSession, Tensor } from "onnxruntime-node";
import { flat } from "../../compiler/emit/flat.js";
import { emitOnnx, inputName, outputName } from "../../compiler/emit/onnx/emit.js";
import type { Fn, Module } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import { Callees } from "./callees.js";
import type { LoadOptions, Session } from "./engine.js";
import { HostSession } from "./host-session.js";
import { createSession, fromOrt, loadOrt, toOrt } from "./ort.js";
import { stepwise } from "./stepwise.js";

/** A function of the module as a model of its own. */
interface Compiled {
  readonly session: InferenceSession;
  readonly fn: Fn;
}

async function compile(one: Fn, _called: Fn, module: Module): Promise<Compiled> {
  const fn = flat(module, one);
  return { session: await createSession(emitOnnx(fn)), fn };
}

export async function loadStepwise(module: Module, options: LoadOptions): Promise<Session> {
  const ort = await loadOrt();
  const callees = new Callees(module, compile, ({ session }) => session.release());
  // One float32 copy of a weight for all calls of a run.
  let copies = new WeakMap<HostTensor, Tensor>();
  const copy = (value: HostTensor): Tensor => {
    const tensor = copies.get(value) ?? toOrt(ort, value);
    copies.set(value, tensor);
    return tensor;
  };
  const compute = stepwise(module, async (called, wanted, inputs) => {
    const { session, fn } = await callees.get(called, wanted);
    const feeds = Object.fromEntries(inputs.map((value, i) => [inputName(i), copy(value)]));
    const results = await session.run(feeds);
    return fn.results.map((value, i) => {
      const tensor = results[outputName(i)];
      if (!tensor) throw new Error(`onnxruntime gives no result ${i} of ${fn.name}`);
      return fromOrt(tensor, value);
    });
  });
  const fresh: typeof compute = (inputs) => {
    copies = new WeakMap();
    return compute(inputs);
  };
  return new HostSession(module, options, fresh, () => callees.dispose());
}
