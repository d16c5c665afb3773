import assert from "node:assert/strict";
import { plannedBytes } from "../../compiler/emit/onnx/buffers.js";
import * as build from "../../compiler/ir/build.js";
import { FnBuilder } from "../../compiler/ir/builder.js";
import { type Fn, tensor, type Value } from "../../compiler/ir/graph.js";

const sizes = { float: 4, bool: 1, index: 8 };
const planned = (fn: Fn) => plannedBytes(fn, sizes, new Map());

/** `results` of x, a vector of 100 numbers: 400 bytes. */
function of(results: (b: FnBuilder, x: Value) => Value[]): Fn {
  const b = new FnBuilder("main", new Map());
  const x = b.param(tensor([100], ["row"]), "x");
  return b.finish(results(b, x));
}

/** A sum over all rows, which is no elementwise op: 4 bytes. */
const total = (b: FnBuilder, x: Value): Value => build.sum(b, x, [0]);

describe("memory as onnxruntime plans it", () => {
  it("a tensor takes the memory of one of its shape that nobody reads any more", () => {
    const fn = of((b, x) => {
      const first = total(b, build.unary(b, "exp", x));
      return [first, total(b, build.unary(b, "tanh", x))];
    });
    assert.equal(planned(fn), 400 + 4 + 4);
  });

  it("an elementwise op writes over what it reads, if nobody reads it later", () => {
    assert.equal(planned(of((b, x) => [total(b, build.unary(b, "exp", build.unary(b, "tanh", x)))])), 400 + 4);
    const kept = of((b, x) => {
      const y = build.unary(b, "tanh", x);
      return [total(b, build.unary(b, "exp", y)), total(b, y)];
    });
    assert.equal(planned(kept), 400 + 400 + 4);
  });

  it("memory that waits for a tensor of its shape is there while one of another shape lives", () => {
    const fn = of((b, x) => {
      const early = total(b, build.unary(b, "exp", x));
      const other = build.sum(b, b.emit("dot", [x, x], { batch: [], contract: [] }), [0, 1]);
      return [early, other, total(b, build.unary(b, "tanh", x))];
    });
    // The vector's 400 beside the product of 100 by 100, in which there is none.
    assert.equal(planned(fn), 400 + 4 + 40_000 + 4);
  });
});
