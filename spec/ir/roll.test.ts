import assert from "node:assert/strict";
import { add, mul, sum } from "../../compiler/ir/build.js";
import { FnBuilder } from "../../compiler/ir/builder.js";
import { type Fn, type Module, tensor, type Value } from "../../compiler/ir/graph.js";
import { roll } from "../../compiler/passes/roll.js";

/** Σ x · w and w, of parts of two samples. */
function part(fns: Map<string, Fn>): Fn {
  const b = new FnBuilder("part", fns);
  const x = b.param(tensor([2, 3]));
  const w = b.param(tensor([2, 3]));
  return b.finish([sum(b, mul(b, x, w), [0, 1]), mul(b, w, w), mul(b, x, x)]);
}

type Main = (b: FnBuilder, calls: readonly (readonly Value[])[]) => readonly Value[];

/** Calls for the samples that begin at `starts` of the six of a batch. */
function moduleOf(starts: readonly number[], results: Main): Module {
  const fns = new Map<string, Fn>();
  const fn = part(fns);
  const b = new FnBuilder("main", fns);
  const x = b.param(tensor([6, 3]));
  const w = b.param(tensor([2, 3]));
  const calls = starts.map((start) => {
    const some = b.emit("slice", [x], { start: [start, 0], stop: [start + 2, 3] });
    const call = b.call(fn, [some, w]);
    return [0, 1, 2].map((i) => b.resultOf(call, i));
  });
  return b.finishMain(results(b, calls));
}

const column = (calls: readonly (readonly Value[])[], i: number): Value[] =>
  calls.flatMap((c) => {
    const v = c[i];
    return v ? [v] : [];
  });
const added = (b: FnBuilder, values: readonly Value[]): Value => values.reduce((x, y) => add(b, x, y));

describe("calls as a loop", () => {
  it("are found where they take the parts of a value in order", () => {
    const { main, repeats } = roll(
      moduleOf([0, 2, 4], (b, calls) => [
        added(b, column(calls, 0)),
        ...column(calls, 1).slice(0, 1),
        b.emit("concat", column(calls, 2), { axis: 0 }),
      ]),
    );
    const [repeat] = repeats.values();
    assert.deepEqual(repeat?.fates, ["sum", "last", "rows"]);
    assert.deepEqual(repeat?.dealt, [0, undefined]);
    assert.equal(repeat?.times, 3);
    assert.deepEqual(
      main.ops.filter((op) => op.kind !== "slice").map((op) => op.kind),
      ["call"],
    );
  });

  const others: Readonly<Record<string, Module>> = {
    "another order": moduleOf([2, 0, 4], (b, calls) => [added(b, column(calls, 0))]),
    "not all of it": moduleOf([0, 2], (b, calls) => [added(b, column(calls, 0))]),
    "one sum read on the way": moduleOf([0, 2, 4], (b, calls) => {
      const [first, second, third] = column(calls, 0);
      assert.ok(first && second && third);
      const two = add(b, first, second);
      return [add(b, two, third), two];
    }),
    "a result of the first alone": moduleOf([0, 2, 4], (b, calls) => [
      added(b, column(calls, 0)),
      ...column(calls, 2).slice(0, 1),
    ]),
    "put together in another order": moduleOf([0, 2, 4], (b, calls) => [
      b.emit("concat", column(calls, 2).toReversed(), { axis: 0 }),
    ]),
  };
  for (const [name, module] of Object.entries(others))
    it(`are written out otherwise: ${name}`, () => {
      const { main, repeats } = roll(module);
      assert.equal(repeats.size, 0);
      assert.ok(main.ops.every((op) => op.kind !== "call"));
    });
});
