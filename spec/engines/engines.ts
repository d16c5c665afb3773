import type { Engine } from "../../runtime/engines/engine.js";
import { onnx } from "../../runtime/engines/onnx.js";
import { tfjsOn } from "../../runtime/engines/tfjs/tfjs.js";

/** An engine under test; the name says on what it runs where that is a choice. */
export interface Subject {
  readonly name: string;
  readonly engine: Engine;
}

/** Held against the reference on whatever there is to compute, after every change. */
export const subjects: readonly Subject[] = [{ name: "onnx", engine: onnx }];

/** The same, in the slow tests: those that work on every machine, op by op. */
export const slowSubjects: readonly Subject[] = [
  { name: "tfjs on wasm", engine: tfjsOn("wasm") },
  { name: "tfjs on cpu", engine: tfjsOn("cpu") },
];
