import assert from "node:assert/strict";
import * as build from "../../compiler/ir/build.js";
import { FnBuilder } from "../../compiler/ir/builder.js";
import { type Fn, type Module, tensor, type Value } from "../../compiler/ir/graph.js";
import { vjp } from "../../compiler/passes/vjp.js";

const { add, mul, scale, shift, sub, sum, unary, unreduce } = build;
const [batch, token, dim, heads] = [8, 64, 96, 4];
const hidden = tensor([batch, token, dim], ["batch", "token", "dim"]);

function linear(b: FnBuilder, x: Value, out: number): Value {
  const last = x.type.shape.length - 1;
  const w = b.param(tensor([x.type.shape[last] ?? 0, out], ["from", "to"]), `w${b.fn.params.length}`);
  const bias = b.param(tensor([out], ["to"]), `b${b.fn.params.length}`);
  const y = b.emit("dot", [x, w], { batch: [], contract: [[last, 0]] });
  return add(b, y, build.broadcast(b, bias, y.type, [last]));
}

function normalize(b: FnBuilder, x: Value): Value {
  const mean = (v: Value): Value => scale(b, sum(b, v, [2]), 1 / dim);
  const d = sub(b, x, unreduce(b, mean(x), x.type, [2]));
  const s = unary(b, "sqrt", shift(b, mean(mul(b, d, d)), 1e-6));
  return build.div(b, d, unreduce(b, s, x.type, [2]));
}

/** A transformer block modulated by a condition, as diffusion transformers have it. */
function block(fns: Map<string, Fn>): Fn {
  const b = new FnBuilder("block", fns);
  const x = b.param(hidden, "x");
  const c = b.param(tensor([batch, dim], ["batch", "cond"]), "c");
  const ada = linear(b, mul(b, c, unary(b, "sigmoid", c)), 6 * dim);
  const role = (i: number): Value => {
    const part = b.emit("slice", [ada], { start: [0, i * dim], stop: [batch, (i + 1) * dim] });
    return build.broadcast(b, part, hidden, [0, 2]);
  };
  const modulated = (v: Value, i: number): Value => add(b, mul(b, v, shift(b, role(i + 1), 1)), role(i));
  const qkv = build.reshape(b, linear(b, modulated(normalize(b, x), 0), 3 * dim), [
    batch,
    token,
    3,
    heads,
    dim / heads,
  ]);
  const third = (i: number): Value => {
    const start = [0, 0, i, 0, 0];
    const part = b.emit("slice", [qkv], { start, stop: [batch, token, i + 1, heads, dim / heads] });
    return build.reshape(b, part, [batch, token, heads, dim / heads]);
  };
  const logits = b.emit("dot", [third(0), third(1)], {
    batch: [
      [0, 0],
      [2, 2],
    ],
    contract: [[3, 3]],
  });
  const weights = b.emit("softmax", [scale(b, logits, Math.sqrt(heads / dim))], {});
  const mixed = b.emit("dot", [weights, third(2)], {
    batch: [
      [0, 0],
      [1, 2],
    ],
    contract: [[3, 1]],
  });
  const joined = build.reshape(b, build.transpose(b, mixed, [0, 2, 1, 3]), [batch, token, dim]);
  const mid = add(b, x, mul(b, role(2), linear(b, joined, dim)));
  const u = linear(b, modulated(normalize(b, mid), 3), 4 * dim);
  const cube = b.emit("pow", [u, build.like(b, u, 3)], {});
  const inner = scale(b, add(b, u, scale(b, cube, 0.044715)), Math.sqrt(2 / Math.PI));
  const gelu = mul(b, scale(b, u, 0.5), shift(b, unary(b, "tanh", inner), 1));
  return b.finish([add(b, mid, mul(b, role(5), linear(b, gelu, dim)))]);
}

function step(depth: number): Module {
  const fns = new Map<string, Fn>();
  const f = block(fns);
  const b = new FnBuilder("main", fns);
  let x = b.param(hidden, "x");
  const c = b.param(tensor([batch, dim]), "c");
  const weights: Value[] = [];
  for (let i = 0; i < depth; i++) {
    const own = f.params.slice(2).map((p) => b.param(p.type, `block.${i}.${p.name}`));
    weights.push(...own);
    x = b.resultOf(b.call(f, [x, c, ...own]), 0);
  }
  const loss = scale(b, sum(b, mul(b, x, x), [0, 1, 2]), 1 / (batch * token * dim));
  const gradients = vjp(b, [{ value: loss, cotangent: b.scalar(1) }], weights);
  return b.finishMain([loss, ...gradients.filter((g) => g !== undefined)]);
}

describe("a training step of a diffusion transformer", () => {
  it("stays one block and one backward, however deep", () => {
    const deep = step(28);
    // The first block has a backward of its own: nobody wants the gradient of its input.
    assert.deepEqual([...deep.fns.keys()], ["block", "block.bwd", "block.bwd.2"]);
    assert.equal(deep.main.results.length, 1 + 28 * 10);
    const backward = deep.fns.get("block.bwd");
    assert.ok(backward && backward.ops.length < 170, `${backward?.ops.length} ops`);
    const dots = backward.ops.filter((op) => op.kind === "dot").length;
    assert.equal(dots, 13);
  });

  it("is built and differentiated in milliseconds", () => {
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 10; i++) {
      const start = performance.now();
      step(12);
      best = Math.min(best, performance.now() - start);
    }
    assert.ok(best < 20, `${best} ms`);
  });
});
