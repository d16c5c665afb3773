/** Programs for what the cases of the op table do not show: bools and indices as results, corner values, operands that repeat or lie transposed. */
import type { OpKind } from "../../compiler/ir/attrs.js";
import * as build from "../../compiler/ir/build.js";
import type { FnBuilder } from "../../compiler/ir/builder.js";
import { type DType, type TensorType, tensor, type Value } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import type { Case } from "../ir/cases.js";
import { draw, floats, generator, indices } from "../ir/helpers.js";

const random = generator(11);
const none = {};

function bools(shape: readonly number[], data: ArrayLike<number>): HostTensor {
  return { dtype: "bool", shape, data: Uint8Array.from(data) };
}

type Body = (b: FnBuilder, ...x: Value[]) => Value | Value[];

function program(name: string, inputs: readonly HostTensor[], body: Body): Case {
  const params = inputs.map((t): TensorType => tensor(t.shape, [], t.dtype));
  return { name, inputs, params, build: (b, values) => [body(b, ...values)].flat() };
}

const to = (shape: readonly number[], dtype: DType = "float"): TensorType => tensor(shape, [], dtype);
const odd = floats([6], [0, -0.5, 1.5, 2.5, -2.5, -3.7]);
const wild = floats([5], [1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -2]);
const angles = floats([12], [-1e4, -999.5, -31.4159, -6.2, -3.15, -1e-4, 0, 1.55, 4.71, 100, 1234.5, 9999]);
const flags = bools([2, 3], [0, 1, 0, 1, 1, 1]);
const cube = bools([2, 3, 2], [0, 1, 0, 1, 1, 1, 1, 0, 0, 0, 1, 1]);
const places = indices([2, 3], [0, -1, 2, 2, 1, -1]);

/** By op; `rest`: of several. */
export const extra: { readonly [K in OpKind | "rest"]?: readonly Case[] } = {
  sin: [program("sin of far angles", [angles], (b, x) => b.emit("sin", [x], none))],
  cos: [program("cos of far angles", [angles], (b, x) => b.emit("cos", [x], none))],
  tan: [program("tan of far angles", [floats([5], [-1000, -3, 0, 4, 22])], (b, x) => b.emit("tan", [x], none))],
  floor: [program("floor of negatives", [odd], (b, x) => b.emit("floor", [x], none))],
  round: [program("round halves", [odd], (b, x) => b.emit("round", [x], none))],
  sign: [program("sign of all signs", [odd], (b, x) => b.emit("sign", [x], none))],
  is_finite: [program("is_finite of what is not", [wild], (b, x) => b.emit("is_finite", [x], none))],
  not: [program("not", [flags], (b, x) => b.emit("not", [x], none))],
  and: [program("and of bools", [flags, bools([2, 3], [1, 1, 0, 0, 1, 0])], (b, x, y) => b.emit("and", [x, y], none))],
  or: [program("or of bools", [flags, bools([2, 3], [1, 1, 0, 0, 1, 0])], (b, x, y) => b.emit("or", [x, y], none))],
  eq: [
    program("eq of indices", [places, indices([2, 3], [0, -1, 1, 2, 2, 0])], (b, x, y) => b.emit("eq", [x, y], none)),
  ],
  ne: [
    program("ne of indices", [places, indices([2, 3], [0, -1, 1, 2, 2, 0])], (b, x, y) => b.emit("ne", [x, y], none)),
  ],
  lt: [
    program("lt of indices", [places, indices([2, 3], [0, 1, 1, 2, 2, 0])], (b, x, y) => b.emit("lt", [x, y], none)),
  ],
  cast: [
    program("bool to float", [flags], (b, x) => b.emit("cast", [x], { to: "float" })),
    program("index to float", [places], (b, x) => b.emit("cast", [x], { to: "float" })),
    program(
      "bool and index to float, moved",
      [cube, indices([2, 3, 2], [0, -1, 2, 2, 1, -1, 7, 8, 9, 3, 4, 5])],
      (b, x, y) => [x, y].map((v) => build.transpose(b, b.emit("cast", [v], { to: "float" }), [0, 2, 1])),
    ),
    program("float to index", [odd], (b, x) => b.emit("cast", [x], { to: "index" })),
  ],
  constant: [
    program("constants as results", [], (b) => [
      b.constant(to([2, 2]), [1, 2, 3, 4]),
      b.constant(to([2, 2]), 3),
      b.constant(to([3], "index"), [0, -1, 4]),
      b.constant(to([3], "bool"), [0, 1, 1]),
      b.constant(to([2, 2], "bool"), 1),
      b.scalar(Number.POSITIVE_INFINITY),
    ]),
  ],
  select: [
    program("select of indices", [flags, places], (b, c, i) => build.select(b, c, i, build.like(b, i, -1))),
    program("select of bools", [flags], (b, c) => build.select(b, c, build.like(b, c, 0), c)),
    program("select of operands that repeat", [bools([3], [1, 0, 1]), draw(random, [2])], (b, c, x) =>
      build.select(
        b,
        build.broadcast(b, c, to([2, 3], "bool"), [1]),
        build.broadcast(b, x, to([2, 3]), [0]),
        b.splat(to([2, 3]), 7),
      ),
    ),
  ],
  pad: [
    program("pad of indices", [places], (b, x) => b.emit("pad", [x], { low: [1, 0], high: [0, 2] })),
    program("pad of bools", [flags], (b, x) => b.emit("pad", [x], { low: [0, 1], high: [1, 0] })),
    program("pad of what repeats", [draw(random, [3])], (b, x) =>
      b.emit("pad", [build.broadcast(b, x, to([2, 3]), [1])], { low: [1, 0], high: [0, 1] }),
    ),
    program("pad of what lies transposed", [draw(random, [3, 2])], (b, x) =>
      b.emit("pad", [build.transpose(b, x, [1, 0])], { low: [1, 0], high: [0, 2] }),
    ),
  ],
  concat: [
    program("concat of indices", [places], (b, x) => b.emit("concat", [x, x], { axis: 0 })),
    program("concat of what repeats", [draw(random, [2]), draw(random, [2, 3])], (b, x, y) => [
      b.emit("concat", [build.broadcast(b, x, to([2, 3]), [0]), y], { axis: 1 }),
      b.emit("concat", [build.broadcast(b, x, to([4, 2]), [1]), build.broadcast(b, x, to([1, 2]), [1])], { axis: 0 }),
    ]),
    program("concat of what lies transposed", [draw(random, [3, 2]), draw(random, [2, 3])], (b, x, y) =>
      b.emit("concat", [build.transpose(b, x, [1, 0]), y, b.splat(to([2, 1]), 5)], { axis: 1 }),
    ),
  ],
  slice: [
    program("slice of bools", [flags], (b, x) => b.emit("slice", [x], { start: [1, 0], stop: [2, 2] })),
    program("slice of what repeats", [draw(random, [3])], (b, x) =>
      b.emit("slice", [build.broadcast(b, x, to([4, 3]), [1])], { start: [1, 1], stop: [3, 3] }),
    ),
    program("slice of nothing", [draw(random, [2, 3])], (b, x) =>
      b.emit("slice", [x], { start: [0, 1], stop: [2, 1] }),
    ),
  ],
  reduce_max: [
    program("any", [flags], (b, x) => b.emit("reduce_max", [x], { axes: [0] })),
    program("max of what repeats", [draw(random, [3])], (b, x) =>
      b.emit("reduce_max", [build.scale(b, build.broadcast(b, x, to([2, 3]), [1]), -2)], { axes: [0] }),
    ),
  ],
  reduce_min: [program("all", [flags], (b, x) => b.emit("reduce_min", [x], { axes: [1] }))],
  reduce_sum: [
    program("sum of what repeats", [draw(random, [3])], (b, x) => [
      build.sum(b, build.broadcast(b, x, to([2, 3, 4]), [1]), [0, 2]),
      build.sum(b, build.broadcast(b, x, to([2, 3, 4]), [1]), [0, 1]),
    ]),
    program("sum of what lies transposed", [draw(random, [3, 2, 4])], (b, x) =>
      build.sum(b, build.transpose(b, x, [2, 0, 1]), [1]),
    ),
  ],
  softmax: [
    program("softmax of what lies transposed", [draw(random, [4, 2])], (b, x) =>
      b.emit("softmax", [build.transpose(b, x, [1, 0])], none),
    ),
    program("softmax of what repeats", [draw(random, [2]), draw(random, [3])], (b, x, y) => [
      b.emit("softmax", [build.broadcast(b, x, to([2, 3]), [0])], none),
      b.emit("softmax", [build.broadcast(b, y, to([2, 3]), [1])], none),
    ]),
  ],
  cumsum: [
    program("cumsum of what repeats", [draw(random, [3])], (b, x) =>
      b.emit("cumsum", [build.broadcast(b, x, to([4, 3]), [1])], { axis: 0, exclusive: false, reverse: false }),
    ),
  ],
  cumprod: [
    program("cumprod of many", [draw(random, [13], 0.5, 1.5)], (b, x) => [
      b.emit("cumprod", [x], { axis: 0, exclusive: false, reverse: false }),
      b.emit("cumprod", [x], { axis: 0, exclusive: true, reverse: true }),
    ]),
    program("cumprod of one", [draw(random, [1, 2])], (b, x) =>
      b.emit("cumprod", [x], { axis: 0, exclusive: true, reverse: false }),
    ),
  ],
  take: [
    program("take of indices and bools", [places, flags, indices([3], [1, -1, 0])], (b, x, y, i) => [
      b.emit("take", [x, i], { batch: 0 }),
      b.emit("take", [y, i], { batch: 0 }),
    ]),
    program("take at known places", [draw(random, [4, 2])], (b, x) =>
      b.emit("take", [x, b.constant(to([3], "index"), [3, 0, 3])], { batch: 0 }),
    ),
    program("take at known places with none", [draw(random, [4, 2])], (b, x) =>
      b.emit("take", [x, b.constant(to([3], "index"), [3, -1, 3])], { batch: 0 }),
    ),
    program(
      "take shared by two",
      [draw(random, [2, 3, 4, 2]), indices([2, 3, 2], [0, 1, 2, 3, 1, 1, -1, 0, 2, 2, 3, 0])],
      (b, x, i) => b.emit("take", [x, i], { batch: 2 }),
    ),
  ],
  scatter_add: [
    program(
      "scatter_add into many rows",
      [
        draw(random, [70, 64]),
        indices(
          [70],
          Array.from({ length: 70 }, (_, i) => (i % 7 === 0 ? -1 : (i * 997) % 60001)),
        ),
      ],
      (b, y, i) =>
        build.sum(
          b,
          build.mul(
            b,
            b.emit("scatter_add", [i, y], { batch: 0, size: 60001, axisName: "n" }),
            build.broadcast(b, build.iota(b, to([60001, 64]), 0), to([60001, 64]), [0, 1]),
          ),
          [1],
        ),
    ),
    program(
      "scatter_add shared by two",
      [
        draw(random, [2, 3, 4]),
        indices(
          [2, 3, 4],
          Array.from({ length: 24 }, (_, i) => ((i * 7) % 6) - 1),
        ),
      ],
      (b, y, i) => b.emit("scatter_add", [i, y], { batch: 2, size: 5, axisName: "n" }),
    ),
  ],
  argsort: [
    program("argsort with ties", [floats([2, 7], [3, 1, 3, 1, 2, 2, 3, 0, 0, 0, 0, 0, 0, 0])], (b, x) => [
      b.emit("argsort", [x], { descending: false }),
      b.emit("argsort", [x], { descending: true }),
    ]),
    program(
      "argsort of many ties",
      [
        floats(
          [400],
          Array.from({ length: 400 }, (_, i) => (i * 31) % 7),
        ),
      ],
      (b, x) => [b.emit("argsort", [x], { descending: false }), b.emit("argsort", [x], { descending: true })],
    ),
    program("argsort of what repeats", [draw(random, [3])], (b, x) =>
      b.emit("argsort", [build.broadcast(b, x, to([3, 2]), [0])], { descending: true }),
    ),
  ],
  eigenvectors: [
    program("eigenvectors of an even number of rows", [draw(random, [4, 4])], (b, x) =>
      b.emit("eigenvectors", [x], none),
    ),
    program("eigenvectors of many rows", [draw(random, [2, 2, 9, 9])], (b, x) => b.emit("eigenvectors", [x], none)),
    program("eigenvectors of two rows", [draw(random, [3, 2, 2])], (b, x) => b.emit("eigenvectors", [x], none)),
    program("eigenvectors of what repeats", [floats([2], [1, 3])], (b, x) =>
      b.emit("eigenvectors", [build.broadcast(b, x, to([2, 2]), [0])], none),
    ),
    program(
      "eigenvectors of what has three diagonals",
      [floats([4, 4], [2, -1, 0, 0, -1, 2, -1, 0, 0, -1, 2, -1, 0, 0, -1, 2])],
      (b, x) => b.emit("eigenvectors", [x], none),
    ),
  ],
  mod: [
    program("mod with the sign of the divisor", [floats([4], [7, -7, 7, -7]), floats([4], [3, 3, -3, -3])], (b, x, y) =>
      b.emit("mod", [x, y], none),
    ),
  ],
  rest: [
    program("parameters as results, twice", [draw(random, [2, 3])], (b, x) => [
      x,
      x,
      build.neg(b, x),
      build.transpose(b, x, [1, 0]),
    ]),
    program("factors", [draw(random, [2, 3]), draw(random, [2, 3], 1, 2)], (b, x, y) => {
      const [half, third] = [build.scale(b, x, 0.5), build.scale(b, y, 1 / 3)];
      const d = build.div(b, half, third);
      return [
        d,
        build.div(b, build.like(b, y, 2), third),
        build.mul(b, half, third),
        build.sub(b, half, third),
        build.sub(b, build.neg(b, x), third),
        build.add(b, build.neg(b, half), build.scale(b, d, 0.5)),
        build.add(b, build.neg(b, x), build.neg(b, y)),
        build.sub(b, build.like(b, y, 1), third),
        build.unary(b, "exp", half),
        build.scale(b, build.scale(b, half, 2), 1),
        build.compare(b, "lt", half, third),
        build.binary(b, "max", half, third),
      ];
    }),
    program(
      "numbers that are known at run time",
      [draw(random, [2, 3], 1, 2), floats([], [3]), floats([], [0.7]), draw(random, [2, 3])],
      (b, x, p, q, y) => {
        const [wp, wq] = [build.broadcast(b, p, x.type, []), build.broadcast(b, q, x.type, [])];
        return [
          build.mul(b, wp, build.div(b, x, wq)),
          build.div(b, build.div(b, build.scale(b, x, 2), wp), build.scale(b, wq, 3)),
          build.div(b, build.mul(b, wq, build.mul(b, x, y)), wp),
          build.mul(b, build.mul(b, wq, wp), x),
          build.mul(b, build.mul(b, x, wq), build.div(b, y, wp)),
          build.div(b, build.div(b, wp, x), wq),
          build.div(b, wq, build.mul(b, x, wp)),
        ];
      },
    ),
    program("reshapes of what repeats or lies transposed", [draw(random, [2, 3, 4])], (b, x) => {
      const t = build.transpose(b, x, [2, 0, 1]);
      const wide = build.broadcast(b, x, to([5, 2, 3, 4]), [1, 2, 3]);
      return [
        build.reshape(b, t, [4, 6]),
        build.reshape(b, t, [8, 3]),
        build.reshape(b, t, [4, 1, 2, 3, 1]),
        build.reshape(b, t, [24]),
        build.reshape(b, wide, [5, 6, 4]),
        build.reshape(b, wide, [10, 12]),
        build.add(b, build.reshape(b, build.transpose(b, x, [1, 2, 0]), [12, 2]), build.reshape(b, x, [12, 2])),
      ];
    }),
    program(
      "operands in several orders",
      [draw(random, [2, 3, 4]), draw(random, [4, 3]), draw(random, [3])],
      (b, x, y, z) => {
        const t = build.transpose(b, x, [2, 1, 0]);
        const wide = build.broadcast(b, y, to([4, 3, 2]), [0, 1]);
        const wider = build.broadcast(b, z, to([4, 3, 2]), [1]);
        const all = build.mul(b, build.add(b, t, wide), wider);
        return [all, build.sum(b, all, [1]), build.mul(b, wide, wider), build.unary(b, "tanh", wider)];
      },
    ),
    program(
      "products of what repeats",
      [draw(random, [2, 3]), draw(random, [3, 4]), draw(random, [4])],
      (b, x, y, z) => {
        const dot = (l: Value, r: Value, batch: [number, number][], contract: [number, number][]): Value =>
          b.emit("dot", [l, r], { batch, contract });
        const deep = build.broadcast(b, x, to([5, 2, 3]), [1, 2]);
        const flat = build.broadcast(b, z, to([3, 4]), [1]);
        return [
          dot(deep, y, [], [[2, 0]]),
          dot(deep, deep, [[0, 0]], [[2, 2]]),
          dot(deep, build.broadcast(b, y, to([5, 3, 4]), [1, 2]), [[0, 0]], [[2, 1]]),
          dot(x, flat, [], [[1, 0]]),
          dot(flat, flat, [[1, 1]], [[0, 0]]),
          dot(flat, y, [[0, 0]], [[1, 1]]),
          dot(b.splat(to([2, 3]), 2), y, [], [[1, 0]]),
          dot(deep, b.splat(to([5, 3]), 0.5), [[0, 0]], [[2, 1]]),
        ];
      },
    ),
    program(
      "products with a bias, a factor, a transposition",
      [draw(random, [2, 3, 4]), draw(random, [4, 2, 3]), draw(random, [2, 3]), draw(random, [6, 4])],
      (b, x, w, c, v) => {
        const product = (): Value => b.emit("dot", [x, w], { batch: [], contract: [[2, 0]] });
        const shape = to([2, 3, 2, 3]);
        const bias = build.broadcast(b, c, shape, [2, 3]);
        const other = b.emit("dot", [build.reshape(b, x, [6, 4]), v], { batch: [], contract: [[1, 1]] });
        return [
          build.add(b, product(), bias),
          build.add(b, bias, product()),
          build.add(b, product(), build.broadcast(b, c, shape, [0, 1])),
          build.add(b, product(), build.like(b, bias, 2)),
          build.add(b, product(), product()),
          build.add(b, build.transpose(b, product(), [2, 3, 0, 1]), bias),
          build.scale(b, product(), 3),
          build.div(b, product(), build.like(b, bias, 3)),
          build.div(b, build.like(b, bias, 3), product()),
          build.transpose(b, product(), [2, 3, 0, 1]),
          build.add(b, other, other),
          build.unary(b, "tanh", build.transpose(b, other, [1, 0])),
        ];
      },
    ),
    program("attention", [draw(random, [2, 5, 3, 2, 4])], (b, x) => {
      const part = (i: number): Value =>
        build.reshape(b, b.emit("slice", [x], { start: [0, 0, i, 0, 0], stop: [2, 5, i + 1, 2, 4] }), [2, 5, 2, 4]);
      const logits = b.emit("dot", [part(0), part(1)], {
        batch: [
          [0, 0],
          [2, 2],
        ],
        contract: [[3, 3]],
      });
      const weights = b.emit("softmax", [build.scale(b, logits, 0.5)], none);
      const mixed = b.emit("dot", [weights, part(2)], {
        batch: [
          [0, 0],
          [1, 2],
        ],
        contract: [[3, 1]],
      });
      return [
        mixed,
        build.transpose(b, mixed, [0, 2, 1, 3]),
        build.reshape(b, build.transpose(b, mixed, [0, 2, 1, 3]), [2, 5, 8]),
      ];
    }),
  ],
};
