/** What is tfjs's own: its memory, its backends, tensors of many dimensions. */
import assert from "node:assert/strict";
import { compileTrain } from "../../compiler/index.js";
import * as build from "../../compiler/ir/build.js";
import type { FnBuilder } from "../../compiler/ir/builder.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import { tensor, type Value } from "../../compiler/ir/graph.js";
import { SourceFile } from "../../grammar/source.js";
import type { Engine } from "../../runtime/engines/engine.js";
import { openEngine, pickEngine } from "../../runtime/engines/index.js";
import { onnx } from "../../runtime/engines/onnx.js";
import { openBackend, registerBackend } from "../../runtime/engines/tfjs/backend.js";
import { tfjsOn } from "../../runtime/engines/tfjs/tfjs.js";
import { train } from "../../runtime/train/train.js";
import { compile, draw, floats, generator, gradientProgram, scalarize } from "../ir/helpers.js";
import { randomProgram } from "../ir/random-graph.js";
import { sound } from "../language/specs.js";
import { scratch } from "../runtime/toy.js";
import { agree, numbered, rounded } from "./agree.js";

const spec = `
use std.{AdamW, Digits, Flow, LabelDropout, SiT}
data digits: Digits
model net: SiT { hidden: 8, depth: 2, heads: 2, patch: 7 }
objective flow: Flow
train run {
  data: digits, batch: 4, steps: 50, ema: 0.9, log: 1, seed: 3
  minimize by AdamW { lr: 1e-2 } clip 1.0 { denoise: flow(net, digits.image, LabelDropout {}(digits.label)) }
}
`;

let expected: number[] | undefined;

async function losses(engine: Engine): Promise<number[]> {
  const plan = compileTrain(sound(spec)).value;
  assert.ok(plan);
  const all: number[] = [];
  await train(plan, { engine, folder: scratch(), events: { logged: ({ loss }) => all.push(Number(loss)) } });
  return all;
}

/** The backend that `DIT_TFJS_BACKEND` names, while something is done. */
async function named<T>(backend: string, work: () => Promise<T>): Promise<T> {
  const before = process.env.DIT_TFJS_BACKEND;
  process.env.DIT_TFJS_BACKEND = backend;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env.DIT_TFJS_BACKEND;
    else process.env.DIT_TFJS_BACKEND = before;
  }
}

for (const backend of ["wasm", "cpu"])
  describe(`tfjs on ${backend}`, () => {
    const engine = tfjsOn(backend);

    it("holds the same memory after a hundred steps as after one, and none at the end", async () => {
      const { tf } = await openBackend(backend);
      const held = (): string => `${tf.memory().numTensors} tensors, ${tf.memory().numBytes} bytes`;
      const before = held();
      const program = randomProgram(5, "smooth", 12);
      const gradients = gradientProgram(scalarize(program));
      const inputs = rounded(program.inputs);
      // Gradients have the types of the parameters: each is the parameter of the next run.
      const carry = inputs.map((_, i) => [i, i] as const);
      const session = await engine.load(compile(gradients), { mode: "whole", carry });
      const step = async (): Promise<void> => {
        inputs.forEach((t, i) => {
          session.write(i, t);
        });
        await session.run(new Map());
      };
      await step();
      const after = held();
      for (let i = 0; i < 100; i++) await step();
      assert.equal(held(), after);
      await session.dispose();
      assert.equal(held(), before);
      const stepwise = await engine.load(compile(program), { mode: "stepwise" });
      for (let i = 0; i < 2; i++) await stepwise.run(numbered(inputs));
      await stepwise.dispose();
      assert.equal(held(), before);
    });

    it("frees what a step made that fails", async () => {
      const { tf } = await openBackend(backend);
      const p = compile({
        params: [tensor([2, 3]), tensor([1], [], "index")],
        build: (b, [x, i]) => (x && i ? [b.emit("take", [build.unary(b, "tanh", x), i], { batch: 0 })] : []),
      });
      const session = await engine.load(p, { mode: "whole" });
      const before = tf.memory().numTensors;
      const far = { dtype: "index", shape: [1], data: Int32Array.of(9) } as const;
      await assert.rejects(session.run(numbered([draw(generator(1), [2, 3]), far])));
      assert.equal(tf.memory().numTensors, before);
      await session.dispose();
    });

    it("moves, repeats, cuts and adds up tensors of nine dimensions", async () => {
      const shape = [2, 1, 3, 2, 1, 2, 2, 2, 2];
      const program = {
        params: [tensor(shape), tensor([3, 2])],
        build: (b: FnBuilder, [x, y]: readonly Value[]) => {
          assert.ok(x && y);
          const turned = build.transpose(b, x, [8, 2, 0, 7, 1, 3, 5, 4, 6]);
          const wide = build.broadcast(b, y, tensor(shape), [2, 7]);
          const low = shape.map((_, d) => d % 2);
          return [
            turned,
            build.mul(b, build.add(b, x, wide), wide),
            build.binary(b, "max", x, wide),
            build.sum(b, x, [0, 2, 4, 6, 8]),
            b.emit("reduce_max", [x], { axes: [1, 3, 5, 7] }),
            b.emit("slice", [x], { start: shape.map((n) => (n > 1 ? 1 : 0)), stop: shape }),
            b.emit("pad", [x], { low, high: low }),
            b.emit("concat", [x, wide], { axis: 5 }),
          ];
        },
      };
      await agree(
        engine,
        compile(program),
        program.params.map((t) => draw(generator(4), t.shape)),
        "nine dimensions",
      );
    });

    it("does not lose what is not a number", async () => {
      const [nan, far] = [Number.NaN, Number.POSITIVE_INFINITY];
      const inputs = [
        floats([2, 4], [1, nan, 3, 4, -far, 2, far, nan]),
        floats([2, 4], [nan, 2, nan, 5, far, -far, nan, 0]),
      ];
      const program = {
        params: [tensor([2, 4]), tensor([2, 4])],
        build: (b: FnBuilder, [x, y]: readonly Value[]) => {
          assert.ok(x && y);
          return [
            build.binary(b, "max", x, y),
            build.binary(b, "min", x, y),
            b.emit("reduce_max", [x], { axes: [1] }),
            b.emit("reduce_min", [x], { axes: [0] }),
            build.unary(b, "sign", x),
            build.unary(b, "tanh", x),
            build.compare(b, "ne", x, y),
            b.emit("argsort", [x], { descending: true }),
          ];
        },
      };
      const wanted = evaluate(compile(program), inputs);
      const session = await engine.load(compile(program), { mode: "whole" });
      const results = await session.run(numbered(inputs));
      await session.dispose();
      for (const [i, t] of wanted.entries())
        assert.deepEqual(
          Array.from(results.get(i)?.data ?? [], Math.fround),
          Array.from(t.data, Math.fround),
          `result ${i}`,
        );
    });

    it("gives the losses of onnx", async () => {
      expected ??= await losses(onnx);
      const [mine, theirs] = [await losses(engine), expected];
      assert.deepEqual([mine.length, theirs.length], [50, 50]);
      for (const [i, loss] of mine.entries())
        assert.ok(Math.abs(loss - (theirs[i] ?? Number.NaN)) < 1e-3, `step ${i + 1}: ${loss}, not ${theirs[i]}`);
    });

    it("leaves the process as it was: nobody listens for what it throws", async () => {
      await openBackend(backend);
      for (const event of ["uncaughtException", "unhandledRejection"])
        for (const listener of process.rawListeners(event))
          assert.doesNotMatch(String(listener), /ExitStatus|throw reason/);
    });
  });

describe("the backend of tfjs", () => {
  it("is wasm, or what DIT_TFJS_BACKEND names", async () => {
    const chosen = await pickEngine("tfjs");
    assert.ok("engine" in chosen);
    assert.match(chosen.why, /tfjs 4\.\d+\.\d+, backend wasm, float32, op by op/);
    const cpu = await named("cpu", () => pickEngine("tfjs"));
    assert.ok("engine" in cpu);
    assert.match(cpu.why, /backend cpu/);
  });

  it("may come from elsewhere", async () => {
    registerBackend("abacus", async () => {
      throw new Error("no beads");
    });
    await named("abacus", async () => {
      const picked = await pickEngine("tfjs");
      assert.ok("missing" in picked);
      assert.match(picked.missing, /backend abacus .*no beads/);
      assert.match(picked.help, /engine: onnx/);
      await assert.rejects(openEngine("tfjs"), /no beads/);
    });
  });

  it("that has no kernel for an op says so, and where the op comes from", async () => {
    const { tf } = await openBackend("cpu");
    const kernel = tf.getKernel("Erf", "cpu");
    const module = compile({ params: [tensor([2])], build: (b, [x]) => (x ? [build.unary(b, "erf", x)] : []) });
    const source = new SourceFile("a.dit", "let y =\n  erf(x)\n");
    for (const op of module.main.ops) Object.assign(op, { origin: { source, pos: 10, end: 16 } });
    const session = await tfjsOn("cpu").load(module, { mode: "whole" });
    tf.unregisterKernel("Erf", "cpu");
    try {
      await assert.rejects(
        session.run(numbered([floats([2], [0, 1])])),
        /backend `cpu` of tfjs cannot compute `erf`: it has no kernel Erf\n {2}where: a\.dit:2:3\n {2}help: use another/,
      );
    } finally {
      tf.registerKernel(kernel);
      await session.dispose();
    }
  });

  it("has a name that is known", async () => {
    const picked = await named("wsam", () => pickEngine("tfjs"));
    assert.ok("missing" in picked);
    assert.match(picked.missing, /no backend `wsam` of tfjs/);
  });
});
