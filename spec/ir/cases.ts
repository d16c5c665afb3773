/** For every op, programs that use it, and where to evaluate them: away from its kinks and poles. */
import type { BinaryOp, CompareOp, UnaryOp } from "../../compiler/ir/attrs.js";
import * as build from "../../compiler/ir/build.js";
import { tensor } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import type { PrimitiveKind } from "../../compiler/ir/table/table.js";
import { draw, floats, generator, indices, type Program } from "./helpers.js";

export interface Case extends Program {
  readonly name: string;
  readonly inputs: readonly HostTensor[];
}

type Build = Program["build"];

const random = generator(3);

function one(
  name: string,
  shape: readonly number[],
  build: (b: Parameters<Build>[0], x: Parameters<Build>[1][number]) => ReturnType<Build>[number],
  lo = -2,
  hi = 2,
): Case {
  return {
    name,
    params: [tensor(shape)],
    build: (b, [x]) => (x ? [build(b, x)] : []),
    inputs: [draw(random, shape, lo, hi)],
  };
}

function unary(kind: UnaryOp, lo = -2, hi = 2): Case[] {
  return [one(kind, [2, 3], (b, x) => b.emit(kind, [x], {}), lo, hi)];
}

/** Through a bool: the choice it makes has a derivative, the bool has none. */
function choosing(kind: CompareOp): Case[] {
  return [
    {
      name: kind,
      params: [tensor([5]), tensor([5])],
      build: (b, [x, y]) => (x && y ? [build.select(b, build.compare(b, kind, x, y), build.mul(b, x, y), y)] : []),
      inputs: [floats([5], [1, 2, 3, 4, 5]), floats([5], [1.5, 1.5, 4.5, 3.5, 7.5])],
    },
  ];
}

function binary(kind: BinaryOp, x: readonly number[], y: readonly number[]): Case[] {
  const n = x.length;
  return [
    {
      name: kind,
      params: [tensor([n]), tensor([n])],
      build: (b, operands) => [b.emit(kind, operands, {})],
      inputs: [floats([n], x), floats([n], y)],
    },
  ];
}

function logic(kind: "and" | "or"): Case[] {
  return [
    one(kind, [6], (b, x) => {
      const c = b.emit(
        kind,
        [build.compare(b, "gt", x, build.like(b, x, -1)), build.compare(b, "lt", x, build.like(b, x, 1))],
        {},
      );
      return build.select(b, c, build.mul(b, x, x), x);
    }),
  ];
}

function power(p: number, lo: number, hi: number): Case {
  return one(`pow ${p}`, [4], (b, x) => b.emit("pow", [x, build.like(b, x, p)], {}), lo, hi);
}

function dot(
  name: string,
  left: readonly number[],
  right: readonly number[],
  batch: [number, number][],
  contract: [number, number][],
): Case {
  return {
    name: `dot ${name}`,
    params: [tensor(left), tensor(right)],
    build: (b, operands) => [b.emit("dot", operands, { batch, contract })],
    inputs: [draw(random, left), draw(random, right)],
  };
}

function scans(kind: "cumsum" | "cumprod"): Case[] {
  const cases: Case[] = [];
  for (const exclusive of [false, true])
    for (const reverse of [false, true])
      for (const axis of [0, 1])
        cases.push(
          one(`${kind} ${axis} ${exclusive} ${reverse}`, [3, 4], (b, x) =>
            b.emit(kind, [x], { axis, exclusive, reverse }),
          ),
        );
  return cases;
}

function withZeros(c: Case): Case {
  const x = Float64Array.from(c.inputs[0]?.data ?? []);
  x[1] = 0;
  x[6] = 0;
  x[5] = 0;
  return { ...c, name: `${c.name} with zeros`, inputs: [floats([3, 4], x)] };
}

function extremes(kind: "reduce_max" | "reduce_min"): Case[] {
  return [[0], [1], [2], [0, 2], [0, 1, 2], []].map((axes) =>
    one(`${kind} ${axes}`, [2, 3, 4], (b, x) => b.emit(kind, [x], { axes })),
  );
}

const take = (name: string, shape: readonly number[], batch: number, at: HostTensor): Case => ({
  name: `take ${name}`,
  params: [tensor(shape), tensor(at.shape, [], "index")],
  build: (b, [x, i]) => (x && i ? [b.emit("take", [x, i], { batch })] : []),
  inputs: [draw(random, shape), at],
});

const scatter = (name: string, shape: readonly number[], batch: number, size: number, at: HostTensor): Case => ({
  name: `scatter_add ${name}`,
  params: [tensor(shape), tensor(at.shape, [], "index")],
  build: (b, [y, i]) => (y && i ? [b.emit("scatter_add", [i, y], { batch, size, axisName: "n" })] : []),
  inputs: [draw(random, shape), at],
});

const spread = { shape: [2, 3, 4], axes: ["a", "b", "c"] };

export const cases: { readonly [K in PrimitiveKind]: readonly Case[] } = {
  neg: unary("neg"),
  exp: unary("exp"),
  log: unary("log", 0.5, 3),
  sin: unary("sin"),
  cos: unary("cos"),
  tan: unary("tan", -1, 1),
  tanh: unary("tanh"),
  atan: unary("atan"),
  erf: unary("erf"),
  sqrt: unary("sqrt", 0.5, 3),
  abs: [...unary("abs", 0.1, 2), ...unary("abs", -2, -0.1)],
  sign: unary("sign", 0.1, 2),
  sigmoid: unary("sigmoid", -4, 4),
  floor: unary("floor", 0.1, 0.9),
  round: unary("round", 0.1, 0.4),
  not: [
    one("not", [6], (b, x) =>
      build.select(b, b.emit("not", [build.compare(b, "gt", x, build.like(b, x, 0))], {}), build.mul(b, x, x), x),
    ),
  ],
  is_finite: [one("is_finite", [6], (b, x) => build.select(b, b.emit("is_finite", [x], {}), build.mul(b, x, x), x))],
  add: binary("add", [1, 2, 3], [4, 5, 6]),
  sub: binary("sub", [1, 2, 3], [4, 5, 6]),
  mul: [...binary("mul", [1, 2, 3], [4, 5, 6]), one("square", [3], (b, x) => build.mul(b, x, x))],
  div: binary("div", [1, 2, -3], [4, -5, 6]),
  mod: binary("mod", [7.3, -7.3, 7.3, -7.3], [2, 2, -2, -2]),
  pow: [
    ...binary("pow", [1.2, 2, 0.7], [2, -1.5, 0.3]),
    power(2, -2, -1),
    power(3, -2, 2),
    power(5, -2, -1),
    power(4, -2, 2),
    power(-2, -2, -1),
    power(1.7, 0.5, 2),
    power(0.5, 0.5, 2),
    power(0, -1, 1),
    power(1, -1, 1),
  ],
  min: binary("min", [1, 2, 3], [2, 1, 4]),
  max: binary("max", [1, 2, 3], [2, 1, 4]),
  and: logic("and"),
  or: logic("or"),
  eq: choosing("eq"),
  ne: choosing("ne"),
  lt: choosing("lt"),
  le: choosing("le"),
  gt: choosing("gt"),
  ge: choosing("ge"),
  constant: [one("constant", [3], (b, x) => build.mul(b, x, b.constant(x.type, [1, 2, 3])))],
  broadcast: [
    one("broadcast vector", [3], (b, x) => b.emit("broadcast", [x], { ...spread, dims: [1] })),
    one("broadcast scalar", [], (b, x) => b.emit("broadcast", [x], { ...spread, dims: [] })),
    one("broadcast outer", [2, 4], (b, x) => b.emit("broadcast", [x], { ...spread, dims: [0, 2] })),
    one("broadcast all", [2, 3, 4], (b, x) => b.emit("broadcast", [x], { ...spread, dims: [0, 1, 2] })),
  ],
  reshape: [one("reshape", [2, 6], (b, x) => build.reshape(b, x, [3, 4]))],
  transpose: [
    one("transpose", [2, 3, 4], (b, x) => build.transpose(b, x, [2, 0, 1])),
    one("transpose twice", [2, 3, 4], (b, x) => build.transpose(b, build.transpose(b, x, [2, 0, 1]), [1, 0, 2])),
  ],
  slice: [
    one("slice", [3, 4], (b, x) => b.emit("slice", [x], { start: [1, 0], stop: [3, 2] })),
    one("slices that tile", [2, 6], (b, x) => {
      const part = (from: number, to: number) => b.emit("slice", [x], { start: [0, from], stop: [2, to] });
      return build.mul(b, build.mul(b, part(0, 2), part(2, 4)), part(4, 6));
    }),
    one("slices with gaps that overlap", [2, 6], (b, x) => {
      const part = (from: number, to: number) => b.emit("slice", [x], { start: [0, from], stop: [2, to] });
      return build.mul(
        b,
        build.mul(b, part(1, 2), part(2, 3)),
        build.mul(b, part(4, 5), build.mul(b, part(1, 2), part(4, 5))),
      );
    }),
    one("slices of two kinds", [4, 4], (b, x) => {
      const part = (i: number, j: number) => b.emit("slice", [x], { start: [i, j], stop: [i + 2, j + 2] });
      return build.mul(b, build.mul(b, part(0, 0), part(1, 2)), part(2, 1));
    }),
  ],
  pad: [one("pad", [2, 3], (b, x) => b.emit("pad", [x], { low: [1, 0], high: [0, 2] }))],
  concat: [
    {
      name: "concat",
      params: [tensor([2, 2]), tensor([2, 3])],
      build: (b, [x, y]) => (x && y ? [b.emit("concat", [x, y, x], { axis: 1 })] : []),
      inputs: [draw(random, [2, 2]), draw(random, [2, 3])],
    },
  ],
  select: [
    one("select", [6], (b, x) =>
      build.select(b, build.compare(b, "gt", x, build.like(b, x, 0)), build.mul(b, x, x), build.neg(b, x)),
    ),
  ],
  cast: [
    one("cast", [4], (b, x) =>
      build.mul(b, x, b.emit("cast", [build.compare(b, "gt", x, build.like(b, x, 0))], { to: "float" })),
    ),
  ],
  reduce_sum: [[0], [1], [2], [0, 2], [0, 1, 2], []].map((axes) =>
    one(`reduce_sum ${axes}`, [2, 3, 4], (b, x) => build.sum(b, build.mul(b, x, x), axes)),
  ),
  reduce_max: extremes("reduce_max"),
  reduce_min: extremes("reduce_min"),
  cumsum: scans("cumsum"),
  cumprod: [...scans("cumprod"), ...scans("cumprod").map(withZeros)],
  softmax: [one("softmax", [2, 4], (b, x) => b.emit("softmax", [x], {}))],
  dot: [
    dot("matrices", [3, 4], [4, 2], [], [[1, 0]]),
    dot("transposed", [4, 3], [2, 4], [], [[0, 1]]),
    dot("batched", [2, 3, 4], [2, 5, 4], [[0, 0]], [[2, 2]]),
    dot("batch inside", [3, 2, 4], [5, 4, 2], [[1, 2]], [[2, 1]]),
    dot(
      "two contracted",
      [2, 3, 4],
      [3, 5, 2],
      [],
      [
        [0, 2],
        [1, 0],
      ],
    ),
    dot(
      "two of each",
      [2, 3, 4, 2, 3],
      [3, 4, 2, 3, 2],
      [
        [3, 2],
        [1, 3],
      ],
      [
        [2, 1],
        [0, 4],
      ],
    ),
    dot("outer", [3], [2], [], []),
    dot("scalar", [3], [3], [], [[0, 0]]),
    dot(
      "pairwise",
      [3, 2],
      [3, 2],
      [
        [0, 0],
        [1, 1],
      ],
      [],
    ),
  ],
  take: [
    take("rows", [4, 2], 0, indices([3], [2, 0, 2])),
    take("none", [4, 2], 0, indices([2, 2], [1, -1, 3, 0])),
    take("one", [4, 2], 0, indices([], [1])),
    take("batched", [2, 4, 3], 1, indices([2, 2], [1, 1, 3, -1])),
    take("along the last", [2, 4], 1, indices([2, 3], [1, 0, 3, 2, 2, 2])),
  ],
  scatter_add: [
    scatter("rows", [3, 2], 0, 4, indices([3], [2, 0, 2])),
    scatter("none", [2, 2, 2], 0, 4, indices([2, 2], [1, -1, 3, 1])),
    scatter("batched", [2, 2, 3], 1, 4, indices([2, 2], [1, 1, 3, -1])),
  ],
  argsort: [
    one("argsort", [2, 5], (b, x) => b.emit("take", [x, b.emit("argsort", [x], { descending: true })], { batch: 1 })),
  ],
  eigenvectors: [
    one("eigenvectors", [2, 3, 3], (b, x) => b.emit("eigenvectors", [x], {})),
    one("eigenvectors of one row", [1, 1], (b, x) => b.emit("eigenvectors", [x], {})),
  ],
  after: [one("after", [3], (b, x) => b.emit("after", [build.mul(b, x, x), build.sum(b, x, [0])], {}))],
  stop_gradient: [
    one("stop_gradient", [3], (b, x) => build.mul(b, x, b.emit("stop_gradient", [b.constant(x.type, [1, 2, 3])], {}))),
  ],
};
