import { reasonOf } from "../../fault.js";
import type { Missing, Provider, Ready } from "../engine.js";
import { openBackend } from "./backend.js";
import { tfjsOn } from "./engine.js";
import { registerInstalled } from "./installed.js";

registerInstalled();

export { tfjsOn };

/** Not for `auto`: op by op is slower than a whole step, whatever the backend. */
export const tfjsProvider: Provider = { name: "tfjs", auto: () => false, state };

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
