import type { Engine } from "../../runtime/engines/engine.js";
import { onnx } from "../../runtime/engines/onnx.js";
import { tfjsOn } from "../../runtime/engines/tfjs/tfjs.js";

/** An engine under test; the name says on what it runs where that is a choice. */
export interface Subject {
  readonly name: string;
  readonly engine: Engine;
}

/** Held against the reference on whatever there is to compute: those that work on every machine. */
export const subjects: readonly Subject[] = [
  { name: "onnx", engine: onnx },
  { name: "tfjs on wasm", engine: tfjsOn("wasm") },
];

/** The same, but slow: in the slow tests only. */
export const slowSubjects: readonly Subject[] = [{ name: "tfjs on cpu", engine: tfjsOn("cpu") }];
