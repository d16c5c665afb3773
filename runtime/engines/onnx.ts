import { flat } from "../../compiler/emit/onnx/program.js";
import type { Engine } from "./engine.js";
import { loadStepwise } from "./onnx-stepwise.js";
import { WholeSession } from "./onnx-whole.js";

/** The embedded default: fast on any CPU from npm alone. */
export const onnx: Engine = {
  name: "onnx",
  precision: 32,
  burst: 16,
  load: (module, options) =>
    options.mode === "whole" ? WholeSession.load(flat(module), options) : loadStepwise(module, options),
};
