import { roll } from "../../compiler/emit/onnx/program.js";
import { reasonOf } from "../fault.js";
import type { Engine, Missing, Provider, Ready } from "./engine.js";
import { loadStepwise } from "./onnx-stepwise.js";
import { WholeSession } from "./onnx-whole.js";
import { loadOrt, threads } from "./ort.js";

/** The embedded default: fast on any CPU from npm alone. */
export const onnx: Engine = {
  name: "onnx",
  precision: 32,
  half: false,
  burst: 16,
  load: (module, options) =>
    options.mode === "whole" ? WholeSession.load(roll(module), options) : loadStepwise(module, options),
};

export const onnxProvider: Provider = { name: "onnx", auto: () => true, state };

async function state(): Promise<Ready | Missing> {
  try {
    const { env } = await loadOrt();
    const n = threads();
    const version = env.versions.node ?? env.versions.common;
    return { engine: onnx, ok: `onnxruntime ${version} on the CPU, float32, ${n} ${n === 1 ? "thread" : "threads"}` };
  } catch (error) {
    const reason = reasonOf(error).split("\n")[0] ?? "";
    return {
      missing: `onnxruntime-node does not load: ${reason}`,
      help: "npm install onnxruntime-node; `engine: reference` needs nothing, in float64 and many times slower",
    };
  }
}
