/** TensorFlow's native library, through the binding inside `@tensorflow/tfjs-node-gpu` or `@tensorflow/tfjs-node`. */
import { createRequire } from "node:module";
import { reasonOf } from "../../fault.js";
import type { Missing } from "../engine.js";
import { threads } from "../ort.js";
import { type Located, locateTensorflow } from "./locate.js";

/** The part of tfjs-node's `TFJSBinding` that is used: whole graphs, without tfjs tensors around what goes in and out. */
export interface Binding {
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_BOOL: number;
  readonly TF_Version?: string;
  /** Copies the data. Gives an id, to be deleted. */
  createTensor(shape: readonly number[], dtype: number, data: Float32Array | Int32Array | Uint8Array): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  /** Gives the id of a session. */
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(session: number): void;
  /** Names are `node:output`, joined by commas. */
  runSavedModel(session: number, inputs: readonly number[], inputNames: string, outputNames: string): Made[];
}

/** A tensor that a run has made. */
export interface Made {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: number;
}

export interface Library {
  readonly binding: Binding;
  readonly located: Located;
  readonly gpu: boolean;
}

interface TfjsNode {
  backend(): { readonly binding: Binding; readonly isUsingGpuDevice: boolean };
}

let loaded: Library | Missing | undefined;

/** Loaded once, with settings that the library reads only then. */
export function loadTensorflow(): Library | Missing {
  loaded ??= load();
  return loaded;
}

function load(): Library | Missing {
  const located = locateTensorflow();
  if ("missing" in located) return located;
  const { DIT_XLA } = process.env;
  const apart = DIT_XLA !== "whole" && DIT_XLA !== "off";
  const settings = {
    // What a function asks to be compiled by XLA is refused without the second flag on a CPU, and its sums are rewritten without the first.
    TF_XLA_FLAGS: "--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit",
    TF_CPP_MIN_LOG_LEVEL: "2",
    // Products by oneDNN, and memory that is kept from one run to the next. It comes with a line on the terminal that no level silences.
    TF_ENABLE_ONEDNN_OPTS: "1",
    // A thread runs an op by itself, as there is a part of the batch for each.
    XLA_FLAGS: apart ? "--xla_cpu_multi_thread_eigen=false" : "",
    TF_NUM_INTRAOP_THREADS: String(apart ? 1 : threads()),
    TF_NUM_INTEROP_THREADS: String(apart ? threads() : 2),
  };
  for (const [name, value] of Object.entries(settings)) process.env[name] ??= value;
  try {
    const tfjs = createRequire(import.meta.url)(located.path) as TfjsNode;
    const { binding, isUsingGpuDevice } = tfjs.backend();
    return { binding, located, gpu: isUsingGpuDevice };
  } catch (error) {
    const reason = reasonOf(error).split("\n")[0] ?? "";
    return {
      missing: `TensorFlow does not load from ${located.path}: ${reason}`,
      help: "build it anew: npx dit engine install tensorflow --force",
    };
  }
}
