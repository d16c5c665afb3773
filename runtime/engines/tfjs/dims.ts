/** Shapes with neighbouring dimensions put together: kernels are slow, or missing, for tensors of many dimensions. */
import { at } from "../../../compiler/emit/operands.js";
import { sizeOf } from "../../../compiler/ir/graph.js";

export type Shape = readonly number[];

export function sameList(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/** Largest size of each dimension: 1 where all shapes, which have one rank, only repeat. */
export function widest(shapes: readonly Shape[]): number[] {
  return (shapes[0] ?? []).map((_, d) => Math.max(...shapes.map((s) => at(s, d))));
}

/** Neighbouring dimensions along which the same shapes repeat become one. */
export function mergedShapes(shapes: readonly Shape[]): number[][] {
  const out = shapes.map((): number[] => []);
  let before: string | undefined;
  for (const d of (shapes[0] ?? []).keys()) {
    const sizes = shapes.map((s) => at(s, d));
    const pattern = sizes.map((n) => (n === 1 ? "1" : "n")).join("");
    if (!pattern.includes("n")) continue;
    for (const [i, n] of sizes.entries()) {
      const list = out[i];
      if (!list) continue;
      if (pattern === before) list.push((list.pop() ?? 1) * n);
      else list.push(n);
    }
    before = pattern;
  }
  return out;
}

export interface Permutation {
  readonly shape: number[];
  readonly perm: number[];
}

/** A transposition of fewer dimensions that moves the same elements. Of one dimension, or none, where nothing moves. */
export function mergedPermutation(shape: Shape, perm: readonly number[]): Permutation {
  const runs: number[][] = [];
  for (const p of perm) {
    if (at(shape, p) === 1) continue;
    const run = runs[runs.length - 1];
    const end = run?.[run.length - 1];
    if (run && end !== undefined && follows(shape, end, p)) run.push(p);
    else runs.push([p]);
  }
  const order = runs.map((run, to) => ({ start: run[0] ?? 0, to, size: sizeOf(run.map((d) => at(shape, d))) }));
  const inPlace = [...order].sort((a, b) => a.start - b.start);
  return { shape: inPlace.map((r) => r.size), perm: order.map((r) => inPlace.indexOf(r)) };
}

/** Whether `b` is the next dimension after `a`, those of size 1 aside. */
function follows(shape: Shape, a: number, b: number): boolean {
  return b > a && shape.slice(a + 1, b).every((n) => n === 1);
}

/** A cut, or a margin, of fewer dimensions: those that are left whole go with the one before. `low` and `size` count in elements of it. */
export interface Cuts {
  readonly shape: number[];
  readonly low: number[];
  readonly size: number[];
}

/** `size[d]` elements of dimension d from `low[d]` on; a negative `low` begins before the tensor. */
export function mergedCuts(shape: Shape, low: readonly number[], size: readonly number[]): Cuts {
  const out: Cuts = { shape: [], low: [], size: [] };
  for (const [d, n] of shape.entries()) {
    const whole = at(low, d) === 0 && at(size, d) === n;
    if (whole && out.shape.length > 0)
      for (const list of [out.shape, out.low, out.size]) list.push((list.pop() ?? 0) * n);
    else if (!whole || n !== 1) {
      out.shape.push(n);
      out.low.push(at(low, d));
      out.size.push(at(size, d));
    }
  }
  return out;
}

/** Dimensions that are summed, and those that are not, each put together with neighbours of its kind. */
export function mergedAxes(
  shape: Shape,
  axes: readonly number[],
): { readonly shape: number[]; readonly axes: number[] } {
  const merged: number[] = [];
  const over: number[] = [];
  let before: boolean | undefined;
  for (const [d, n] of shape.entries()) {
    if (n === 1) continue;
    const now = axes.includes(d);
    if (now === before) merged.push((merged.pop() ?? 1) * n);
    else {
      if (now) over.push(merged.length);
      merged.push(n);
    }
    before = now;
  }
  return { shape: merged, axes: over };
}

/** Dimensions of one shape that a reshape makes into dimensions of another. */
export interface Group {
  readonly from: number[];
  readonly to: number[];
}

/** The smallest groups of equal size, in order; the shapes have no dimension of size 0. */
export function groups(from: Shape, to: Shape): Group[] {
  const out: Group[] = [];
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    const group: Group = { from: [], to: [] };
    let [a, b] = [1, 1];
    do {
      if (j >= to.length || (i < from.length && a <= b)) {
        group.from.push(i);
        a *= at(from, i++);
      } else {
        group.to.push(j);
        b *= at(to, j++);
      }
    } while (a !== b);
    out.push(group);
  }
  return out;
}
