import assert from "node:assert/strict";
import fc from "fast-check";
import type { DrawInfo } from "../../compiler/plan/plan.js";
import { draw, hashPath, initialise, philox, Stream } from "../../runtime/random.js";

describe("random numbers", () => {
  it("are Philox4x32-10 (known answers of Random123)", () => {
    const cases: [counter: number[], key: number[], words: string][] = [
      [[0, 0, 0, 0], [0, 0], "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
      [
        [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
        [0xffffffff, 0xffffffff],
        "408f276d 41c83b0e a20bc7c6 6d5451fd",
      ],
      [
        [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
        [0xa4093822, 0x299f31d0],
        "d16cfe09 94fdcceb 5001e420 24126ea1",
      ],
    ];
    for (const [[a = 0, b = 0, c = 0, d = 0], [k = 0, l = 0], words] of cases) {
      const out = new Uint32Array(4);
      philox(a, b, c, d, k, l, out);
      assert.equal([...out].map((w) => w.toString(16).padStart(8, "0")).join(" "), words);
    }
  });

  it("hash paths by FNV-1a (published answers)", () => {
    assert.deepEqual(hashPath(""), [0x84222325, 0xcbf29ce4]);
    assert.deepEqual(hashPath("a"), [0x8601ec8c, 0xaf63dc4c]);
    assert.deepEqual(hashPath("foobar"), [0xf739_67e8, 0x8594_4171]);
  });

  const normal: DrawInfo = { path: "run.noise", law: "normal", batch: true, shape: [6, 3, 5], axes: [] };
  const place = { seed: 5, step: 12, firstSample: 0 };

  it("do not depend on how many samples are drawn at once", () => {
    const laws = fc.constantFrom<DrawInfo["law"]>("normal", "uniform", "index");
    fc.assert(
      fc.property(
        laws,
        fc.nat(40),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 9 }),
        (law, first, rows, each) => {
          const info: DrawInfo = { path: "a.b", law, size: 11, batch: true, shape: [rows, each], axes: [] };
          const together = draw(info, { seed: 1, step: 2, firstSample: first }).data;
          for (let s = 0; s < rows; s++) {
            const alone = draw({ ...info, shape: [1, each] }, { seed: 1, step: 2, firstSample: first + s }).data;
            assert.deepEqual([...alone], [...together.slice(s * each, (s + 1) * each)]);
          }
        },
      ),
    );
  });

  it("differ in seed, path, step and sample, and in nothing else", () => {
    const base = [...draw(normal, place).data];
    assert.deepEqual([...draw({ ...normal, axes: ["x"] }, place).data], base);
    for (const other of [
      draw(normal, { ...place, seed: 6 }),
      draw(normal, { ...place, step: 13 }),
      draw(normal, { ...place, firstSample: 6 }),
      draw({ ...normal, path: "run.noise2" }, place),
    ])
      assert.ok(other.data.every((x, i) => x !== base[i]));
    assert.notDeepEqual([...draw(normal, { ...place, seed: 5 + 2 ** 32 }).data], base);
  });

  it("ignore the sample where a draw is not one of samples", () => {
    const whole = { ...normal, batch: false };
    assert.deepEqual(draw(whole, place), draw(whole, { ...place, firstSample: 64 }));
  });

  it("have the moments of their laws", () => {
    const info = { ...normal, shape: [64, 4096] };
    const n = 64 * 4096;
    const mean = (f: (x: number) => number, data: ArrayLike<number>) =>
      Array.from(data).reduce((s, x) => s + f(x), 0) / n;
    const z = draw(info, place).data;
    assert.ok(Math.abs(mean((x) => x, z)) < 5 / Math.sqrt(n));
    assert.ok(Math.abs(mean((x) => x * x, z) - 1) < 5 * Math.sqrt(2 / n));
    assert.ok(Math.abs(mean((x) => x ** 4, z) - 3) < 5 * Math.sqrt(96 / n));
    const u = draw({ ...info, law: "uniform" }, place).data;
    assert.ok(Math.abs(mean((x) => x, u) - 0.5) < 5 / Math.sqrt(12 * n));
    assert.ok(u.every((x) => x > 0 && x < 1 && Math.fround(x) > 0 && Math.fround(x) < 1));
    const k = draw({ ...info, law: "index", size: 10 }, place);
    assert.equal(k.dtype, "index");
    for (let c = 0; c < 10; c++) {
      const share = k.data.filter((x) => x === c).length / n;
      assert.ok(Math.abs(share - 0.1) < 5 * Math.sqrt(0.09 / n));
    }
  });

  it("never round to 1 in 32 bits", () => {
    // The largest words there can be, through the same arithmetic.
    const stream = new Stream(0, "x", "draw");
    Object.assign(stream, {
      fill() {
        (this as unknown as { block: Uint32Array }).block.fill(0xffffffff);
      },
    });
    const out = new Float64Array(2);
    stream.uniforms(out, 0, 2, 0, 0);
    assert.ok(out.every((x) => Math.fround(x) < 1 && x > 0.9999999));
  });

  it("start weights by their law", () => {
    const shape = [40, 50];
    const info = { path: "net.w", shape, axes: [], trained: true };
    assert.ok(initialise({ ...info, init: { law: "constant", value: 2 } }, 0).data.every((x) => x === 2));
    const uniform = initialise({ ...info, init: { law: "uniform", bound: 0.25 } }, 0).data;
    assert.ok(
      uniform.every((x) => Math.abs(x) < 0.25) && uniform.some((x) => x < -0.2) && uniform.some((x) => x > 0.2),
    );
    const drawn = initialise({ ...info, init: { law: "normal", std: 0.02 } }, 0).data;
    const variance = Array.from(drawn).reduce((s, x) => s + x * x, 0) / drawn.length;
    assert.ok(Math.abs(variance / 0.0004 - 1) < 0.2);
    assert.notDeepEqual(drawn, initialise({ ...info, path: "net.v", init: { law: "normal", std: 0.02 } }, 0).data);
  });
});
