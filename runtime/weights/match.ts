/** What a file of weights has to do with an instance of a spec: told before anything is taken. */
import { sizeOf } from "../../compiler/ir/graph.js";
import type { StartTensor, WeightInfo } from "../../compiler/plan/plan.js";
import type { TensorFile } from "./tensor-file.js";

/** A tensor of another size. */
export interface OtherShape {
  readonly name: string;
  readonly file: readonly number[];
  readonly spec: readonly number[];
}

export interface Matching {
  /** Tensors that the spec has a place for, in all. */
  readonly wanted: number;
  readonly matched: readonly string[];
  /** Elements of the weights that the matched ones fill. */
  readonly parameters: number;
  readonly missing: readonly string[];
  readonly shapes: readonly OtherShape[];
  /** Tensors of the file without a place in the spec. */
  readonly unused: readonly string[];
  /** Weights of ours that nothing fills: they start as in a new run. */
  readonly kept: readonly string[];
  /** How many of the matched tensors have each type. */
  readonly types: ReadonlyMap<string, number>;
}

/** `tensors`: what a layout says; without, the file has our own paths. */
export function match(
  source: TensorFile,
  own: readonly WeightInfo[],
  tensors: readonly StartTensor[] | undefined,
): Matching {
  const wanted = tensors ?? own.map((w) => ({ name: w.path, shape: w.shape, weights: [w.path] }));
  const matched: string[] = [];
  const missing: string[] = [];
  const shapes: OtherShape[] = [];
  const types = new Map<string, number>();
  const without = new Set<string>();
  for (const { name, shape, weights } of wanted) {
    const entry = source.entries.get(name);
    if (entry && entry.shape.join() === shape.join()) {
      matched.push(name);
      types.set(entry.type, (types.get(entry.type) ?? 0) + 1);
      continue;
    }
    if (entry) shapes.push({ name, file: entry.shape, spec: shape });
    else missing.push(name);
    for (const path of weights) without.add(path);
  }
  const known = new Set(wanted.flatMap((t) => t.weights));
  const kept = own.filter((w) => without.has(w.path) || !known.has(w.path));
  const names = new Set(wanted.map((t) => t.name));
  return {
    wanted: wanted.length,
    matched,
    parameters: own.reduce((sum, w) => sum + sizeOf(w.shape), 0) - kept.reduce((sum, w) => sum + sizeOf(w.shape), 0),
    missing,
    shapes,
    unused: [...source.entries.keys()].filter((name) => !names.has(name)),
    kept: kept.map((w) => w.path),
    types,
  };
}

export function isWhole({ missing, shapes, unused, kept }: Matching): boolean {
  return missing.length + shapes.length + unused.length + kept.length === 0;
}

/** What becomes of numbers of a type on their way into a run. */
export const conversions: Readonly<Record<string, string>> = {
  F16: "widened to f32, exact",
  BF16: "widened to f32, exact",
  F64: "rounded to f32",
};
