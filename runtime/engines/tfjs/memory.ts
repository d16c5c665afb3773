/** Tensors between memory of JavaScript and a backend. */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Value } from "../../../compiler/ir/graph.js";
import type { HostTensor } from "../../../compiler/ir/host.js";
import { type Target, typeOf } from "./target.js";

/** A copy: backends that compute on the host would keep the memory they are given. */
export function toTensor({ tf }: Target, { dtype, shape, data }: HostTensor): Tensor {
  const values = dtype === "float" ? Float32Array.from(data) : data.slice();
  return tf.tensor(values as Float32Array | Int32Array | Uint8Array, [...shape], typeOf[dtype]);
}

/** Of a value of that type; the tensor has all its elements. A cast on the backend `cpu` may leave them in an array of another type. */
export async function toHost(tensor: Tensor, { type: { dtype, shape } }: Value): Promise<HostTensor> {
  if (tensor.dtype !== typeOf[dtype]) throw new Error(`tfjs gives ${tensor.dtype} for ${dtype}`);
  const data = await tensor.data<"float32" | "int32" | "bool">();
  return { dtype, shape, data: arrayOf[dtype].from(data) };
}

const arrayOf = { float: Float32Array, index: Int32Array, bool: Uint8Array } as const;
