/** Weights out of a file of somebody else, through a layout. */
import { evaluate } from "../ir/evaluate.js";
import { sizeOf } from "../ir/graph.js";
import type { HostTensor } from "../ir/host.js";
import type { FileTensor } from "./layout.js";
import type { StartTensor } from "./plan.js";

/** A weight that is being put together from the file; NaN where nothing was found yet. */
export type Filling = Map<string, Float64Array>;

/** The tensor of the file from our values: what an export would write. */
export function toFile(
  t: StartTensor & Partial<Pick<FileTensor, "table">>,
  value: (path: string) => HostTensor,
): HostTensor {
  const [result] = evaluate(t.module, t.table ? [t.table.value] : t.weights.map(value));
  if (!result) throw new Error(`the layout entry ${t.name} gives nothing`);
  return result;
}

/** The numbers of a computed table as the file has them, in our order. */
export function tableFromFile(t: FileTensor, file: HostTensor): HostTensor | undefined {
  if (!t.table) return undefined;
  const { path, value } = t.table;
  const filling: Filling = new Map();
  if (fromFile({ ...t, weights: [path] }, file, filling)) return undefined;
  const data = filling.get(path);
  return data && { dtype: "float", shape: value.shape, data };
}

/**
 * Puts the elements of a file tensor where they belong in our weights. The entry only moves elements, so it is run on element numbers,
 * counted from 1: a 0 is one of the entry's own zeros, and must be one in the file. A
 * weight that stands twice in a file must be equal in both places. Gives a message if something does not fit.
 */
export function fromFile(t: StartTensor, file: HostTensor, filling: Filling): string | undefined {
  const offsets: number[] = [];
  let next = 1;
  const numbers = t.module.main.params.map(({ type: { shape } }): HostTensor => {
    const n = sizeOf(shape);
    const data = Float64Array.from({ length: n }, (_, i) => next + i);
    offsets.push(next);
    next += n;
    return { dtype: "float", shape, data };
  });
  const [ids] = evaluate(t.module, numbers);
  if (!ids) return "the entry gives nothing";
  if (ids.data.length !== file.data.length || ids.shape.some((d, i) => d !== file.shape[i]))
    return `shape [${file.shape.join(", ")}] in the file, [${ids.shape.join(", ")}] here`;
  const targets = t.weights.map((path, k) => {
    let target = filling.get(path);
    if (!target) {
      target = new Float64Array(numbers[k]?.data.length ?? 0).fill(Number.NaN);
      filling.set(path, target);
    }
    return target;
  });
  for (let i = 0; i < ids.data.length; i++) {
    const id = ids.data[i] ?? 0;
    if (id === 0) {
      if (file.data[i] !== 0) return `${file.data[i]} in the file where the layout has a zero`;
      continue;
    }
    let k = offsets.length - 1;
    while (k > 0 && id < (offsets[k] ?? 0)) k--;
    const target = targets[k];
    if (!target) return "an element of the file has no place here";
    const at = id - (offsets[k] ?? 0);
    const value = file.data[i] ?? 0;
    const before = target[at] ?? Number.NaN;
    if (!Number.isNaN(before) && before !== value) return "two elements of the file that should be equal are not";
    target[at] = value;
  }
  return undefined;
}
