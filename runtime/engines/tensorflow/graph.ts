/** A SavedModel of ours in a session of TensorFlow. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { servingTag } from "../../../compiler/emit/tensorflow/messages.js";
import type { DType } from "../../../compiler/ir/graph.js";
import type { HostTensor } from "../../../compiler/ir/host.js";
import type { Binding } from "./library.js";

export class TensorflowGraph {
  private constructor(
    private readonly binding: Binding,
    private readonly session: number,
  ) {}

  /** `bytes`: a `saved_model.pb`. TensorFlow reads it from a folder only. */
  static load(binding: Binding, bytes: Uint8Array): TensorflowGraph {
    const folder = mkdtempSync(join(tmpdir(), "dit-savedmodel-"));
    try {
      writeFileSync(join(folder, "saved_model.pb"), bytes);
      return new TensorflowGraph(binding, binding.loadSavedModel(folder, servingTag));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** A tensor of TensorFlow's that holds a copy; to be freed with `free`. */
  tensor({ dtype, shape, data }: HostTensor): number {
    const { TF_BOOL, TF_FLOAT, TF_INT32 } = this.binding;
    if (dtype === "bool") return this.binding.createTensor(shape, TF_BOOL, data as Uint8Array);
    if (dtype === "index") return this.binding.createTensor(shape, TF_INT32, data as Int32Array);
    return this.binding.createTensor(shape, TF_FLOAT, data instanceof Float32Array ? data : Float32Array.from(data));
  }

  free(tensors: Iterable<number>): void {
    for (const id of tensors) this.binding.deleteTensor(id);
  }

  /** `inputs`: tensors by the name of the node they stand for. `wanted`: names and positions of outputs, with the type each is read as. */
  run(
    inputs: readonly (readonly [name: string, tensor: number])[],
    wanted: readonly { readonly from: string; readonly dtype: DType; readonly shape: readonly number[] }[],
  ): HostTensor[] {
    const ids = inputs.map(([, id]) => id);
    const named = inputs.map(([name]) => `${name}:0`);
    const made = this.binding.runSavedModel(this.session, ids, named.join(), wanted.map((w) => w.from).join());
    try {
      return wanted.map(({ dtype, shape }, i) => {
        const id = made[i]?.id;
        if (id === undefined) throw new Error("TensorFlow gives fewer results than asked for");
        return { dtype, shape, data: this.binding.tensorDataSync(id) };
      });
    } finally {
      this.free(made.map(({ id }) => id));
    }
  }

  dispose(): void {
    this.binding.deleteSavedModel(this.session);
  }
}
