/** Products as matrices, and the islands between them: the same numbers, and little that goes in and out. */
import assert from "node:assert/strict";
import { add, mul, unary } from "../../compiler/ir/build.js";
import { FnBuilder } from "../../compiler/ir/builder.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import { type Fn, type Module, tensor, type Value } from "../../compiler/ir/graph.js";
import { isPrimitive } from "../../compiler/ir/table/table.js";
import { dce } from "../../compiler/passes/dce.js";
import { inline } from "../../compiler/passes/inline.js";
import { type Island, type Item, islands, isView } from "../../compiler/passes/islands.js";
import { matrices } from "../../compiler/passes/matrices.js";
import { copyPrimitive, of } from "../../compiler/passes/rebuild.js";
import { layoutProgram } from "../engines/layout-graph.js";
import { assertClose, compile, gradientProgram, type Program, scalarize } from "./helpers.js";
import { randomProgram } from "./random-graph.js";

const flatOf = (program: Program): Fn => dce(inline(compile(program))).main;
const moduleOf = (main: Fn): Module => ({ fns: new Map(), main });

/** The function as its items say: an island sees its inputs only, and only its outputs are seen. */
function joined(fn: Fn, items: readonly Item[]): Module {
  const b = new FnBuilder("main", new Map());
  const made = new Map<Value, Value>(fn.params.map((p) => [p, b.param(p.type)]));
  const copy = (op: Fn["ops"][number], map: Map<Value, Value>): void => {
    const [result] = op.results;
    if (!result || map.has(result)) return;
    assert.ok(isPrimitive(op));
    for (const v of op.operands) if (v.op && isView(v.op)) copy(v.op, map);
    map.set(
      result,
      copyPrimitive(
        b,
        op,
        op.operands.map((v) => of(map, v)),
      ),
    );
  };
  for (const item of items) {
    if ("op" in item) {
      copy(item.op, made);
      continue;
    }
    const { ops, inputs, outputs } = item.island;
    const inside = new Map(inputs.map((v) => [v, of(made, v)]));
    for (const op of ops) copy(op, inside);
    for (const v of outputs) made.set(v, of(inside, v));
  }
  const results = fn.results.map((v) => {
    if (v.op && isView(v.op)) copy(v.op, made);
    return of(made, v);
  });
  return b.finishMain(results);
}

function sameNumbers(program: Program & { readonly inputs: Parameters<typeof evaluate>[1] }, what: string): void {
  const fn = flatOf(program);
  const expected = evaluate(moduleOf(fn), program.inputs);
  const products = dce(moduleOf(matrices(fn))).main;
  for (const op of products.ops)
    if (op.kind === "dot") {
      const rank = op.attrs.batch.length + 2;
      assert.ok(rank <= 3 && op.operands.every((v) => v.type.shape.length === rank), what);
    }
  const parts = joined(products, islands(products));
  for (const [name, module] of [["matrices", moduleOf(products)] as const, ["islands", parts] as const])
    evaluate(module, program.inputs).forEach((value, i) => {
      assertClose(value.data, expected[i]?.data ?? [], 1e-9, `${what}, ${name}, result ${i}`);
    });
}

function gradientOf(program: Program & { readonly inputs: Parameters<typeof evaluate>[1] }) {
  return { ...gradientProgram(scalarize(program)), inputs: program.inputs };
}

describe("products as matrices, and islands between them", () => {
  it("have the numbers of the function, of random graphs", () => {
    for (let seed = 0; seed < 60; seed++) {
      sameNumbers(randomProgram(seed, "smooth", 12), `graph ${seed}`);
      sameNumbers(gradientOf(randomProgram(seed, "smooth", 12)), `gradient of graph ${seed}`);
    }
  });

  it("have the numbers of the function, where ops move and repeat", () => {
    for (let seed = 0; seed < 120; seed++) sameNumbers(layoutProgram(seed, 20), `layouts ${seed}`);
  });

  const islandsOf = (program: Program): Island[] =>
    islands(matrices(flatOf(program))).flatMap((item) => ("island" in item ? [item.island] : []));
  const work = ({ ops }: Island): string => ops.flatMap((op) => (isView(op) ? [] : [op.kind])).join(" ");

  const square = tensor([128, 256]);
  const weight = tensor([256, 256]);
  const product = (b: FnBuilder, x: Value, w: Value): Value => b.emit("dot", [x, w], { batch: [], contract: [[1, 0]] });

  it("a value made from one large tensor is made again rather than kept", () => {
    const activation: Program = {
      params: [square, weight, weight],
      build(b, [x, w, v]) {
        assert.ok(x && w && v);
        const u = product(b, x, w);
        const t = unary(b, "tanh", u);
        const y = product(b, mul(b, u, t), v);
        // As a derivative does: `t` is read again after the second product.
        return [mul(b, y, t)];
      },
    };
    const [first, second] = islandsOf(activation);
    assert.ok(first && second);
    assert.equal(work(first), "tanh mul");
    assert.equal(first.outputs.length, 1);
    assert.equal(work(second), "tanh mul");
    assert.deepEqual(
      second.inputs.map((v) => v.op?.kind),
      ["dot", "dot"],
    );
  });

  it("a value made from two large tensors is kept", () => {
    const residual: Program = {
      params: [square, weight, weight],
      build(b, [x, w, v]) {
        assert.ok(x && w && v);
        const y = add(b, x, product(b, x, w));
        return [add(b, y, product(b, y, v))];
      },
    };
    const [, last] = islandsOf(residual);
    assert.deepEqual(
      last?.inputs.map((v) => v.op?.kind),
      ["add", "dot"],
    );
  });

  it("a matrix is not moved where its transpose can be multiplied", () => {
    const turned: Program = {
      params: [square, square],
      build: (b, [x, y]) => (x && y ? [b.emit("dot", [x, y], { batch: [], contract: [[0, 0]] })] : []),
    };
    assert.deepEqual(
      matrices(flatOf(turned)).ops.map((op) => op.kind),
      ["dot"],
    );
    const heads: Program = {
      params: [tensor([2, 5, 3, 4]), tensor([2, 5, 3, 4])],
      build: (b, [x, y]) => {
        if (!x || !y) return [];
        const attrs = { batch: [[0, 0] as const, [2, 2] as const], contract: [[3, 3] as const] };
        return [b.emit("dot", [x, y], attrs)];
      },
    };
    assert.deepEqual(
      matrices(flatOf(heads)).ops.map((op) => op.kind),
      ["transpose", "reshape", "transpose", "reshape", "dot", "reshape"],
    );
  });

  it("numbers of a sum along rows stay where they are read", () => {
    const cosine: Program = {
      params: [square, square],
      build: (b, [x, y]) => (x && y ? [b.emit("dot", [x, y], { batch: [[0, 0]], contract: [[1, 1]] })] : []),
    };
    assert.deepEqual(islandsOf(cosine).map(work), ["mul reduce_sum"]);
  });
});
