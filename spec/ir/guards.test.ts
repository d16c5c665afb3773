import assert from "node:assert/strict";
import * as build from "../../compiler/ir/build.js";
import { FnBuilder } from "../../compiler/ir/builder.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import { type Fn, tensor, type Value } from "../../compiler/ir/graph.js";
import { vjp } from "../../compiler/passes/vjp.js";
import { compile, floats, gradientProgram, type Program, scalarize, tangentProgram } from "./helpers.js";

const { compare, like, mul, select, unary } = build;

/** Σ where(x > 0, f(x), 0), whose derivative is f' there and 0 elsewhere, whatever f is there. */
function where(f: (b: FnBuilder, x: Value) => Value): Program {
  return {
    params: [tensor([4])],
    build: (b, [x]) => (x ? [select(b, compare(b, "gt", x, like(b, x, 0)), f(b, x), like(b, x, 0))] : []),
  };
}

const inputs = [floats([4], [0, -1, 2, 3])];
const gradient = (p: Program): number[] => Array.from(evaluate(compile(gradientProgram(p)), inputs)[0]?.data ?? []);

/** The scalar whose weights are all 1. */
function summed(p: Program): Program {
  return {
    params: p.params,
    build: (b, params) =>
      p.build(b, params).map((v) =>
        build.sum(
          b,
          v,
          v.type.shape.map((_, i) => i),
        ),
      ),
  };
}

type F = readonly [
  name: string,
  f: (b: FnBuilder, x: Value) => Value,
  slope: (x: number) => number,
  curve: (x: number) => number,
];

const singular: F[] = [
  ["ln x", (b, x) => unary(b, "log", x), (x) => 1 / x, (x) => -1 / x ** 2],
  ["sqrt x", (b, x) => unary(b, "sqrt", x), (x) => 0.5 / Math.sqrt(x), (x) => -0.25 / x ** 1.5],
  ["1 / x", (b, x) => build.div(b, like(b, x, 1), x), (x) => -1 / x ** 2, (x) => 2 / x ** 3],
  ["x ln x", (b, x) => mul(b, x, unary(b, "log", x)), (x) => 1 + Math.log(x), (x) => 1 / x],
  ["x^1.5", (b, x) => b.emit("pow", [x, like(b, x, 1.5)], {}), (x) => 1.5 * Math.sqrt(x), (x) => 0.75 / Math.sqrt(x)],
  ["x^-1.5", (b, x) => b.emit("pow", [x, like(b, x, -1.5)], {}), (x) => -1.5 * x ** -2.5, (x) => 3.75 * x ** -3.5],
  [
    "x^x",
    (b, x) => b.emit("pow", [x, x], {}),
    (x) => x ** x * (Math.log(x) + 1),
    (x) => x ** x * ((Math.log(x) + 1) ** 2 + 1 / x),
  ],
  ["exp(-1000 x) x", (b, x) => mul(b, unary(b, "exp", build.scale(b, x, -1000)), x), () => 0, () => 0],
  ["exp(ln x)", (b, x) => unary(b, "exp", unary(b, "log", x)), () => 1, () => 0],
  [
    "sin(1 / x) - sin(1 / x)",
    (b, x) => {
      const s = unary(b, "sin", build.div(b, like(b, x, 1), x));
      return build.sub(b, s, s);
    },
    () => 0,
    () => 0,
  ],
];

describe("the branch that was not taken", () => {
  for (const [name, f, slope, curve] of singular) {
    it(`gives no gradient through ${name}`, () => {
      const expected = [0, 0, slope(2), slope(3)];
      gradient(summed(where(f))).forEach((g, i) => {
        assert.ok(Math.abs(g - (expected[i] as number)) < 1e-12, `${g} is not ${expected[i]}`);
      });
    });

    it(`gives no second derivative through ${name}`, () => {
      const expected = [0, 0, curve(2), curve(3)];
      const check = (h: number[]): void => {
        h.forEach((g, i) => {
          assert.ok(Math.abs(g - (expected[i] as number)) < 1e-12, `${g} is not ${expected[i]}`);
        });
      };
      check(gradient(summed(gradientProgram(summed(where(f))))));
      const tangent = tangentProgram(gradientProgram(summed(where(f))));
      check(Array.from(evaluate(compile(tangent), [...inputs, floats([4], [1, 1, 1, 1])])[0]?.data ?? []));
    });
  }

  it("gives none through a dot with what is infinite there", () => {
    const p: Program = {
      params: [tensor([2, 3])],
      build: (b, [x]) => {
        if (!x) return [];
        const inverse = build.div(b, like(b, x, 1), x);
        const d = b.emit("dot", [x, inverse], { batch: [[0, 0]], contract: [[1, 1]] });
        const c = b.constant(tensor([2], [], "bool"), [0, 1]);
        return [build.sum(b, select(b, c, d, like(b, d, 7)), [0])];
      },
    };
    const [g] = evaluate(compile(gradientProgram(p)), [floats([2, 3], [0, 1, 0, 1, 2, 4])]);
    assert.deepEqual(Array.from(g?.data ?? []), [0, 0, 0, 0, 0, 0]);
  });

  it("gives none through a softmax of what is not a number there", () => {
    const p: Program = {
      params: [tensor([2, 3])],
      build: (b, [x]) => {
        if (!x) return [];
        const s = b.emit("softmax", [unary(b, "log", x)], {});
        const c = b.constant(tensor([2, 3], [], "bool"), [0, 0, 0, 1, 1, 1]);
        return [build.sum(b, select(b, c, mul(b, s, s), like(b, s, 7)), [0, 1])];
      },
    };
    const [g] = evaluate(compile(gradientProgram(p)), [floats([2, 3], [-1, 0, 0, 1, 1, 2])]);
    assert.ok(g?.data.every(Number.isFinite));
    assert.ok(g?.data.slice(0, 3).every((v) => v === 0));
  });
});

describe("guards", () => {
  it("are not there where nothing can be infinite", () => {
    const b = new FnBuilder("main", new Map<string, Fn>());
    const x = b.param(tensor([4, 8]));
    const w = b.param(tensor([8, 8]));
    const mean = (v: Value): Value => build.unreduce(b, build.scale(b, build.sum(b, v, [1]), 1 / 8), x.type, [1]);
    const d = build.sub(b, x, mean(x));
    const n = build.div(b, d, unary(b, "sqrt", build.shift(b, mean(mul(b, d, d)), 1e-6)));
    const unit = build.div(b, n, build.binary(b, "max", unary(b, "abs", n), like(b, n, 1e-8)));
    const logits = b.emit("dot", [unit, w], { batch: [], contract: [[1, 0]] });
    const y = mul(b, b.emit("softmax", [logits], {}), unary(b, "sigmoid", logits));
    const top = build.unreduce(b, b.emit("stop_gradient", [b.emit("reduce_max", [y], { axes: [1] })], {}), y.type, [1]);
    const z = unary(b, "log", build.sum(b, unary(b, "exp", build.sub(b, y, top)), [1]));
    const loss = build.sum(b, z, [0]);
    const before = b.fn.ops.length;
    vjp(b, [{ value: loss, cotangent: b.scalar(1) }], [x, w]);
    const guards = b.fn.ops.slice(before).filter((op) => op.kind === "is_finite" || op.kind === "or");
    assert.equal(guards.length, 0);
  });

  it("leave derivatives right where a tangent is exactly zero", () => {
    // d/dx of the tangent of ln x along t = 0 · x + 0 is (1/x) · dt/dx.
    const p: Program = {
      params: [tensor([2])],
      build: (b, [x]) => (x ? [mul(b, unary(b, "log", x), like(b, x, 3))] : []),
    };
    const t = tangentProgram(p);
    const g = evaluate(compile(gradientProgram(scalarize(t))), [floats([2], [2, 4]), floats([2], [0, 0])]);
    const [w0, w1] = [g[1]?.data[0] as number, g[1]?.data[1] as number];
    assert.ok(w0 !== 0 && w1 !== 0);
  });
});

describe("ties and zeros", () => {
  const derivative = (p: Program, x: number[][]): number[][] =>
    evaluate(
      compile(gradientProgram(summed(p))),
      x.map((v) => floats([v.length], v)),
    ).map((g) => Array.from(g.data));
  const pair = (kind: "min" | "max"): Program => ({
    params: [tensor([1]), tensor([1])],
    build: (b, [x, y]) => (x && y ? [build.binary(b, kind, x, y)] : []),
  });

  it("min and max of equals give all to the first", () => {
    assert.deepEqual(derivative(pair("min"), [[2], [2]]), [[1], [0]]);
    assert.deepEqual(derivative(pair("max"), [[2], [2]]), [[1], [0]]);
  });

  it("reduce_max gives all to the first largest, over several axes in row-major order", () => {
    const p: Program = {
      params: [tensor([6])],
      build: (b, [x]) => (x ? [b.emit("reduce_max", [build.reshape(b, x, [2, 3])], { axes: [0, 1] })] : []),
    };
    assert.deepEqual(derivative(p, [[1, 5, 2, 5, 5, 0]]), [[0, 1, 0, 0, 0, 0]]);
  });

  it("0^0 is 1 with derivative 0", () => {
    const p: Program = {
      params: [tensor([2]), tensor([2])],
      build: (b, [x, y]) => (x && y ? [b.emit("pow", [x, y], {})] : []),
    };
    assert.deepEqual(
      derivative(p, [
        [0, 0],
        [0, 2],
      ])[0],
      [0, 0],
    );
  });

  it("whole powers are exact for negative bases", () => {
    const p: Program = {
      params: [tensor([2])],
      build: (b, [x]) => (x ? [b.emit("pow", [x, like(b, x, 3)], {})] : []),
    };
    assert.deepEqual(Array.from(evaluate(compile(p), [floats([2], [-2, 3])])[0]?.data ?? []), [-8, 27]);
    assert.deepEqual(derivative(p, [[-2, 3]]), [[12, 27]]);
  });
});
