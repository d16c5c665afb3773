/** Eigenvectors of symmetric matrices: Householder's reduction to three diagonals, then QL with implicit shifts (EISPACK's tred2 and tql2). */

/** Rounds that QL takes for one eigenvalue, at most: two or three are usual. */
const most = 60;

/**
 * Unit eigenvectors of (x + x') / 2, `n` by `n` at `from`, one a column, by rising eigenvalue; not-a-numbers where the matrix has one, or an
 * infinity. Of v and -v the one is taken whose elements, the k-th divided by k, sum up to something not negative.
 */
export function eigenvectors(n: number, x: ArrayLike<number>, from: number, out: Float64Array): void {
  // Row j is the j-th vector.
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) v[i * n + j] = ((x[from + i * n + j] ?? 0) + (x[from + j * n + i] ?? 0)) / 2;
  if (!v.every(Number.isFinite)) {
    out.fill(Number.NaN, from, from + n * n);
    return;
  }
  const d = new Float64Array(n);
  const e = new Float64Array(n);
  tridiagonal(n, v, d, e);
  diagonal(n, v, d, e);
  const order = Array.from(d.keys()).sort((a, b) => (d[a] ?? 0) - (d[b] ?? 0));
  order.forEach((row, j) => {
    let side = 0;
    for (let i = 0; i < n; i++) side += (v[row * n + i] ?? 0) / (i + 1);
    const sign = side < 0 ? -1 : 1;
    for (let i = 0; i < n; i++) out[from + i * n + j] = sign * (v[row * n + i] ?? 0);
  });
}

/** `d`: the diagonal, `e`: beside it, from 1. The rows of `v` become what turns the matrix into it. */
function tridiagonal(n: number, v: Float64Array, d: Float64Array, e: Float64Array): void {
  const at = (i: number, k: number): number => v[k * n + i] as number;
  for (let j = 0; j < n; j++) d[j] = at(n - 1, j);
  for (let i = n - 1; i > 0; i--) {
    let scale = 0;
    let h = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(d[k] as number);
    if (scale === 0) {
      e[i] = d[i - 1] as number;
      for (let j = 0; j < i; j++) {
        d[j] = at(i - 1, j);
        v[j * n + i] = 0;
        v[i * n + j] = 0;
      }
    } else {
      for (let k = 0; k < i; k++) {
        d[k] = (d[k] as number) / scale;
        h += (d[k] as number) ** 2;
      }
      const f = d[i - 1] as number;
      const g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h);
      e[i] = scale * g;
      h -= f * g;
      d[i - 1] = f - g;
      reflect(n, v, d, e, i, h);
    }
    d[i] = h;
  }
  for (let i = 0; i < n - 1; i++) {
    v[i * n + n - 1] = at(i, i);
    v[i * n + i] = 1;
    const h = d[i + 1] as number;
    const next = (i + 1) * n;
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = (v[next + k] as number) / h;
      for (let j = 0; j <= i; j++) {
        let g = 0;
        for (let k = 0; k <= i; k++) g += (v[next + k] as number) * (v[j * n + k] as number);
        for (let k = 0; k <= i; k++) v[j * n + k] = (v[j * n + k] as number) - g * (d[k] as number);
      }
    }
    for (let k = 0; k <= i; k++) v[next + k] = 0;
  }
  for (let j = 0; j < n; j++) {
    d[j] = at(n - 1, j);
    v[j * n + n - 1] = 0;
  }
  v[n * n - 1] = 1;
  e[0] = 0;
}

/** One reflection, of the leading `i` rows and columns. */
function reflect(n: number, v: Float64Array, d: Float64Array, e: Float64Array, i: number, h: number): void {
  e.fill(0, 0, i);
  for (let j = 0; j < i; j++) {
    const f = d[j] as number;
    v[i * n + j] = f;
    let g = (e[j] as number) + (v[j * n + j] as number) * f;
    for (let k = j + 1; k < i; k++) {
      const a = v[j * n + k] as number;
      g += a * (d[k] as number);
      e[k] = (e[k] as number) + a * f;
    }
    e[j] = g;
  }
  let f = 0;
  for (let j = 0; j < i; j++) {
    e[j] = (e[j] as number) / h;
    f += (e[j] as number) * (d[j] as number);
  }
  const half = f / (h + h);
  for (let j = 0; j < i; j++) e[j] = (e[j] as number) - half * (d[j] as number);
  for (let j = 0; j < i; j++) {
    const [a, b] = [d[j] as number, e[j] as number];
    for (let k = j; k < i; k++) v[j * n + k] = (v[j * n + k] as number) - (a * (e[k] as number) + b * (d[k] as number));
    d[j] = v[j * n + i - 1] as number;
    v[j * n + i] = 0;
  }
}

/** `d` becomes the eigenvalues, the rows of `v` the vectors. */
function diagonal(n: number, v: Float64Array, d: Float64Array, e: Float64Array): void {
  e.copyWithin(0, 1);
  e[n - 1] = 0;
  let shift = 0;
  let size = 0;
  for (let l = 0; l < n; l++) {
    size = Math.max(size, Math.abs(d[l] as number) + Math.abs(e[l] as number));
    let m = l;
    while (Math.abs(e[m] as number) > Number.EPSILON * size) m++;
    for (let round = 0; m > l && round < most; round++) {
      shift += sweep(n, v, d, e, l, m);
      if (Math.abs(e[l] as number) <= Number.EPSILON * size) break;
    }
    d[l] = (d[l] as number) + shift;
    e[l] = 0;
  }
}

/** One QL step on rows `l` to `m`; gives how far it shifted the diagonal. */
function sweep(n: number, v: Float64Array, d: Float64Array, e: Float64Array, l: number, m: number): number {
  const first = d[l] as number;
  const el = e[l] as number;
  const q = ((d[l + 1] as number) - first) / (2 * el);
  const root = q < 0 ? -Math.hypot(q, 1) : Math.hypot(q, 1);
  d[l] = el / (q + root);
  d[l + 1] = el * (q + root);
  const next = d[l + 1] as number;
  const moved = first - (d[l] as number);
  for (let i = l + 2; i < n; i++) d[i] = (d[i] as number) - moved;
  let p = d[m] as number;
  let [c, c2, c3] = [1, 1, 1];
  let [s, s2] = [0, 0];
  const beside = e[l + 1] as number;
  for (let i = m - 1; i >= l; i--) {
    [c3, c2, s2] = [c2, c, s];
    const ei = e[i] as number;
    const g = c * ei;
    const h = c * p;
    const r = Math.hypot(p, ei);
    e[i + 1] = s * r;
    s = ei / r;
    c = p / r;
    p = c * (d[i] as number) - s * g;
    d[i + 1] = h + s * (c * g + s * (d[i] as number));
    const [a, b] = [i * n, (i + 1) * n];
    for (let k = 0; k < n; k++) {
      const x = v[a + k] as number;
      const y = v[b + k] as number;
      v[b + k] = s * x + c * y;
      v[a + k] = c * x - s * y;
    }
  }
  p = (-s * s2 * c3 * beside * (e[l] as number)) / next;
  e[l] = s * p;
  d[l] = c * p;
  return moved;
}
