import { IrError } from "./error.js";
import { type DType, sizeOf, type TensorType } from "./graph.js";

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function sameAxes(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Equality of types: dtype and shape, not names. */
export function sameType(a: TensorType, b: TensorType): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape);
}

/** Equality of dtype, shape and names. */
export function sameNamedType(a: TensorType, b: TensorType): boolean {
  return sameType(a, b) && sameAxes(a.axes, b.axes);
}

/** As in messages: `float[batch: 4, dim: 8]`. */
export function typeText(t: TensorType): string {
  return `${t.dtype}[${t.shape.map((n, i) => `${t.axes[i] ?? "?"}: ${n}`).join(", ")}]`;
}

export function elements(t: TensorType): number {
  return sizeOf(t.shape);
}

/** Throws unless `ok`. The message is a function because almost none is ever read. */
export function check(ok: boolean, message: () => string): asserts ok {
  if (!ok) throw new IrError(message());
}

export function checkDType(kind: string, t: TensorType, ...allowed: DType[]): void {
  if (!allowed.includes(t.dtype)) throw new IrError(`${kind} takes ${allowed.join(" or ")}, not ${typeText(t)}`);
}

export function checkArity(kind: string, types: readonly unknown[], n: number): void {
  if (types.length !== n) throw new IrError(`${kind} takes ${n} operands, not ${types.length}`);
}

/** The dimensions `0..rank-1` that are not in `some`, ascending. */
export function others(rank: number, some: readonly number[]): number[] {
  const rest: number[] = [];
  for (let i = 0; i < rank; i++) if (!some.includes(i)) rest.push(i);
  return rest;
}

export function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

export function isIdentity(perm: readonly number[]): boolean {
  return perm.every((p, i) => p === i);
}

/** The permutation that undoes `perm`. */
export function inverse(perm: readonly number[]): number[] {
  const back = new Array<number>(perm.length).fill(0);
  perm.forEach((p, i) => {
    back[p] = i;
  });
  return back;
}
