import type { HostTensor } from "../../compiler/ir/host.js";
import type { Engine } from "../engines/engine.js";

export interface Tolerance {
  /** Of a tensor, relative to its largest entry. */
  readonly tensor: number;
  /** Of a number, where the file has it in 64 bits. */
  readonly scalar: number;
}

/** What an engine is held to, by the bits of its floats: the numbers of a fixture are stored in 32. */
export const tolerances: Readonly<Record<Engine["precision"], Tolerance>> = {
  64: { tensor: 1e-6, scalar: 1e-9 },
  32: { tensor: 1e-4, scalar: 1e-4 },
};

/** Largest difference over the largest entry of the file, or over `floor` if that is larger; elements marked in `skip` are left out. `undefined`: the shapes differ. */
export function relativeError(
  ours: HostTensor,
  file: HostTensor,
  floor: number,
  skip?: HostTensor,
): number | undefined {
  if (ours.shape.length !== file.shape.length || ours.shape.some((d, i) => d !== file.shape[i])) return undefined;
  let top = floor;
  let worst = 0;
  for (let i = 0; i < file.data.length; i++) {
    const a = ours.data[i] ?? 0;
    const b = file.data[i] ?? 0;
    if (Number.isNaN(a) !== Number.isNaN(b)) return Number.POSITIVE_INFINITY;
    top = Math.max(top, Math.abs(b));
    if (skip && skip.data[i] !== 0) continue;
    worst = Math.max(worst, Math.abs(a - b));
  }
  if (worst === 0) return 0;
  return top === 0 ? Number.POSITIVE_INFINITY : worst / top;
}

export function largest(t: HostTensor): number {
  let top = 0;
  for (const x of t.data) top = Math.max(top, Math.abs(x));
  return top;
}
