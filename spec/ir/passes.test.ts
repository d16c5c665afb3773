import assert from "node:assert/strict";
import * as build from "../../compiler/ir/build.js";
import { exportValue, FnBuilder } from "../../compiler/ir/builder.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import { type Fn, type Module, tensor, type Value } from "../../compiler/ir/graph.js";
import { verify } from "../../compiler/ir/verify.js";
import { flops, flopsByFunction } from "../../compiler/passes/cost.js";
import { cse } from "../../compiler/passes/cse.js";
import { dce } from "../../compiler/passes/dce.js";
import { fold } from "../../compiler/passes/fold.js";
import { inline } from "../../compiler/passes/inline.js";
import { jvp } from "../../compiler/passes/jvp.js";
import { memory } from "../../compiler/passes/liveness.js";
import { optimize } from "../../compiler/passes/optimize.js";
import { simplify } from "../../compiler/passes/simplify.js";
import { vjp } from "../../compiler/passes/vjp.js";
import { floats } from "./helpers.js";

const row = tensor([4], ["a"]);

const kinds = (fn: Fn | undefined): string[] => fn?.ops.map((op) => op.kind) ?? [];

describe("dce", () => {
  /** f(x, y, z) = (x y, sin y, x z), of which main uses the first; h is never called. */
  function sample(): Module {
    const fns = new Map<string, Fn>();
    const f = new FnBuilder("f", fns);
    const [x, y, z] = [f.param(row, "x"), f.param(row, "y"), f.param(row, "z")];
    const fn = f.finish([build.mul(f, x, y), build.unary(f, "sin", y), build.mul(f, x, z)]);
    const h = new FnBuilder("h", fns);
    h.finish([build.neg(h, h.param(row))]);
    const g = new FnBuilder("g", fns);
    const [u, v] = [g.param(row, "u"), g.param(row, "v")];
    const inner = g.call(fn, [u, v, build.unary(g, "exp", v)]);
    const outer = g.finish([g.resultOf(inner, 0), g.resultOf(inner, 2)]);
    const b = new FnBuilder("main", fns);
    const [p, q] = [b.param(row), b.param(row)];
    const call = b.call(outer, [p, build.unary(b, "cos", q)]);
    return b.finishMain([b.resultOf(call, 0)]);
  }

  it("drops results, parameters and functions nobody needs, through two levels of calls", () => {
    const module = sample();
    const lean = dce(module);
    assert.deepEqual(verify(lean), []);
    assert.deepEqual([...lean.fns.keys()], ["f", "g"]);
    assert.equal(lean.fns.get("f")?.results.length, 1);
    assert.deepEqual(
      lean.fns.get("f")?.params.map((p) => p.name),
      ["x", "y"],
    );
    assert.deepEqual(kinds(lean.fns.get("f")), ["mul"]);
    assert.equal(lean.fns.get("g")?.results.length, 1);
    assert.deepEqual(kinds(lean.fns.get("g")), ["call"]);
    assert.equal(lean.main.params.length, 2);
    const inputs = [floats([4], [1, 2, 3, 4]), floats([4], [4, 3, 2, 1])];
    assert.deepEqual(evaluate(lean, inputs), evaluate(module, inputs));
  });

  it("drops operands of calls whose parameters turn out to be unused", () => {
    const fns = new Map<string, Fn>();
    const f = new FnBuilder("f", fns);
    const [x] = [f.param(row), f.param(row)];
    const fn = f.finish([build.neg(f, x)]);
    const b = new FnBuilder("main", fns);
    const [p, q] = [b.param(row), b.param(row)];
    const lean = dce(b.finishMain([b.resultOf(b.call(fn, [p, build.unary(b, "exp", q)]), 0)]));
    assert.deepEqual(kinds(lean.main), ["call"]);
    assert.equal(lean.main.ops[0]?.operands.length, 1);
  });
});

describe("taps and residuals", () => {
  it("are results that a function gets later", () => {
    const fns = new Map<string, Fn>();
    const f = new FnBuilder("f", fns);
    const x = f.param(row);
    const inside = build.unary(f, "sin", x);
    const fn = f.finish([build.unary(f, "exp", inside)]);
    const b = new FnBuilder("main", fns);
    const call = b.call(fn, [b.param(row)]);
    const index = exportValue(fn, inside);
    assert.equal(exportValue(fn, inside), index);
    const module = b.finishMain([b.resultOf(call, index)]);
    assert.deepEqual(verify(module), []);
    assert.equal(evaluate(module, [floats([4], [0, 1, 2, 3])])[0]?.data[1], Math.sin(1));
  });

  it("carry gradients from a tap", () => {
    const fns = new Map<string, Fn>();
    const f = new FnBuilder("f", fns);
    const x = f.param(row);
    const inside = build.mul(f, x, x);
    const fn = f.finish([build.unary(f, "exp", inside)]);
    const b = new FnBuilder("main", fns);
    const p = b.param(row);
    const tap = b.resultOf(b.call(fn, [p]), exportValue(fn, inside));
    const [g] = vjp(b, [{ value: tap, cotangent: build.like(b, tap, 1) }], [p]);
    assert.ok(g);
    const module = dce(b.finishMain([g]));
    assert.deepEqual(Array.from(evaluate(module, [floats([4], [0, 1, 2, 3])])[0]?.data ?? []), [0, 2, 4, 6]);
    // Nothing of the exponential is left.
    assert.ok(![...module.fns.values()].flatMap(kinds).includes("exp"));
  });
});

describe("derivatives by aliases", () => {
  it("count only what is computed from the alias", () => {
    const b = new FnBuilder("main", new Map<string, Fn>());
    const x = b.param(row);
    build.unary(b, "exp", x);
    const start = b.fn.ops.length;
    const y = b.alias(x);
    const z = build.mul(b, y, x);
    const tangent = build.like(b, y, 1);
    const t = [0, start].flatMap((s) => jvp(b, [{ value: y, tangent }], [z], s));
    const g = [0, start].flatMap((s) => vjp(b, [{ value: z, cotangent: tangent }], [y], s));
    const found = [...t, ...g].filter((v) => v !== undefined);
    assert.equal(found.length, 4);
    const out = evaluate(b.finishMain(found), [floats([4], [1, 2, 3, 4])]);
    for (const o of out) assert.deepEqual(Array.from(o.data), [1, 2, 3, 4]);
  });

  it("are undefined without a path", () => {
    const b = new FnBuilder("main", new Map<string, Fn>());
    const [x, y] = [b.param(row), b.param(row)];
    const z = build.add(b, build.unary(b, "floor", x), b.emit("stop_gradient", [x], {}));
    assert.deepEqual(vjp(b, [{ value: z, cotangent: build.like(b, z, 1) }], [x, y]), [undefined, undefined]);
    assert.deepEqual(jvp(b, [{ value: x, tangent: y }], [z]), [undefined]);
  });

  it("of one value in two places add up, also where it is a parameter passed twice", () => {
    const fns = new Map<string, Fn>();
    const f = new FnBuilder("f", fns);
    const [x, y] = [f.param(row), f.param(row)];
    const fn = f.finish([build.mul(f, x, y), x]);
    const b = new FnBuilder("main", fns);
    const p = b.param(row);
    const call = b.call(fn, [p, p]);
    const z = build.add(b, b.resultOf(call, 0), b.resultOf(call, 1));
    const [g] = vjp(b, [{ value: z, cotangent: build.like(b, z, 1) }], [p]);
    assert.ok(g);
    assert.deepEqual(Array.from(evaluate(b.finishMain([g]), [floats([4], [1, 2, 3, 4])])[0]?.data ?? []), [3, 5, 7, 9]);
  });
});

describe("simplifications", () => {
  function kindsLeft(make: (b: FnBuilder, x: Value) => Value, shape: number[] = [4]): string[] {
    const b = new FnBuilder("main", new Map<string, Fn>());
    const x = b.param(tensor(shape));
    return kinds(optimize(b.finishMain([make(b, x)])).main).filter((k) => k !== "constant");
  }
  const wide = tensor([4, 8]);
  const slice = (b: FnBuilder, x: Value, from: number, to: number): Value =>
    b.emit("slice", [x], { start: [from], stop: [to] });

  it("do small work before spreading", () => {
    assert.deepEqual(
      kindsLeft((b, x) => build.shift(b, build.unary(b, "exp", build.broadcast(b, x, wide, [0])), 1)),
      ["exp", "add", "broadcast"],
    );
    assert.deepEqual(
      kindsLeft((b, x) => build.sum(b, build.broadcast(b, x, wide, [0]), [1])),
      ["mul"],
    );
    assert.deepEqual(
      kindsLeft((b, x) => build.sum(b, build.broadcast(b, x, wide, [0]), [0, 1])),
      ["reduce_sum", "mul"],
    );
  });

  it("pull numbers out of sums", () => {
    assert.deepEqual(
      kindsLeft((b, x) => build.sum(b, build.scale(b, x, 3), [0])),
      ["reduce_sum", "mul"],
    );
    assert.deepEqual(
      kindsLeft((b, x) => build.sum(b, build.neg(b, x), [0])),
      ["reduce_sum", "neg"],
    );
    assert.deepEqual(
      kindsLeft((b, x) => build.scale(b, build.scale(b, x, 3), 2)),
      ["mul"],
    );
    assert.deepEqual(
      kindsLeft((b, x) => build.sum(b, build.sum(b, x, [1]), [0]), [3, 4]),
      ["reduce_sum"],
    );
  });

  it("see through slices and concats", () => {
    assert.deepEqual(
      kindsLeft((b, x) => b.emit("concat", [slice(b, x, 0, 2), slice(b, x, 2, 4)], { axis: 0 })),
      [],
    );
    assert.deepEqual(
      kindsLeft((b, x) => slice(b, b.emit("concat", [build.neg(b, x), x], { axis: 0 }), 5, 7)),
      ["slice"],
    );
    assert.deepEqual(
      kindsLeft((b, x) => slice(b, slice(b, x, 1, 4), 1, 2)),
      ["slice"],
    );
    assert.deepEqual(
      kindsLeft((b, x) => slice(b, b.emit("pad", [x], { low: [2], high: [1] }), 2, 6)),
      [],
    );
  });

  it("undo what was done twice", () => {
    assert.deepEqual(
      kindsLeft((b, x) => build.neg(b, build.neg(b, x))),
      [],
    );
    assert.deepEqual(
      kindsLeft((b, x) => build.transpose(b, build.transpose(b, x, [1, 0]), [1, 0]), [3, 4]),
      [],
    );
    assert.deepEqual(
      kindsLeft((b, x) => build.reshape(b, build.reshape(b, x, [2, 2]), [4, 1])),
      ["reshape"],
    );
    assert.deepEqual(
      kindsLeft((b, x) => build.broadcast(b, build.broadcast(b, x, wide, [0]), tensor([4, 2, 8]), [0, 2])),
      ["broadcast"],
    );
  });

  it("let a dot find its dimensions", () => {
    const dot = (b: FnBuilder, x: Value): Value =>
      b.emit("dot", [build.transpose(b, x, [1, 0]), x], { batch: [], contract: [[1, 0]] });
    assert.deepEqual(kindsLeft(dot, [3, 5]), ["dot"]);
  });

  it("know no stop once nothing will be differentiated", () => {
    const b = new FnBuilder("main", new Map<string, Fn>());
    const module = b.finishMain([b.emit("stop_gradient", [b.param(row)], {})]);
    assert.equal(simplify(module).main.ops.length, 1);
    assert.equal(simplify(module, { final: true }).main.ops.length, 0);
  });

  it("find equal ops and calls", () => {
    const fns = new Map<string, Fn>();
    const f = new FnBuilder("f", fns);
    const fn = f.finish([build.unary(f, "exp", f.param(row))]);
    const b = new FnBuilder("main", fns);
    const x = b.param(row);
    const twice = [0, 1].map(() => build.unary(b, "sin", b.resultOf(b.call(fn, [x]), 0)));
    const module = cse(b.finishMain(twice));
    assert.deepEqual(kinds(module.main), ["call", "sin"]);
  });

  it("hand back parameters and constants without the call", () => {
    const fns = new Map<string, Fn>();
    const f = new FnBuilder("f", fns);
    const x = f.param(row);
    const fn = f.finish([x, f.splat(row, 3)]);
    const b = new FnBuilder("main", fns);
    const p = b.param(row);
    const call = b.call(fn, [p]);
    const module = dce(fold(b.finishMain([build.mul(b, b.resultOf(call, 0), b.resultOf(call, 1))])));
    assert.deepEqual(kinds(module.main), ["constant", "mul"]);
    assert.equal(module.fns.size, 0);
  });
});

describe("cost and memory", () => {
  /** Three calls of x -> tanh(x w). */
  function sample(): Module {
    const fns = new Map<string, Fn>();
    const f = new FnBuilder("f", fns);
    const [x, w] = [f.param(tensor([16, 8])), f.param(tensor([8, 8]))];
    const fn = f.finish([build.unary(f, "tanh", f.emit("dot", [x, w], { batch: [], contract: [[1, 0]] }))]);
    const b = new FnBuilder("main", fns);
    let y = b.param(tensor([16, 8]));
    const v = b.param(tensor([8, 8]));
    for (let i = 0; i < 3; i++) y = b.resultOf(b.call(fn, [y, v]), 0);
    return b.finishMain([y]);
  }

  it("count a multiply-add as two and every call", () => {
    const one = 2 * 16 * 8 * 8 + 8 * 16 * 8;
    assert.equal(flopsByFunction(sample()).get("f"), one);
    assert.equal(flops(sample()), 3 * one);
    assert.equal(flops(inline(sample())), 3 * one);
  });

  it("count what lives at once", () => {
    const x = 16 * 8 * 4;
    const params = x + 8 * 8 * 4;
    // The tanh writes over the product; in main the old and the new value.
    assert.deepEqual(memory(sample()), { peak: params + 2 * x, params });
    assert.equal(memory(inline(sample())).peak, params + 2 * x);
    assert.equal(memory(sample(), { floatBytes: 8 }).params, 2 * params);
  });

  it("count state that is carried once", () => {
    const b = new FnBuilder("main", new Map<string, Fn>());
    const [w, g] = [b.param(row), b.param(row)];
    const module = b.finishMain([build.sub(b, w, build.scale(b, g, 0.1))]);
    assert.equal(memory(module).peak, 3 * 16);
    assert.equal(memory(module, { carry: [[0, 0]] }).peak, 3 * 16);
    const two = new FnBuilder("main", new Map<string, Fn>());
    const p = two.param(row);
    const next = two.finishMain([build.mul(two, p, p)]);
    assert.equal(memory(next).peak, 2 * 16);
    assert.equal(memory(next, { carry: [[0, 0]] }).peak, 16);
  });
});
