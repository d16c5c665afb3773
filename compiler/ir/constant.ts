import type { OpAttrs } from "./attrs.js";
import type { OpOf, TensorType, Value } from "./graph.js";
import type { HostTensor } from "./host.js";
import { allocate } from "./kernels/memory.js";
import { elements, sameAxes, sameShape } from "./types.js";

export type ConstantAttrs = OpAttrs["constant"];

/** Attributes of ops that have none. */
export const none: Readonly<Record<string, never>> = Object.freeze({});

export function constantOf(v: Value): OpOf<"constant"> | undefined {
  return v.op?.kind === "constant" ? v.op : undefined;
}

/** The one number that all elements of a constant equal, if it is written as one number (or has one element). */
export function splatOf(v: Value): number | undefined {
  const op = v.op;
  if (op?.kind !== "constant") return undefined;
  const data = op.attrs.data;
  return typeof data === "number" ? data : data.length === 1 ? data[0] : undefined;
}

export function constantTensor(attrs: ConstantAttrs, type: TensorType): HostTensor {
  const data = allocate(type.dtype, elements(type));
  if (typeof attrs.data === "number") data.fill(attrs.data);
  else data.set(attrs.data);
  return { dtype: type.dtype, shape: type.shape, data };
}

/** Attributes of the constant with these elements; as one number if they are all the same. */
export function constantAttrs(type: TensorType, data: number | ArrayLike<number>): ConstantAttrs {
  return {
    dtype: type.dtype,
    shape: type.shape,
    axes: type.axes,
    data: typeof data === "number" ? data : compact(data),
  };
}

function compact(data: ArrayLike<number>): number | Float64Array {
  const first = data[0];
  let i = 1;
  while (i < data.length && Object.is(data[i], first)) i++;
  if (first !== undefined && i === data.length) return first;
  return data instanceof Float64Array ? data : Float64Array.from(data);
}

export function sameConstant(a: ConstantAttrs, b: ConstantAttrs): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape) && sameAxes(a.axes, b.axes) && sameData(a.data, b.data);
}

function sameData(a: ConstantAttrs["data"], b: ConstantAttrs["data"]): boolean {
  if (typeof a === "number" || typeof b === "number") return Object.is(a, b);
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
