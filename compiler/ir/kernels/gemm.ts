/** Matrix products of contiguous float64 data. */

const BLOCK_K = 64;
const BLOCK_N = 256;

/**
 * c[m, n] += a[m, k] b[k, n], all row-major, at offsets. In blocks that stay in the cache, two rows of `a` by four of `b` at a time: each
 * element that is loaded is used for several products, which is what bounds the speed without vector instructions.
 */
export function gemm(
  m: number,
  n: number,
  k: number,
  a: Float64Array,
  offA: number,
  b: Float64Array,
  offB: number,
  c: Float64Array,
  offC: number,
): void {
  for (let k0 = 0; k0 < k; k0 += BLOCK_K) {
    const k1 = Math.min(k, k0 + BLOCK_K);
    for (let n0 = 0; n0 < n; n0 += BLOCK_N) {
      const width = Math.min(n, n0 + BLOCK_N) - n0;
      let i = 0;
      for (; i + 1 < m; i += 2)
        twoRows(width, n, k0, k1, a, offA + i * k, offA + (i + 1) * k, b, offB + n0, c, offC + i * n + n0);
      if (i < m) oneRow(width, n, k0, k1, a, offA + i * k, b, offB + n0, c, offC + i * n + n0);
    }
  }
}

function twoRows(
  width: number,
  n: number,
  k0: number,
  k1: number,
  a: Float64Array,
  a0: number,
  a1: number,
  b: Float64Array,
  offB: number,
  c: Float64Array,
  c0: number,
): void {
  const c1 = c0 + n;
  let p = k0;
  for (; p + 3 < k1; p += 4) {
    const p0 = a[a0 + p] as number;
    const p1 = a[a0 + p + 1] as number;
    const p2 = a[a0 + p + 2] as number;
    const p3 = a[a0 + p + 3] as number;
    const q0 = a[a1 + p] as number;
    const q1 = a[a1 + p + 1] as number;
    const q2 = a[a1 + p + 2] as number;
    const q3 = a[a1 + p + 3] as number;
    const b0 = offB + p * n;
    const b1 = b0 + n;
    const b2 = b1 + n;
    const b3 = b2 + n;
    for (let j = 0; j < width; j++) {
      const x0 = b[b0 + j] as number;
      const x1 = b[b1 + j] as number;
      const x2 = b[b2 + j] as number;
      const x3 = b[b3 + j] as number;
      c[c0 + j] = (c[c0 + j] as number) + p0 * x0 + p1 * x1 + p2 * x2 + p3 * x3;
      c[c1 + j] = (c[c1 + j] as number) + q0 * x0 + q1 * x1 + q2 * x2 + q3 * x3;
    }
  }
  for (; p < k1; p++) {
    const p0 = a[a0 + p] as number;
    const q0 = a[a1 + p] as number;
    const b0 = offB + p * n;
    for (let j = 0; j < width; j++) {
      const x = b[b0 + j] as number;
      c[c0 + j] = (c[c0 + j] as number) + p0 * x;
      c[c1 + j] = (c[c1 + j] as number) + q0 * x;
    }
  }
}

function oneRow(
  width: number,
  n: number,
  k0: number,
  k1: number,
  a: Float64Array,
  a0: number,
  b: Float64Array,
  offB: number,
  c: Float64Array,
  c0: number,
): void {
  for (let p = k0; p < k1; p++) {
    const x = a[a0 + p] as number;
    const b0 = offB + p * n;
    for (let j = 0; j < width; j++) c[c0 + j] = (c[c0 + j] as number) + x * (b[b0 + j] as number);
  }
}
