/** onnxruntime-node: tensors to and from it, and its settings. */
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import type { Value } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";

type Ort = typeof import("onnxruntime-node");

let loaded: Promise<Ort> | undefined;

/** Loaded when an engine is, not with the command line: the library is 46 MB. */
export function loadOrt(): Promise<Ort> {
  loaded ??= import("onnxruntime-node");
  return loaded;
}

/** Processors with hyper-threads counted once: a second thread on a core does not speed up a matrix product. */
function physicalCores(): number {
  const siblings = new Set<string>();
  try {
    const root = "/sys/devices/system/cpu";
    for (const cpu of readdirSync(root).filter((name) => /^cpu\d+$/.test(name)))
      siblings.add(readFileSync(`${root}/${cpu}/topology/thread_siblings_list`, "utf8"));
  } catch {
    // Not Linux, or a container that hides it.
  }
  return siblings.size > 0 ? Math.min(siblings.size, availableParallelism()) : availableParallelism();
}

/** Threads a session computes with: `DIT_THREADS`, or one a core. */
export function threads(): number {
  const asked = Number(process.env.DIT_THREADS);
  return Number.isInteger(asked) && asked > 0 ? asked : physicalCores();
}

export interface Needs {
  /** Memory matters more than a tenth of the time, which is what it costs where tensors are small. */
  readonly frugal?: boolean;
}

export function sessionOptions({ frugal = false }: Needs = {}): InferenceSession.SessionOptions {
  return {
    executionProviders: ["cpu"],
    graphOptimizationLevel: "basic",
    intraOpNumThreads: threads(),
    interOpNumThreads: 1,
    executionMode: "sequential",
    // A pattern is one block for all that a run ever holds, kept until its end beside what the run gives; an arena grows by doubling, and
    // large tensors leave holes in it.
    enableMemPattern: !frugal,
    enableCpuMemArena: !frugal,
    logSeverityLevel: 3,
    extra: {
      session: {
        // Numbers below 1e-38 are tens of times slower to compute with, and second moments are full of them.
        set_denormal_as_zero: "1",
        // Threads wait busily within a run, as ops are short, and leave the cores to the data between runs.
        intra_op: { allow_spinning: "1" },
        force_spinning_stop: "1",
      },
      // The first moves transpositions behind sums, which are slower there, and apart from the products that share them. The second fails on
      // a reshape to a shape that is computed, by which `after` holds values back, where it follows another reshape.
      optimization: { disable_specified_optimizers: "TransposeOptimizer;ReshapeFusion" },
    },
  };
}

export async function createSession(model: Uint8Array, needs?: Needs): Promise<InferenceSession> {
  const { InferenceSession } = await loadOrt();
  return InferenceSession.create(model, sessionOptions(needs));
}

/** As the model takes it. Float32 and bool data are not copied. */
export function toOrt(ort: Ort, { dtype, shape, data }: HostTensor): Tensor {
  if (dtype === "index") return new ort.Tensor("int64", BigInt64Array.from(data as Int32Array, BigInt), shape);
  if (dtype === "bool") return new ort.Tensor("bool", data as Uint8Array, shape);
  return new ort.Tensor("float32", data instanceof Float32Array ? data : Float32Array.from(data), shape);
}

/** Of a value of that type. Float and bool data are not copied. */
export function fromOrt(tensor: Tensor, { type: { dtype, shape } }: Value): HostTensor {
  const { data } = tensor;
  if (dtype === "index" && data instanceof BigInt64Array) return { dtype, shape, data: Int32Array.from(data, Number) };
  if (dtype === "bool" && data instanceof Uint8Array) return { dtype, shape, data };
  if (dtype === "float" && data instanceof Float32Array) return { dtype, shape, data };
  throw new Error(`onnxruntime gives ${tensor.type} for ${dtype}`);
}
