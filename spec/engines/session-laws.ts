import assert from "node:assert/strict";
import * as build from "../../compiler/ir/build.js";
import { FnBuilder } from "../../compiler/ir/builder.js";
import { type Module, tensor } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import type { Engine, Session } from "../../runtime/engines/engine.js";
import { reference } from "../../runtime/engines/reference.js";
import { assertClose, draw, floats, generator, indices } from "../ir/helpers.js";
import type { Subject } from "./engines.js";

const random = generator(21);

/** Two tensors and a position that live on, an input, and a number to look at. */
function counter(): Module {
  const b = new FnBuilder("main", new Map());
  const w = b.param(tensor([3, 2]), "w");
  const m = b.param(tensor([3, 2]), "m");
  const at = b.param(tensor([2], [], "index"), "at");
  const x = b.param(tensor([2, 3]), "x");
  const y = b.emit("dot", [x, w], { batch: [], contract: [[1, 0]] });
  const g = b.emit("dot", [x, y], { batch: [], contract: [[0, 0]] });
  const m1 = build.add(b, build.scale(b, m, 0.9), build.scale(b, g, 0.1));
  const w1 = build.sub(b, w, build.scale(b, m1, 0.01));
  const order = b.emit(
    "argsort",
    [
      build.add(
        b,
        b.emit("cast", [at], { to: "float" }),
        b.emit("slice", [build.reshape(b, y, [4])], { start: [0], stop: [2] }),
      ),
    ],
    { descending: false },
  );
  return b.finishMain([w1, build.sum(b, build.mul(b, y, y), [0, 1]), m1, order]);
}

const carry = [
  [0, 0],
  [2, 1],
  [3, 2],
] as const;
const start: readonly HostTensor[] = [draw(random, [3, 2]), floats([3, 2], [0, 0, 0, 0, 0, 0]), indices([2], [1, 0])];
const data = Array.from({ length: 7 }, () => draw(random, [2, 3]));

async function carried(engine: Engine, mode: "whole" | "stepwise"): Promise<{ logs: number[]; ends: HostTensor[] }> {
  const session = await engine.load(counter(), { mode, carry });
  start.forEach((t, i) => {
    session.write(i, t);
  });
  const logs: number[] = [];
  for (const x of data) {
    const results = await session.run(new Map([[3, x]]));
    assert.deepEqual([...results.keys()], [1]);
    logs.push(results.get(1)?.data[0] ?? Number.NaN);
  }
  const ends = [await session.read(0), await session.read(1), await session.read(2)];
  await session.dispose();
  return { logs, ends };
}

async function byHand(engine: Engine): Promise<{ logs: number[]; ends: HostTensor[] }> {
  const session = await engine.load(counter(), { mode: "whole" });
  let state = start;
  const logs: number[] = [];
  for (const x of data) {
    const results = await session.run(new Map([...state, x].map((t, i) => [i, t])));
    logs.push(results.get(1)?.data[0] ?? Number.NaN);
    state = [0, 2, 3].map((i) => results.get(i) as HostTensor);
  }
  await session.dispose();
  return { logs, ends: [...state] };
}

function close(
  a: { logs: number[]; ends: HostTensor[] },
  b: { logs: number[]; ends: HostTensor[] },
  tolerance: number,
): void {
  assertClose(a.logs, b.logs, tolerance, "logs");
  a.ends.forEach((t, i) => {
    assertClose(t.data, b.ends[i]?.data ?? [], tolerance, `state ${i}`);
  });
}

/** Carried tensors that are reshaped, transposed, or handed on as they are at the end. */
function reshaping(): Module {
  const b = new FnBuilder("main", new Map());
  const [x, y, z, w] = [b.param(tensor([2, 3])), b.param(tensor([3, 2])), b.param(tensor([6])), b.param(tensor([2]))];
  const line = build.shift(b, build.scale(b, build.reshape(b, x, [6]), 0.5), 1);
  return b.finishMain([build.reshape(b, line, [2, 3]), build.transpose(b, x, [1, 0]), build.reshape(b, y, [6]), w, z]);
}

/** A main function that calls one of two functions four times, as a sampler does, with a part of its own around it. */
function sampler(): Module {
  const fns = new Map();
  const inner = new FnBuilder("shift", fns);
  const p = inner.param(tensor([4]));
  const shift = inner.finish([build.shift(inner, p, 1), build.scale(inner, p, 3)]);
  const net = new FnBuilder("net", fns);
  const [x, w] = [net.param(tensor([2, 4]), "x"), net.param(tensor([4, 4]), "w")];
  const bias = net.param(tensor([4]), "b");
  const moved = net.resultOf(net.call(shift, [bias]), 0);
  const h = build.add(
    net,
    net.emit("dot", [x, w], { batch: [], contract: [[1, 0]] }),
    build.broadcast(net, moved, x.type, [1]),
  );
  const fn = net.finish([build.unary(net, "tanh", h), build.mul(net, h, h)]);
  const b = new FnBuilder("main", fns);
  let z = b.param(tensor([2, 4]), "z");
  const [mw, mb] = [b.param(tensor([4, 4]), "w"), b.param(tensor([4]), "b")];
  for (let i = 0; i < 4; i++) {
    const call = b.call(fn, [z, mw, mb]);
    const v = b.resultOf(call, 0);
    z = build.sub(b, z, build.scale(b, i === 3 ? build.mul(b, v, b.resultOf(call, 1)) : v, 0.25));
  }
  return b.finishMain([z, build.unary(b, "not", build.compare(b, "gt", z, build.like(b, z, 0)))]);
}

function larger(z: HostTensor): HostTensor {
  return { ...z, data: z.data.map((x) => 4 * x) };
}

async function drawn(
  engine: Engine,
  mode: "whole" | "stepwise",
  inputs: readonly HostTensor[],
): Promise<Map<number, HostTensor>> {
  const session = await engine.load(sampler(), { mode });
  const results = await session.run(new Map(inputs.map((t, i) => [i, t])));
  const again = await session.run(new Map(inputs.map((t, i) => [i, t])));
  assert.deepEqual(again, results, "a run leaves nothing behind");
  await session.dispose();
  return results;
}

/** How far results of two graphs may be from each other that differ in what is fed: 0 for engines that compute both alike. */
export interface Apart {
  /** What one is fed the other carries. */
  readonly carried?: number;
  /** What one is fed the other keeps. */
  readonly kept?: number;
}

/** What every engine promises of its sessions. */
export function sessionLaws({ name, engine }: Subject, apart: Apart = {}): void {
  describe(`sessions of ${name}`, () => {
    it(`carried tensors over steps are those fed by hand`, async () => {
      close(await carried(engine, "whole"), await byHand(engine), apart.carried ?? 0);
      close(await carried(engine, "stepwise"), await carried(reference, "whole"), 1e-6);
    });

    it(`runs in one call are runs in turn`, async () => {
      const session = await engine.load(counter(), { mode: "whole", carry });
      start.forEach((t, i) => {
        session.write(i, t);
      });
      const inputs = data.map((x) => new Map([[3, x]]));
      const parts = [
        await session.runs(inputs.slice(0, 4)),
        await session.runs([]),
        await session.runs(inputs.slice(4)),
      ];
      const logs = parts.flat().map((results) => results.get(1)?.data[0] ?? Number.NaN);
      const ends = [await session.read(0), await session.read(1), await session.read(2)];
      await session.dispose();
      close({ logs, ends }, await carried(engine, "whole"), 0);
    });

    it(`what is kept is the same in every run`, async () => {
      const [z, w, b] = [draw(random, [2, 4]), draw(random, [4, 4]), draw(random, [4])];
      const session = await engine.load(sampler(), { mode: "whole", keep: [1, 2] });
      session.write(1, w);
      session.write(2, b);
      const both = await session.runs([new Map([[0, z]]), new Map([[0, larger(z)]])]);
      assertClose((await session.read(1)).data, w.data, 1e-6, "kept");
      // Another graph: the weights are fed.
      const other = await engine.load(sampler(), { mode: "whole" });
      for (const [i, x] of [z, larger(z)].entries()) {
        assert.deepEqual(both[i], await session.run(new Map([[0, x]])));
        const fed = await other.run(new Map([x, w, b].map((t, j) => [j, t])));
        assert.ok(both[i]?.size === fed.size);
        for (const [r, { data }] of fed) assertClose(both[i]?.get(r)?.data ?? [], data, apart.kept ?? 0, `result ${r}`);
      }
      await session.dispose();
      await assert.rejects(
        engine.load(counter(), { mode: "whole", carry, keep: [0] }),
        /parameter 0 \(w\) of main is both carried and kept/,
      );
      await other.dispose();
    });

    it(`carried tensors keep their shapes`, async () => {
      const inputs = [draw(random, [2, 3]), draw(random, [3, 2]), draw(random, [6]), draw(random, [2])];
      const all = [0, 1, 2, 3].map((i) => [i, i] as const);
      const session = await engine.load(reshaping(), { mode: "whole", carry: all });
      const other = await reference.load(reshaping(), { mode: "whole" });
      inputs.forEach((t, i) => {
        session.write(i, t);
      });
      let state = new Map(inputs.map((t, i) => [i, t]));
      for (let step = 0; step < 3; step++) {
        const results = await other.run(state);
        const last = (await session.run(new Map())).get(4);
        assertClose(last?.data ?? [], results.get(4)?.data ?? [], 1e-6, "result");
        state = new Map([0, 1, 2, 3].map((i) => [i, results.get(i) as HostTensor]));
      }
      for (const [i, t] of state) {
        const mine = await session.read(i);
        assert.deepEqual(mine.shape, t.shape);
        assertClose(mine.data, t.data, 1e-6, `state ${i}`);
      }
      await session.dispose();
    });

    it(`stepwise is whole`, async () => {
      const inputs = [draw(random, [2, 4]), draw(random, [4, 4]), draw(random, [4])];
      const [whole, steps] = [await drawn(engine, "whole", inputs), await drawn(engine, "stepwise", inputs)];
      assertClose(steps.get(0)?.data ?? [], whole.get(0)?.data ?? [], 1e-6, "state");
      assert.deepEqual(steps.get(1), whole.get(1));
    });

    it(`says what is wrong with an input`, async () => {
      const session = await engine.load(counter(), { mode: "whole", carry });
      const x = data[0] as HostTensor;
      const run = (inputs: readonly (readonly [number, HostTensor])[]): Promise<unknown> =>
        session.run(new Map(inputs));
      await assert.rejects(run([[3, x]]), /parameter 0 \(w\) of main stays with the engine and was never written/);
      start.forEach((t, i) => {
        session.write(i, t);
      });
      await assert.rejects(run([]), /parameter 3 \(x\) of main is not given/);
      await assert.rejects(
        run([[3, draw(random, [3, 2])]]),
        /parameter 3 \(x\) of main is float\[2, 3\], not float\[3, 2\]/,
      );
      await assert.rejects(run([[3, { ...x, dtype: "bool" }]]), /is float\[2, 3\], not bool\[2, 3\]/);
      await assert.rejects(run([[3, { ...x, data: new Uint8Array(6) }]]), /float data in a Uint8Array/);
      await assert.rejects(run([[3, { ...x, data: new Float64Array(5) }]]), /5 elements for float\[2, 3\]/);
      await assert.rejects(
        run([
          [0, start[0] as HostTensor],
          [3, x],
        ]),
        /parameter 0 \(w\) of main stays with the engine: it is written, not given/,
      );
      await assert.rejects(
        run([
          [3, x],
          [9, x],
        ]),
        /no parameter 9/,
      );
      assert.throws(() => session.write(3, x), /parameter 3 \(x\) of main does not stay with the engine/);
      assert.throws(() => session.write(0, x), /parameter 0 \(w\) of main is float\[3, 2\], not float\[2, 3\]/);
      await assert.rejects(session.read(3), /does not stay/);
      await assert.rejects(
        engine.load(counter(), { mode: "whole", carry: [[1, 0]] }),
        /result 1 of main is float\[\] and cannot be parameter 0/,
      );
      await run([[3, x]]);
      await session.dispose();
    });

    it(`what was read or given does not change with later runs`, async () => {
      const session: Session = await engine.load(counter(), { mode: "whole", carry });
      const mine = start.map((t) => ({ ...t, data: t.data.slice() }));
      mine.forEach((t, i) => {
        session.write(i, t);
      });
      mine[0]?.data.fill(7);
      assertClose((await session.read(0)).data, start[0]?.data ?? [], 1e-6, "written");
      const first = await session.run(new Map([[3, data[0] as HostTensor]]));
      const [log, w] = [first.get(1)?.data[0], await session.read(0)];
      const kept = w.data.slice();
      for (const x of data) await session.run(new Map([[3, x]]));
      assert.equal(first.get(1)?.data[0], log);
      assert.deepEqual(w.data, kept);
      await session.dispose();
    });
  });
}
