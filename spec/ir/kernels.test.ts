import assert from "node:assert/strict";
import fc from "fast-check";
import type { OpAttrs } from "../../compiler/ir/attrs.js";
import { decode, encode } from "../../compiler/ir/base64.js";
import * as build from "../../compiler/ir/build.js";
import { FnBuilder } from "../../compiler/ir/builder.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import { type TensorType, tensor } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import { erf } from "../../compiler/ir/kernels/special.js";
import { print } from "../../compiler/ir/print.js";
import { read } from "../../compiler/ir/read.js";
import type { PrimitiveKind } from "../../compiler/ir/table/table.js";
import { compile, draw, floats, generator, indices } from "./helpers.js";

function run<K extends PrimitiveKind>(kind: K, inputs: readonly HostTensor[], attrs: OpAttrs[K]): number[] {
  const params = inputs.map((t): TensorType => tensor(t.shape, [], t.dtype));
  const [out] = evaluate(compile({ params, build: (b, operands) => [b.emit(kind, operands, attrs)] }), inputs);
  return Array.from(out?.data ?? []);
}

const bools = (shape: readonly number[], data: number[]): HostTensor => ({
  dtype: "bool",
  shape,
  data: Uint8Array.from(data),
});

describe("reference kernels", () => {
  it("erf to the last digits", () => {
    const known: readonly (readonly [number, number])[] = [
      [0.1, 0.1124629160182849],
      [0.46, 0.4846553900016797],
      [1, 0.8427007929497149],
      [3, 0.9999779095030014],
      [4.1, 0.9999999932999724],
      [7, 1],
    ];
    for (const [x, y] of known) {
      assert.ok(Math.abs(erf(x) - y) < 3e-16);
      assert.equal(erf(-x), -erf(x));
    }
    assert.ok(Number.isNaN(erf(Number.NaN)));
  });

  it("rounds halves to even", () => {
    assert.deepEqual(
      run("round", [floats([6], [-1.5, -0.5, 0.5, 1.5, 2.5, 2.6])], {}),
      [-2, -0, 0, 2, 2, 3].map((v) => v + 0),
    );
    assert.deepEqual(run("cast", [floats([3], [0.5, 1.5, -1])], { to: "index" }), [0, 2, -1]);
  });

  it("takes the remainder with the sign of the divisor", () => {
    assert.deepEqual(run("mod", [floats([4], [7, -7, 7, -7]), floats([4], [3, 3, -3, -3])], {}), [1, 2, -2, -1]);
  });

  it("finds eigenvectors of any size, of few directions and of equal values too", () => {
    const random = generator(5);
    const worst = (n: number, x: ArrayLike<number>): number => {
      const v = run("eigenvectors", [floats([n, n], x)], {});
      const entry = (m: ArrayLike<number>, i: number, j: number) => m[i * n + j] ?? 0;
      const at = Array.from({ length: n }, (_, i) => i);
      const sum = (f: (k: number) => number) => at.reduce((total, k) => total + f(k), 0);
      let off = 0;
      let before = Number.NEGATIVE_INFINITY;
      for (const j of at) {
        const turned = at.map((i) => sum((k) => entry(x, i, k) * entry(v, k, j)));
        const own = sum((i) => entry(v, i, j) * (turned[i] ?? 0));
        for (const i of at) off = Math.max(off, Math.abs((turned[i] ?? 0) - own * entry(v, i, j)));
        for (const l of at)
          off = Math.max(off, Math.abs(sum((i) => entry(v, i, j) * entry(v, i, l)) - (l === j ? 1 : 0)));
        assert.ok(own > before - 1e-9 && sum((i) => entry(v, i, j) / (i + 1)) >= -1e-12);
        before = own;
      }
      return off;
    };
    const symmetric = (n: number, rank: number): number[] => {
      const f = draw(random, [n, rank]).data;
      return Array.from({ length: n * n }, (_, p) =>
        Array.from({ length: rank }).reduce<number>(
          (total, _, r) => total + (f[Math.floor(p / n) * rank + r] ?? 0) * (f[(p % n) * rank + r] ?? 0),
          0,
        ),
      );
    };
    for (const [n, rank] of [
      [1, 1],
      [2, 1],
      [7, 7],
      [30, 4],
      [40, 60],
    ] as const)
      assert.ok(worst(n, symmetric(n, rank)) < 1e-11, `${n} of rank ${rank}: ${worst(n, symmetric(n, rank))}`);
    assert.equal(worst(3, [1, 0, 0, 0, 1, 0, 0, 0, 1]), 0);
    assert.equal(worst(3, new Array<number>(9).fill(0)), 0);
    assert.ok(worst(3, [1e-12, 1e-6, 0, 1e-6, 1, 1e3, 0, 1e3, 1e6]) < 1e-9);
    assert.ok(run("eigenvectors", [floats([2, 2], [1, Number.NaN, 0, 1])], {}).every(Number.isNaN));
  });

  it("sorts stably both ways, what is no number last", () => {
    const x = floats([6], [2, 1, Number.NaN, 2, 3, 1]);
    assert.deepEqual(run("argsort", [x], { descending: false }), [1, 5, 0, 3, 4, 2]);
    assert.deepEqual(run("argsort", [x], { descending: true }), [4, 0, 3, 1, 5, 2]);
  });

  it("looks up none as zeros, false and none", () => {
    const at = indices([2], [-1, 1]);
    assert.deepEqual(run("take", [floats([2, 2], [1, 2, 3, 4]), at], { batch: 0 }), [0, 0, 3, 4]);
    assert.deepEqual(run("take", [bools([2], [1, 1]), at], { batch: 0 }), [0, 1]);
    assert.deepEqual(run("take", [indices([2], [5, 6]), at], { batch: 0 }), [-1, 6]);
    assert.deepEqual(run("pad", [indices([1], [5])], { low: [1], high: [2] }), [-1, 5, -1, -1]);
  });

  it("refuses a position that is not there", () => {
    assert.throws(() => run("take", [floats([2], [1, 2]), indices([1], [2])], { batch: 0 }), /position 2 of 2/);
  });

  it("any and all", () => {
    const x = bools([3, 2], [0, 0, 0, 1, 1, 1]);
    assert.deepEqual(run("reduce_max", [x], { axes: [1] }), [0, 1, 1]);
    assert.deepEqual(run("reduce_min", [x], { axes: [1] }), [0, 0, 1]);
  });

  it("keeps not-a-number in a maximum", () => {
    const x = floats([4], [1, Number.NaN, 3, 2]);
    assert.ok(Number.isNaN(run("reduce_max", [x], { axes: [0] })[0]));
    assert.ok(Number.isNaN(run("max", [x, x], {})[1]));
  });

  it("multiplies as the definition says", () => {
    const random = generator(9);
    const size = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(size, size, size, size, (count, m, n, k) => {
        // Dimensions in an order that needs transposing: [k, b, m] by [n, k, b].
        const x = draw(random, [k, count, m]);
        const y = draw(random, [n, k, count]);
        const z = run("dot", [x, y], { batch: [[1, 2]], contract: [[0, 1]] });
        for (let b = 0; b < count; b++)
          for (let i = 0; i < m; i++)
            for (let j = 0; j < n; j++) {
              let s = 0;
              for (let p = 0; p < k; p++)
                s += (x.data[(p * count + b) * m + i] as number) * (y.data[(j * k + p) * count + b] as number);
              assert.ok(Math.abs((z[(b * m + i) * n + j] as number) - s) < 1e-12);
            }
      }),
      { numRuns: 40, seed: 5 },
    );
  });
});

describe("the builder", () => {
  const b = (): FnBuilder => new FnBuilder("main", new Map());

  it("computes what is constant and leaves out what does nothing", () => {
    const f = b();
    const x = f.param(tensor([2, 3], ["row", "col"]));
    const zero = build.like(f, x, 0);
    const one = build.like(f, x, 1);
    assert.equal(build.add(f, x, zero), x);
    assert.equal(build.mul(f, one, x), x);
    assert.equal(build.sub(f, x, zero), x);
    assert.equal(build.transpose(f, x, [0, 1]), x);
    assert.equal(build.reshape(f, x, [2, 3], ["row", "col"]), x);
    assert.notEqual(build.reshape(f, x, [2, 3], ["row", "key"]), x);
    const two = build.add(f, one, one);
    assert.equal(two.op?.kind === "constant" && two.op.attrs.data, 2);
    const big = build.broadcast(f, two, tensor([1000, 1000, 2, 3]), [2, 3]);
    assert.equal(big.op?.kind === "constant" && big.op.attrs.data, 2);
    assert.equal(build.like(f, x, 1), one);
  });

  it("keeps the dependence on every value that has been made", () => {
    const f = b();
    const x = f.param(tensor([2]));
    const y = f.alias(x);
    assert.notEqual(y, x);
    const z = build.reshape(f, y, [1, 2]);
    assert.equal(z.op?.operands[0], y);
    const once = build.neg(f, x);
    assert.equal(build.neg(f, once).op?.operands[0], once);
  });

  it("refuses what does not fit", () => {
    const f = b();
    const x = f.param(tensor([2]));
    const y = f.param(tensor([3]));
    assert.throws(() => build.add(f, x, y), { name: "IrError", message: /add of float\[d0: 2\] and float\[d0: 3\]/ });
  });
});

describe("the text form", () => {
  it("keeps every number", () => {
    const numbers = fc.double();
    fc.assert(
      fc.property(fc.array(numbers, { minLength: 2, maxLength: 40 }), numbers, (list, one) => {
        const f = new FnBuilder("main", new Map());
        const module = f.finishMain([f.constant(tensor([list.length]), list), f.scalar(one)]);
        const back = evaluate(read(print(module)), []);
        list.forEach((x, i) => {
          assert.ok(Object.is(back[0]?.data[i], x));
        });
        assert.ok(Object.is(back[1]?.data[0], one));
      }),
      { seed: 6 },
    );
  });

  it("writes bytes as base64", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        const text = encode(bytes);
        assert.equal(text, Buffer.from(bytes).toString("base64"));
        assert.deepEqual(decode(text), bytes);
      }),
      { seed: 7 },
    );
    assert.equal(decode("AA?A"), undefined);
    assert.equal(decode("AAA"), undefined);
  });
});
