import assert from "node:assert/strict";
import fc from "fast-check";
import * as build from "../../compiler/ir/build.js";
import { FnBuilder } from "../../compiler/ir/builder.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import { type Module, tensor, type Value } from "../../compiler/ir/graph.js";
import { print } from "../../compiler/ir/print.js";
import { verify } from "../../compiler/ir/verify.js";
import { flops } from "../../compiler/passes/cost.js";
import { cse } from "../../compiler/passes/cse.js";
import { dce } from "../../compiler/passes/dce.js";
import { inline } from "../../compiler/passes/inline.js";
import { memory } from "../../compiler/passes/liveness.js";
import { optimize } from "../../compiler/passes/optimize.js";
import { rematerialise } from "../../compiler/passes/rematerialise.js";
import { fullest, inOrder, timeline } from "../../compiler/passes/timeline.js";
import { vjp } from "../../compiler/passes/vjp.js";
import { assertClose, compile, gradientProgram, scalarize } from "./helpers.js";
import { randomProgram } from "./random-graph.js";

/** A chain of layers, tanh(x w) exp(-(x w)²) + x, and the gradients of the sum of its result by the weights. */
function chain(depth: number, rows = 256, dim = 16): Module {
  const b = new FnBuilder("main", new Map());
  let x = b.param(tensor([rows, dim], ["row", "dim"]), "x");
  const weights: Value[] = [];
  for (let i = 0; i < depth; i++) {
    const w = b.param(tensor([dim, dim], ["dim", "to"]), `w${i}`);
    weights.push(w);
    const y = b.emit("dot", [x, w], { batch: [], contract: [[1, 0]] });
    const bell = build.unary(b, "exp", build.neg(b, build.mul(b, y, y)));
    x = build.add(b, x, build.mul(b, build.unary(b, "tanh", y), bell));
  }
  const loss = build.sum(b, build.mul(b, x, x), [0, 1]);
  const gradients = vjp(b, [{ value: loss, cotangent: b.scalar(1) }], weights);
  return optimize(b.finishMain([loss, ...gradients.flatMap((g) => g ?? [])]), { final: true });
}

describe("rematerialisation", () => {
  it("keeps the numbers of random graphs and never raises their peak", () => {
    let lowered = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (seed, part) => {
        const program = randomProgram(seed, "broken", 10);
        const module = optimize(compile(gradientProgram(scalarize(program))));
        const before = memory(module).peak;
        const text = print(module);
        const budget = before * part;
        const { module: lower, peak, extra } = rematerialise(module, { budget, extra: 2 });
        assert.equal(print(module), text, "leaves its input as it was");
        assert.deepEqual(verify(lower), []);
        assert.equal(memory(lower).peak, peak);
        assert.ok(peak <= before);
        if (extra > 0) lowered += 1;
        const expected = evaluate(module, program.inputs);
        for (const [name, m] of [["as it is", lower] as const, ["after cse", dce(cse(lower))] as const])
          for (const [i, t] of evaluate(m, program.inputs).entries())
            assertClose(t.data, expected[i]?.data ?? [], 0, `result ${i} ${name}`);
        assert.equal(rematerialise(lower, { budget: peak }).module, lower, "within its budget it stays as it is");
      }),
      { numRuns: 60, seed: 7 },
    );
    assert.ok(lowered > 5, `${lowered} graphs were changed`);
  });

  it("counts as liveness does", () => {
    for (let seed = 0; seed < 40; seed++) {
      const module = dce(inline(optimize(compile(gradientProgram(scalarize(randomProgram(seed, "broken", 10)))))));
      const t = timeline(module.main, {});
      assert.equal(fullest(t, inOrder(t)).peak, memory(module).peak);
    }
  });

  it("halves the memory of a chain of twelve layers for a third more operations", () => {
    const module = chain(12);
    const before = memory(module).peak;
    const { module: lower, peak, extra } = rematerialise(module, { budget: before / 2 });
    assert.ok(peak <= before / 2, `${peak} of ${before}`);
    assert.ok(extra > 0 && extra < 0.35, `${extra}`);
    assert.ok(Math.abs(flops(lower) / flops(module) - 1 - extra) < 1e-9);
  });

  it("takes the cheap ones first", () => {
    const module = chain(12);
    const before = memory(module).peak;
    assert.ok(rematerialise(module, { budget: before * 0.7 }).extra < 0.1);
  });

  it("says the least it can reach", () => {
    const module = chain(12);
    const least = rematerialise(module, { budget: 0 });
    assert.ok(least.peak > 0 && least.peak < 0.5 * memory(module).peak);
    assert.ok(least.extra <= 0.4);
    assert.ok(rematerialise(module, { budget: least.peak }).peak <= least.peak);
  });

  it("outlives the passes", () => {
    const module = chain(12);
    const { module: lower, peak } = rematerialise(module, { budget: memory(module).peak / 2 });
    assert.ok(memory(optimize(lower)).peak <= 1.05 * peak);
  });

  it("is done in a second for a long function", () => {
    const module = chain(800, 8, 4);
    const start = performance.now();
    const { peak } = rematerialise(module, { budget: memory(module).peak / 2 });
    assert.ok(peak <= memory(module).peak / 2);
    assert.ok(performance.now() - start < 8000, `${module.main.ops.length} ops: ${performance.now() - start} ms`);
  });
});
