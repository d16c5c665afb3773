import { flat } from "../../../compiler/emit/onnx/program.js";
import type { Engine, Missing, Provider, Ready } from "../engine.js";
import { threads } from "../ort.js";
import { type Library, loadTensorflow } from "./library.js";
import { loadStepwise } from "./stepwise.js";
import { WholeSession } from "./whole.js";

function engineOf({ binding }: Library): Engine {
  const build = { xla: process.env.DIT_XLA !== "off", half: process.env.DIT_HALF === "on" };
  return {
    name: "tensorflow",
    precision: 32,
    burst: 1,
    load: async (module, options) =>
      options.mode === "whole"
        ? WholeSession.load(binding, flat(module), options, build)
        : loadStepwise(binding, module, options, build),
  };
}

/** The fastest: whole steps inside TensorFlow's native library, compiled by XLA. */
export const tensorflowProvider: Provider = { name: "tensorflow", auto: true, state };

async function state(): Promise<Ready | Missing> {
  const library = loadTensorflow();
  if ("missing" in library) return library;
  const { gpu, located, binding } = library;
  const version = located.version ?? binding.TF_Version;
  const n = threads();
  const where = gpu ? "a GPU" : `the CPU, ${n} ${n === 1 ? "thread" : "threads"}`;
  return {
    engine: engineOf(library),
    ok: `TensorFlow${version ? ` ${version}` : ""} on ${where}, float32, XLA; ${located.origin}`,
  };
}
