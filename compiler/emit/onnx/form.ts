/**
 * How a value of ours lies in the ONNX graph. A `broadcast`, a `transpose`, a reshape that only adds or drops dimensions of size 1 and a
 * product with a constant are no nodes: they change the form, and the op that reads the value sees to it. Most never cost anything:
 * elementwise nodes repeat their operands themselves, matrix products read transposed operands and scale their result.
 */

/** The same number everywhere. */
export interface Splat {
  readonly splat: number;
}

/**
 * Dimension `i` of the tensor `name`, of size `shape[i]`, is dimension `map[i]` of the value; -1 for one of size 1 that the value does not
 * have. The value is constant along its dimensions that are missing or of size 1 here. Its elements are `scale` times those of the tensor.
 */
export interface Stored {
  readonly name: string;
  readonly shape: readonly number[];
  readonly map: readonly number[];
  readonly scale: number;
}

export type Form = Splat | Stored;

export function isSplat(form: Form): form is Splat {
  return "splat" in form;
}

/** Dimensions of the value along which the tensor varies, in the order in which they are stored. */
export function live(form: Stored): number[] {
  return form.map.filter((_, i) => form.shape[i] !== 1);
}

/** Size of the tensor along dimension `d` of the value. */
export function extent(form: Stored, d: number): number {
  const i = form.map.indexOf(d);
  return i < 0 ? 1 : (form.shape[i] ?? 1);
}

export function storedSize(form: Stored): number {
  let n = 1;
  for (const d of form.shape) n *= d;
  return n;
}

/** The same tensor, whose dimension `d` of the value is now `to(d)`, or no dimension (-1, only where it does not vary). */
export function remap(form: Form, to: (d: number) => number): Form {
  return isSplat(form) ? form : { ...form, map: form.map.map((d) => (d < 0 ? -1 : to(d))) };
}

export function scaled(form: Form, factor: number): Form {
  if (isSplat(form)) return { splat: form.splat * factor };
  const scale = form.scale * factor;
  // A factor that was taken out and multiplied back in leaves a rounding error.
  return { ...form, scale: Math.abs(scale - 1) < 1e-12 ? 1 : scale };
}

/** The tensor itself, its factor left aside. */
export function unscaled(form: Stored): Stored {
  return { ...form, scale: 1 };
}

export function identity(rank: number): number[] {
  return Array.from({ length: rank }, (_, i) => i);
}

export function sameList(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((x, i) => x === b[i]);
}

/** Without leading dimensions of size 1, which an elementwise node does not need. */
export function trimmed(shape: readonly number[]): readonly number[] {
  let i = 0;
  while (i < shape.length && shape[i] === 1) i += 1;
  return shape.slice(i);
}
