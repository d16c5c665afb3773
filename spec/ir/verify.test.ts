import assert from "node:assert/strict";
import * as build from "../../compiler/ir/build.js";
import { FnBuilder } from "../../compiler/ir/builder.js";
import { type Fn, type Module, type Op, tensor, type Value } from "../../compiler/ir/graph.js";
import { read } from "../../compiler/ir/read.js";
import { verify } from "../../compiler/ir/verify.js";

/** g(x, w) = tanh(x w), x; main calls it and adds up. */
function sample(): Module {
  const fns = new Map<string, Fn>();
  const g = new FnBuilder("g", fns);
  const x = g.param(tensor([2, 3], ["row", "col"]), "x");
  const w = g.param(tensor([3, 3]), "w");
  const y = g.emit("dot", [x, w], { batch: [], contract: [[1, 0]] });
  const fn = g.finish([build.unary(g, "tanh", y), x]);
  const b = new FnBuilder("main", fns);
  const p = b.param(tensor([2, 3]));
  const q = b.param(tensor([3, 3]));
  const call = b.call(fn, [p, q]);
  const [r0, r1] = [b.resultOf(call, 0), b.resultOf(call, 1)];
  return b.finishMain([build.sum(b, build.mul(b, r0, r1), [0, 1])]);
}

const op = (m: Module, i: number): Op => m.main.ops[i] as Op;
const g = (m: Module): Fn => m.fns.get("g") as Fn;

/** Each breaks a module in one way, and names what the verifier says. */
const mutations: Readonly<Record<string, readonly [mutate: (m: Module) => unknown, says: RegExp]>> = {
  "an op before its operand": [(m) => m.main.ops.reverse(), /not made before/],
  "an op that is gone": [(m) => m.main.ops.splice(1, 1), /not made before/],
  "a value of another function": [(m) => op(m, 1).operands.splice(0, 1, g(m).params[0] as Value), /not made before/],
  "an operand of another shape": [(m) => op(m, 1).operands.splice(0, 1, m.main.params[1] as Value), /mul of/],
  "too few operands": [(m) => op(m, 1).operands.pop(), /takes 2 operands/],
  "too few operands of a call": [(m) => op(m, 0).operands.pop(), /takes 2 operands, not 1/],
  "operands of a call in another order": [(m) => op(m, 0).operands.reverse(), /as operand 0/],
  "a function that is not there": [(m) => m.fns.delete("g"), /no function g/],
  "a function after its caller": [
    (m) => {
      const f = g(m);
      m.fns.clear();
      m.fns.set("h", { ...m.main, name: "h" });
      m.fns.set("g", f);
    },
    /no function g before/,
  ],
  "a function under another name": [(m) => m.fns.set("f", g(m)), /registered as f/],
  "more results than the function has": [(m) => g(m).results.pop(), /has 1 results, not 2/],
  "results of another type": [(m) => g(m).results.splice(0, 1, g(m).params[1] as Value), /result 0 of g/],
  "a result that is not made": [(m) => m.main.results.push(g(m).params[0] as Value), /is returned and not made/],
  "a type that does not follow": [
    (m) => Object.assign(op(m, 1).results[0] as Value, { type: tensor([3, 2]) }),
    /its operands give/,
  ],
  "another dtype": [
    (m) => Object.assign(m.main.params[0] as Value, { type: tensor([2, 3], [], "bool") }),
    /as operand 0/,
  ],
  "axes out of range": [(m) => Object.assign(op(m, 2), { attrs: { axes: [0, 2] } }), /over \[0,2\]/],
  "no attributes": [(m) => Object.assign(op(m, 2), { attrs: {} }), /wrong attributes/],
  "an op nobody knows": [(m) => Object.assign(op(m, 1), { kind: "conv" }), /no op conv/],
  "an id that is there twice": [(m) => Object.assign(op(m, 1).results[0] as Value, { id: 0 }), /%0 is made twice/],
  "an id beyond the counter": [(m) => Object.assign(m.main, { nextId: 1 }), /beyond the next id/],
  "a result that names another op": [
    (m) => Object.assign(op(m, 1).results[0] as Value, { op: undefined }),
    /another op makes it/,
  ],
  "a name too few": [
    (m) => Object.assign(m.main.params[0] as Value, { type: { ...tensor([2, 3]), axes: ["a"] } }),
    /1 names for 2/,
  ],
  "two results of one op": [(m) => op(m, 1).results.push(op(m, 1).results[0] as Value), /one result, not 2/],
};

describe("the verifier", () => {
  it("finds nothing in a valid module", () => {
    assert.deepEqual(verify(sample()), []);
  });

  for (const [what, [mutate, says]] of Object.entries(mutations))
    it(`finds ${what}`, () => {
      const m = sample();
      mutate(m);
      const problems = verify(m).map((p) => p.message);
      assert.ok(
        problems.some((p) => says.test(p)),
        problems.join("\n") || "nothing found",
      );
    });
});

describe("reading", () => {
  const good =
    'main m(%0 "x y": float[a: 2], %1: float["b c": 2]) {\n  %2 = add (%0, %1): float[a: 2]\n  return %2\n}\n';
  const bad: Readonly<Record<string, RegExp>> = {
    "": /expected fn or main/,
    "main m(%0: float[a: 2]) {": /expected a name/,
    [good.replace("add", "plus")]: /no op plus/,
    [good.replace("%1)", "%7)")]: /%7 is not made yet/,
    [good.replace("%2 =", "%1 =")]: /%1 is made twice/,
    [good.replace("%2 =", "%2, %3 =")]: /2 results with 1 types/,
    [good.replace("float[a", "double[a")]: /line 1: no type double/,
    [`${good}more`]: /more text/,
    [good.replace("add (%0, %1)", "constant base64:AAAA ()")]: /base64 of float64/,
    [good.replace("add (%0, %1)", "constant [1, 2, 3] ()")]: /another size/,
  };

  it("takes names with blanks", () => {
    const m = read(good);
    assert.equal(m.main.params[0]?.name, "x y");
    assert.deepEqual(m.main.params[1]?.type.axes, ["b c"]);
    assert.deepEqual(verify(m), []);
  });

  for (const [text, says] of Object.entries(bad))
    it(`says ${says.source}`, () => {
      assert.throws(() => read(text), { name: "ReadError", message: says });
    });
});
