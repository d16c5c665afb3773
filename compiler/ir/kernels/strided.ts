/** Walks over two tensors at once, each with strides of its own: copies, transpositions, reductions. */
import type { Data } from "./memory.js";

/** A run of `n` elements: from `a` with stride `sa`, from `b` with stride `sb`. */
export type Run = (a: number, sa: number, b: number, sb: number, n: number) => void;

/** Calls `run` along the last dimension of `shape` for every position of the others; neighbours that are contiguous in both are merged. */
export function walk(
  shape: readonly number[],
  stridesA: readonly number[],
  offsetA: number,
  stridesB: readonly number[],
  offsetB: number,
  run: Run,
): void {
  const dims: number[] = [];
  const as: number[] = [];
  const bs: number[] = [];
  for (let i = 0; i < shape.length; i++) {
    const n = shape[i] ?? 0;
    if (n === 0) return;
    if (n === 1) continue;
    const sa = stridesA[i] ?? 0;
    const sb = stridesB[i] ?? 0;
    const last = dims.length - 1;
    if (last >= 0 && as[last] === sa * n && bs[last] === sb * n) {
      dims[last] = (dims[last] ?? 1) * n;
      as[last] = sa;
      bs[last] = sb;
    } else {
      dims.push(n);
      as.push(sa);
      bs.push(sb);
    }
  }
  const inner = dims.length - 1;
  if (inner < 0) {
    run(offsetA, 1, offsetB, 1, 1);
    return;
  }
  const n = dims[inner] ?? 0;
  const sa = as[inner] ?? 0;
  const sb = bs[inner] ?? 0;
  const counter = new Array<number>(inner).fill(0);
  let a = offsetA;
  let b = offsetB;
  for (;;) {
    run(a, sa, b, sb, n);
    let d = inner - 1;
    for (; d >= 0; d--) {
      const next = (counter[d] ?? 0) + 1;
      a += as[d] ?? 0;
      b += bs[d] ?? 0;
      if (next < (dims[d] ?? 0)) {
        counter[d] = next;
        break;
      }
      counter[d] = 0;
      a -= (as[d] ?? 0) * next;
      b -= (bs[d] ?? 0) * next;
    }
    if (d < 0) return;
  }
}

/** Copies `shape` elements from `src` to `dst`. */
export function copy(
  shape: readonly number[],
  dst: Data,
  dstStrides: readonly number[],
  dstOffset: number,
  src: Data,
  srcStrides: readonly number[],
  srcOffset: number,
): void {
  walk(shape, dstStrides, dstOffset, srcStrides, srcOffset, (a, sa, b, sb, n) => {
    if (sa === 1 && sb === 1 && n > 16) dst.set(src.subarray(b, b + n), a);
    else if (sb === 0) {
      const x = src[b] ?? 0;
      if (sa === 1) dst.fill(x, a, a + n);
      else for (let i = 0; i < n; i++) dst[a + i * sa] = x;
    } else
      for (let i = 0; i < n; i++) {
        dst[a] = src[b] ?? 0;
        a += sa;
        b += sb;
      }
  });
}
