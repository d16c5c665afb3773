import { reasonOf } from "../../fault.js";
import type { Engine, Missing, Provider, Ready } from "../engine.js";
import { openBackend } from "./backend.js";
import { loadStepwise, TfjsSession } from "./session.js";

/** Every op as a kernel of its own, on any backend of tfjs: what a browser has, too. */
export function tfjsOn(backend: string): Engine {
  return {
    name: "tfjs",
    precision: 32,
    burst: 1,
    load: async (module, options) => {
      const target = await openBackend(backend);
      return options.mode === "whole"
        ? TfjsSession.load(target, module, options)
        : loadStepwise(target, module, options);
    },
  };
}

/** Not for `auto`: op by op is slower than a whole step, whatever the backend. */
export const tfjsProvider: Provider = { name: "tfjs", auto: false, state };

/** `DIT_TFJS_BACKEND`, or the quickest that needs nothing else. */
async function state(): Promise<Ready | Missing> {
  const asked = process.env.DIT_TFJS_BACKEND;
  let missing: string | undefined;
  for (const name of asked ? [asked] : ["wasm", "cpu"]) {
    try {
      const { tf } = await openBackend(name);
      const but = missing === undefined ? "" : `; ${missing}`;
      return { engine: tfjsOn(name), ok: `tfjs ${tf.version_core}, backend ${name}, float32, op by op${but}` };
    } catch (error) {
      missing ??= `backend ${name} does not work: ${reasonOf(error).split("\n")[0] ?? ""}`;
    }
  }
  return {
    missing: `tfjs cannot be used: ${missing}`,
    help: asked
      ? "unset DIT_TFJS_BACKEND, or use `engine: onnx`"
      : "npm install @tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm @tensorflow/tfjs-backend-cpu, or use `engine: onnx`",
  };
}
