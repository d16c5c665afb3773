/** Eigenvectors, as a loop of products (`emit/jacobi.ts`): no backend has a kernel for them. */
import type { Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { signWeights, tournament } from "../../../compiler/emit/jacobi.js";
import { at, first } from "../../../compiler/emit/operands.js";
import { sizeOf } from "../../../compiler/ir/graph.js";
import { reshaped, spread } from "./spread.js";
import { type Cell, operandAt } from "./target.js";

export const eigenvectors: Cell<"eigenvectors"> = (target, op, operands) => {
  const { tf } = target;
  const { shape } = first(op).type;
  const n = at(shape, shape.length - 1);
  const batch = sizeOf(shape.slice(0, -2));
  const game = tournament(n);
  const { size } = game;
  const tables = size / 2;
  const whole = reshaped(target, spread(target, operandAt(operands, 0), shape), [batch, n, n]) as Tensor3D;
  const mean = tf.mul(tf.add(whole, tf.transpose(whole, [0, 2, 1])), 0.5) as Tensor3D;
  // An empty seat at the end: more on the diagonal than any eigenvalue, so that it is sorted last.
  const above = tf.add(tf.sum(tf.abs(mean), [1, 2], true), 1);
  const corner = tf.tensor3d(
    Array.from({ length: size * size }, (_, i) => (i === size * size - 1 ? 1 : 0)),
    [1, size, size],
  );
  const seated =
    size === n
      ? mean
      : tf.add(
          tf.pad3d(mean, [
            [0, 0],
            [0, 1],
            [0, 1],
          ]),
          tf.mul(corner, above),
        );
  const table = (values: Float64Array): Tensor3D => tf.tensor3d(Float32Array.from(values), [1, tables, size]);
  const [even, odd, evenNext, oddNext] = [game.even, game.odd, game.evenNext, game.oddNext].map(table) as [
    Tensor3D,
    Tensor3D,
    Tensor3D,
    Tensor3D,
  ];
  const all = (x: Tensor3D): Tensor3D => tf.tile(x, [batch, 1, 1]);
  const [rowsOfEven, rowsOfOdd] = [all(even), all(odd)];
  const [fromEven, fromOdd] = [tf.transpose(rowsOfEven, [0, 2, 1]), tf.transpose(rowsOfOdd, [0, 2, 1])];
  let matrix = seated as Tensor3D;
  let basis = all(reshaped(target, tf.eye(size), [1, size, size]) as Tensor3D);
  for (let round = 0; round < game.rounds; round++) {
    const before: readonly Tensor[] = round > 0 ? [matrix, basis] : [];
    [matrix, basis] = tf.tidy(() => {
      const rows = tf.matMul(rowsOfEven, matrix);
      const met = (row: Tensor, seat: Tensor) => tf.sum(tf.mul(row, seat), 2, true);
      const gap = tf.sub(met(tf.matMul(rowsOfOdd, matrix), odd), met(rows, even));
      const double = tf.mul(met(rows, odd), 2);
      const depth = tf.add(tf.abs(gap), tf.sqrt(tf.add(tf.square(gap), tf.square(double))));
      const sound = tf.where(tf.equal(depth, 0), tf.onesLike(depth), depth);
      const side = tf.where(tf.less(gap, 0), tf.neg(tf.onesLike(gap)), tf.onesLike(gap));
      const tangent = tf.div(tf.mul(double, side), sound);
      const length = tf.sqrt(tf.add(tf.square(tangent), 1));
      const [c, s] = [tf.div(1, length), tf.div(tangent, length)];
      const turn = tf.add(
        tf.matMul(fromEven, tf.add(tf.mul(c, evenNext), tf.mul(s, oddNext)) as Tensor3D),
        tf.matMul(fromOdd, tf.sub(tf.mul(c, oddNext), tf.mul(s, evenNext)) as Tensor3D),
      ) as Tensor3D;
      const left = tf.matMul(tf.transpose(turn, [0, 2, 1]), matrix);
      return [tf.matMul(left, turn), tf.matMul(basis, turn)];
    });
    for (const t of before) t.dispose();
  }
  const values = tf.sum(tf.mul(matrix, reshaped(target, tf.eye(size), [1, size, size])), 2);
  const order = tf.topk(tf.neg(values), n, true).indices;
  // Vectors as rows, so that they are picked by their numbers.
  const starts = Int32Array.from({ length: batch * n }, (_, i) => Math.floor(i / n) * size);
  const picked = tf.add(tf.reshape(order, [batch * n]), tf.tensor1d(starts, "int32"));
  const vectors = tf.reshape(tf.transpose(basis, [0, 2, 1]), [batch * size, size]) as Tensor2D;
  const sorted = tf.slice(tf.gather(vectors, tf.cast(picked, "int32")), [0, 0], [batch * n, n]);
  const side = tf.sum(tf.mul(sorted, tf.tensor2d(Float32Array.from(signWeights(n)), [1, n])), 1, true);
  const sign = tf.where(tf.less(side, 0), tf.neg(tf.onesLike(side)), tf.onesLike(side));
  const columns = tf.transpose(tf.reshape(tf.mul(sorted, sign), [batch, n, n]), [0, 2, 1]);
  return reshaped(target, columns, shape);
};
