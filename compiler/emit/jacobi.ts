/**
 * Jacobi's method for engines without a kernel for eigenvectors, in products of matrices alone. In each round the neighbours 1 and 2, 3 and
 * 4, … are turned against each other so that nothing is left between them, and then all change seats as in a tournament, so that after
 * `size - 1` rounds each has met each.
 */
export interface Tournament {
  /** Rows and columns, an even number: a lone one meets an empty seat. */
  readonly size: number;
  readonly rounds: number;
  /** `[size / 2, size]`: who sits at the even and at the odd place of each pair. */
  readonly even: Float64Array;
  readonly odd: Float64Array;
  /** The same after all have changed seats. */
  readonly evenNext: Float64Array;
  readonly oddNext: Float64Array;
}

/** Meetings of each two: what is left between them then is as small as 32 bits show. */
const sweeps = 12;

export function tournament(n: number): Tournament {
  const size = n + (n % 2);
  const half = size / 2;
  // Place 2i is the upper seat of table i; the first one stays.
  const from = Array.from({ length: size }, (_, place) => {
    const table = Math.floor(place / 2);
    const upper = place % 2 === 0;
    if (upper) return table === 0 ? 0 : table === 1 ? 1 : place - 2;
    return table === half - 1 ? (half === 1 ? 1 : place - 1) : place + 2;
  });
  const selector = (parity: number, seat: (place: number) => number) => {
    const rows = new Float64Array(half * size);
    for (let place = 0; place < size; place++) {
      const old = seat(place);
      if (old % 2 === parity) rows[Math.floor(old / 2) * size + place] = 1;
    }
    return rows;
  };
  const same = (place: number) => place;
  const moved = (place: number) => from[place] ?? 0;
  return {
    size,
    rounds: sweeps * (size - 1),
    even: selector(0, same),
    odd: selector(1, same),
    evenNext: selector(0, moved),
    oddNext: selector(1, moved),
  };
}

/** Weights of the sum that decides between v and -v: see the reference kernel. */
export function signWeights(n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => 1 / (i + 1));
}
