/** Functions that `Math` does not have. */

const TINY_A = [3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694, 0.18577770618460315];
const TINY_B = [23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171];
const MID_P = [
  0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001, 881.952221241769, 1712.0476126340707,
  2051.0783778260716, 1230.3393547979972, 2.1531153547440383e-8,
];
const MID_Q = [
  15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597, 4362.619090143247,
  3439.3676741437216, 1230.3393548037495,
];
const BIG_P = [
  0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275, 0.0006587491615298378,
  0.016315387137302097,
];
const BIG_Q = [2.568520192289822, 1.8729528499234604, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918];

function get(list: readonly number[], i: number): number {
  return list[i] ?? 0;
}

/** Cody's rational approximations (1969), to about 1e-16. */
export function erf(x: number): number {
  const y = Math.abs(x);
  if (!(y > 0.46875)) {
    const z = y > 1.11e-16 ? y * y : 0;
    let num = get(TINY_A, 4) * z;
    let den = z;
    for (let i = 0; i < 3; i++) {
      num = (num + get(TINY_A, i)) * z;
      den = (den + get(TINY_B, i)) * z;
    }
    return (x * (num + get(TINY_A, 3))) / (den + get(TINY_B, 3));
  }
  if (y > 6) return Math.sign(x);
  let r: number;
  if (y <= 4) {
    let num = get(MID_P, 8) * y;
    let den = y;
    for (let i = 0; i < 7; i++) {
      num = (num + get(MID_P, i)) * y;
      den = (den + get(MID_Q, i)) * y;
    }
    r = (num + get(MID_P, 7)) / (den + get(MID_Q, 7));
  } else {
    const z = 1 / (y * y);
    let num = get(BIG_P, 5) * z;
    let den = z;
    for (let i = 0; i < 4; i++) {
      num = (num + get(BIG_P, i)) * z;
      den = (den + get(BIG_Q, i)) * z;
    }
    r = (z * (num + get(BIG_P, 4))) / (den + get(BIG_Q, 4));
    r = (0.5641895835477563 - r) / y;
  }
  // exp(-y²) in two factors, as y² loses the last digits.
  const z = Math.trunc(y * 16) / 16;
  const complement = Math.exp(-z * z) * Math.exp(-(y - z) * (y + z)) * r;
  return Math.sign(x) * (1 - complement);
}

/** To the nearest whole number, halves to the even one. */
export function roundEven(x: number): number {
  const f = Math.floor(x);
  const d = x - f;
  if (d < 0.5) return f;
  if (d > 0.5) return f + 1;
  if (d === 0.5) return f % 2 === 0 ? f : f + 1;
  return x;
}

export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** The remainder with the sign of the divisor. */
export function modulo(a: number, b: number): number {
  return a - b * Math.floor(a / b);
}
