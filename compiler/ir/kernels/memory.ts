import type { DType } from "../graph.js";
import type { HostTensor } from "../host.js";

export type Data = HostTensor["data"];

/** Zeroed memory: 0, false, and for indices position 0 (not `none`). */
export function allocate(dtype: DType, n: number): Data {
  switch (dtype) {
    case "float":
      return new Float64Array(n);
    case "index":
      return new Int32Array(n);
    case "bool":
      return new Uint8Array(n);
  }
}

/** Memory filled with what `pad` and a look-up of `none` give: 0, false, none. */
export function blank(dtype: DType, n: number): Data {
  const data = allocate(dtype, n);
  if (dtype === "index") data.fill(-1);
  return data;
}

export function host(dtype: DType, shape: readonly number[], data: Data): HostTensor {
  return { dtype, shape, data };
}

/** Float data as float64, without a copy where it is. */
export function doubles(t: HostTensor): Float64Array {
  return t.data instanceof Float64Array ? t.data : Float64Array.from(t.data);
}

/** Row-major strides of a shape. */
export function strides(shape: readonly number[]): number[] {
  const s = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) s[i] = (s[i + 1] ?? 1) * (shape[i + 1] ?? 1);
  return s;
}
