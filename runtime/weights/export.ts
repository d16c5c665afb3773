/** The weights of a run under names that others know. */
import { renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { HostTensor } from "../../compiler/ir/host.js";
import { toFile } from "../../compiler/plan/gather.js";
import type { StartTensor } from "../../compiler/plan/plan.js";
import type { RunState, Tensors } from "../checkpoint/checkpoint.js";
import { writeSafetensors } from "../checkpoint/safetensors-writer.js";
import { nearest, RuntimeFault } from "../fault.js";
import { syncPath } from "../files.js";
import { writeTorch } from "./torch-writer.js";

/** The weights themselves, or the average of this name. */
export function weightsOf(state: RunState, average: string | undefined, where: string): Tensors {
  if (average === undefined) return state.weights;
  const found = state.averages.get(average);
  if (!found)
    throw new RuntimeFault(`the run has no average \`${average}\``, where, [
      state.averages.size > 0
        ? `it has ${[...state.averages.keys()].join(", ")}`
        : "`--average none` takes the weights themselves",
    ]);
  // What no optimizer moves has no copy.
  return new Map([...state.weights, ...found]);
}

/** The tensors of a file: by a layout, or under our paths. Floats have 32 bits. */
export function exported(
  weights: Tensors,
  instance: string,
  tensors: readonly StartTensor[] | undefined,
  where: string,
): Map<string, HostTensor> {
  const value = (path: string): HostTensor => {
    const found = weights.get(path);
    if (found) return found;
    const near = nearest(path, weights.keys());
    throw new RuntimeFault(`the run has no weight \`${path}\``, where, [
      near === undefined ? "export a run with the spec it was made with" : `did you mean \`${near}\`?`,
    ]);
  };
  if (!tensors)
    return new Map(
      [...weights].filter(([path]) => path.startsWith(`${instance}.`)).map(([path, t]) => [path, narrow(t)]),
    );
  return new Map(tensors.map((t) => [t.name, narrow(toFile(t, value))]));
}

function narrow(t: HostTensor): HostTensor {
  return t.data instanceof Float64Array ? { ...t, data: Float32Array.from(t.data) } : t;
}

/** Writes `.safetensors`, or `.pt` and `.pth` as PyTorch does; whole or not at all. */
export async function writeTensors(file: string, tensors: ReadonlyMap<string, HostTensor>): Promise<void> {
  const draft = `${file}.writing-${process.pid}`;
  try {
    if (/\.pth?$/.test(file)) await writeTorch(draft, tensors);
    else await writeSafetensors(draft, tensors, { floats: "F32", metadata: { format: "pt" } });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  syncPath(dirname(file));
}
