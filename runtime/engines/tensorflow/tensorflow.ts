import { existsSync } from "node:fs";
import { flat } from "../../../compiler/emit/flat.js";
import type { Xla } from "../../../compiler/emit/tensorflow/scope.js";
import type { Engine, Missing, Provider, Ready } from "../engine.js";
import { threads } from "../ort.js";
import { type Library, loadTensorflow } from "./library.js";
import { locateTensorflow } from "./locate.js";
import { loadStepwise } from "./stepwise.js";
import { WholeSession } from "./whole.js";

/** `parts`: of the batch, computed side by side between islands. */
export function tensorflowOn({ binding }: Library, xla: Xla, parts = threads()): Engine {
  return {
    name: "tensorflow",
    precision: 32,
    half: true,
    burst: 1,
    load: async (module, options) => {
      const build = { xla, parts, half: options.half === true };
      return options.mode === "whole"
        ? WholeSession.load(binding, flat(module), options, build)
        : loadStepwise(binding, module, options, build);
    },
  };
}

const said: Readonly<Record<Xla, string>> = { whole: "XLA", islands: "XLA between products", off: "no XLA" };

function xlaOf(name: string | undefined): Xla | undefined {
  return name === "whole" || name === "islands" || name === "off" ? name : undefined;
}

/** Whole steps inside TensorFlow's native library. `DIT_XLA`: what XLA compiles. */
export const tensorflowProvider: Provider = { name: "tensorflow", auto: mayHaveGpu, state };

/** On a CPU the engine `onnx` is fast with any batch, and starts at once. */
function mayHaveGpu(): boolean {
  const located = locateTensorflow();
  if ("missing" in located || !existsSync("/dev/nvidiactl")) return false;
  const library = loadTensorflow();
  return "binding" in library && library.gpu;
}

async function state(): Promise<Ready | Missing> {
  const library = loadTensorflow();
  if ("missing" in library) return library;
  const { gpu, located, binding } = library;
  const version = located.version ?? binding.TF_Version;
  const n = threads();
  const xla = xlaOf(process.env.DIT_XLA) ?? (gpu ? "whole" : "islands");
  const where = gpu ? "a GPU" : `the CPU, ${n} ${n === 1 ? "thread" : "threads"}`;
  return {
    engine: tensorflowOn(library, xla),
    ok: `TensorFlow${version ? ` ${version}` : ""} on ${where}, float32 or mixed bfloat16, ${said[xla]}; ${located.origin}`,
  };
}
