/** A function for parts of its batch: the same numbers, and samples that do not wait for one another. */
import assert from "node:assert/strict";
import { broadcast, mul, sum, unary } from "../../compiler/ir/build.js";

import { evaluate } from "../../compiler/ir/evaluate.js";
import { type Fn, type Module, tensor, type Value } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import { dce } from "../../compiler/passes/dce.js";
import { inline } from "../../compiler/passes/inline.js";
import { shards } from "../../compiler/passes/shards.js";
import { layoutProgram } from "../engines/layout-graph.js";
import { cases } from "./cases.js";
import { assertClose, compile, draw, generator, gradientProgram, type Program, scalarize } from "./helpers.js";
import { randomProgram } from "./random-graph.js";

type Given = Program & { readonly inputs: readonly HostTensor[] };

const flatOf = (program: Program): Fn => dce(inline(compile(program))).main;
const moduleOf = (main: Fn): Module => ({ fns: new Map(), main });
const allOf = (fn: Fn): Set<number> => new Set(fn.params.keys());

function sameNumbers(program: Given, parts: number, what: string): boolean {
  const fn = flatOf(program);
  const parted = shards(fn, parts, allOf(fn));
  const expected = evaluate(moduleOf(fn), program.inputs);
  for (const module of [moduleOf(parted), dce(moduleOf(parted))])
    evaluate(module, program.inputs).forEach((value, i) => {
      assertClose(value.data, expected[i]?.data ?? [], 1e-9, `${what}, result ${i}`);
    });
  return parted !== fn;
}

const gradientOf = (program: Given): Given => ({ ...gradientProgram(scalarize(program)), inputs: program.inputs });

describe("a function in parts of its batch", () => {
  it("has the numbers of the function, of every op", () => {
    for (const list of Object.values(cases)) for (const c of list) for (const n of [2, 3]) sameNumbers(c, n, c.name);
  });

  it("has the numbers of the function, of random graphs", () => {
    // Most of their parameters have three rows.
    for (let seed = 0; seed < 60; seed++) {
      assert.ok(sameNumbers(randomProgram(seed, "smooth", 12), 3, `graph ${seed}`));
      assert.ok(sameNumbers(gradientOf(randomProgram(seed, "smooth", 12)), 3, `gradient of graph ${seed}`));
    }
  });

  it("has the numbers of the function, where ops move and repeat", () => {
    for (let seed = 0; seed < 120; seed++)
      for (const n of [2, 3]) sameNumbers(layoutProgram(seed, 20), n, `layouts ${seed}`);
  });

  /** Samples by a weight, through an activation, to a loss of each, and the sum of them. */
  const networkOf = (batch: number): Program => ({
    params: [tensor([batch, 5, 3]), tensor([3, 3]), tensor([3])],
    build(b, [x, w, v]) {
      assert.ok(x && w && v);
      const product = (y: Value): Value => b.emit("dot", [y, w], { batch: [], contract: [[2, 0]] });
      const hidden = unary(b, "tanh", mul(b, product(x), broadcast(b, v, x.type, [2])));
      return [sum(b, mul(b, product(hidden), hidden), [0, 1, 2])];
    },
  });
  const network = networkOf(4);

  it("lets no sample wait for another before its gradient", () => {
    const fn = flatOf(gradientProgram(network));
    const parted = dce(moduleOf(shards(fn, 2, new Set([0])))).main;
    const large = parted.ops.filter((op) => op.results.some(({ type }) => type.shape[0] === 4));
    // The gradient of the samples themselves, which is a result.
    assert.deepEqual(
      large.map((op) => op.kind),
      ["concat"],
    );
    const random = generator(3);
    const inputs = network.params.map(({ shape }) => draw(random, shape));
    const [loss] = evaluate(moduleOf(parted), inputs);
    assertClose(loss?.data ?? [], evaluate(moduleOf(fn), inputs)[0]?.data ?? [], 1e-12, "loss");
  });

  it("has as many parts as keep the threads busiest, and one where there is no batch", () => {
    const widths = (count: number, fed: readonly number[], batch = 4): number[] => {
      const fn = flatOf(networkOf(batch));
      const ops = dce(moduleOf(shards(fn, count, new Set(fed)))).main.ops;
      return ops.flatMap((op) => (op.kind === "dot" ? [op.results[0]?.type.shape[0] ?? 0] : []));
    };
    assert.deepEqual(widths(2, [0]), [2, 2, 2, 2]);
    assert.deepEqual(widths(3, [0]), [2, 2, 2, 2]);
    assert.deepEqual(widths(8, [0]), Array(8).fill(1));
    assert.deepEqual(widths(1, [0]), [4, 4]);
    assert.deepEqual(widths(2, []), [4, 4]);
    assert.deepEqual(widths(2, [0], 3), Array(6).fill(1));
    assert.deepEqual(widths(2, [0], 11), [11, 11]);
  });
});
