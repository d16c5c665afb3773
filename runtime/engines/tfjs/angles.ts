/** sin, cos, tan where those of the backend are coarse: WGSL allows 2^-11 between -pi and pi and says nothing of the rest, GLSL nothing at all. */
import type { Tensor } from "@tensorflow/tfjs-core";
import { type Cell, operandAt, type Target, type Tf } from "./target.js";

type Kernel = (tf: Tf, x: Tensor) => Tensor;

/** pi in four parts: products of the first three with a half number below 2^14 are exact in 32 bits, so it holds up to 50 thousand; beyond, it is a number from -1 to 1. */
const pi = [3.140625, 0.0009670257568359375, 6.277114152908325e-7, 1.2154201256553421e-10];

/** A little more than pi / 2. */
const quarter = 1.571;

/** Coefficients for sin of -pi/2 to pi/2, the highest power first (as in SLEEF, 3.5 units in the last place). */
const series = [2.6083159809786594e-6, -0.00019810690719168633, 0.00833307858556509, -0.16666659712791443];

/** sin(x + shift pi) for a shift of 0 or 1/2: sin of what is left of x, with the sign of the half turn. */
function turned(tf: Tf, x: Tensor, shift: 0 | 0.5): Tensor {
  const turns = tf.round(tf.add(tf.mul(x, 1 / Math.PI), shift));
  const away = tf.sub(turns, shift);
  const left = pi.reduce<Tensor>((sum, part) => tf.sub(sum, tf.mul(away, part)), x);
  const rest = tf.clipByValue(left, -quarter, quarter);
  const square = tf.square(rest);
  const tail = series.reduce<Tensor>((sum, c) => tf.add(tf.mul(sum, square), c), tf.zerosLike(x));
  const sine = tf.add(rest, tf.mul(tf.mul(square, rest), tail));
  const odd = tf.sub(turns, tf.mul(tf.floor(tf.mul(turns, 0.5)), 2));
  return tf.mul(sine, tf.sub(1, tf.mul(odd, 2)));
}

const fine: { readonly [K in "sin" | "cos" | "tan"]: Kernel } = {
  sin: (tf, x) => turned(tf, x, 0),
  cos: (tf, x) => turned(tf, x, 0.5),
  tan: (tf, x) => tf.div(turned(tf, x, 0), turned(tf, x, 0.5)),
};

export function angle<K extends keyof typeof fine>(kind: K, kernel: Kernel): Cell<K> {
  return ({ tf, coarseAngles }: Target, _op, operands) =>
    (coarseAngles ? fine[kind] : kernel)(tf, operandAt(operands, 0));
}
