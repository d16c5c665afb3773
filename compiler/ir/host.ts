import type { DType } from "./graph.js";

/** A tensor in memory, row-major. `index` data is Int32Array (-1 is `none`), `bool` is Uint8Array of 0 and 1. */
export interface HostTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: Float64Array | Float32Array | Int32Array | Uint8Array;
}
