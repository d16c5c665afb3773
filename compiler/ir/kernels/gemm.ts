/** Matrix products of contiguous float64 data. */

const BLOCK_K = 64;
const BLOCK_N = 256;

/** c[m, n] += a[m, k] b[k, n], all row-major, at offsets. */
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
      for (let i = 0; i < m; i++) {
        const rowA = offA + i * k;
        const rowC = offC + i * n + n0;
        let p = k0;
        for (; p + 3 < k1; p += 4) {
          const a0 = a[rowA + p] as number;
          const a1 = a[rowA + p + 1] as number;
          const a2 = a[rowA + p + 2] as number;
          const a3 = a[rowA + p + 3] as number;
          const b0 = offB + p * n + n0;
          const b1 = b0 + n;
          const b2 = b1 + n;
          const b3 = b2 + n;
          for (let j = 0; j < width; j++)
            c[rowC + j] =
              (c[rowC + j] as number) +
              a0 * (b[b0 + j] as number) +
              a1 * (b[b1 + j] as number) +
              a2 * (b[b2 + j] as number) +
              a3 * (b[b3 + j] as number);
        }
        for (; p < k1; p++) {
          const a0 = a[rowA + p] as number;
          const b0 = offB + p * n + n0;
          for (let j = 0; j < width; j++) c[rowC + j] = (c[rowC + j] as number) + a0 * (b[b0 + j] as number);
        }
      }
    }
  }
}
