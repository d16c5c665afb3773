import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Op } from "../../compiler/ir/graph.js";
import type { TrainPlan } from "../../compiler/plan/plan.js";
import { SourceFile } from "../../grammar/source.js";
import { readCheckpoint } from "../../runtime/checkpoint/checkpoint.js";
import { writeSafetensors } from "../../runtime/checkpoint/safetensors-writer.js";
import type { RunEvents } from "../../runtime/events.js";
import { initialise } from "../../runtime/random.js";
import { readMetrics } from "../../runtime/telemetry/metrics.js";
import { type TrainOptions, train } from "../../runtime/train/train.js";
import { LossWatch } from "../../runtime/train/watch.js";
import { faultOf } from "./faults.js";
import { scratch, type ToyOptions, toyEngine, toySources, toyTrainPlan } from "./toy.js";

function start(plan: TrainPlan, folder: string, more: Partial<TrainOptions> = {}) {
  return train(plan, { engine: toyEngine(), folder, sources: toySources(), ...more });
}

/** Stops a run after this many steps. */
function stopAt(step: number): { signal: AbortSignal; events: RunEvents } {
  const controller = new AbortController();
  return { signal: controller.signal, events: { step: (s) => void (s.step === step && controller.abort()) } };
}

/** All of a metrics file but what a clock put there. */
function timeless(folder: string) {
  return readMetrics(join(folder, "metrics.jsonl")).map(({ step, loss, terms }) => ({ step, loss, terms }));
}

describe("training", () => {
  it("moves weights, averages and states, and leaves alone what is frozen", async () => {
    const folder = scratch();
    const plan = toyTrainPlan();
    const seen: string[] = [];
    const events: RunEvents = {
      started: (i) => seen.push(`start ${i.step} ${i.parameters} ${i.samples}`),
      phase: (p) => seen.push(`phase ${p.number}/${p.of}`),
      logged: (l) => seen.push(`log ${l.step}`),
      checkpoint: (c) => seen.push(`checkpoint ${c.step}`),
    };
    const result = await start(plan, folder, { events });
    assert.deepEqual(
      seen.join(", "),
      "start 0 6 10, phase 1/1, log 1, log 2, log 4, checkpoint 5, log 6, log 8, log 10, checkpoint 10, log 12, checkpoint 12",
    );
    assert.equal(result.step, 12);
    assert.equal(result.interrupted, false);
    const lines = readMetrics(join(folder, "metrics.jsonl"));
    assert.ok((lines.at(-1)?.loss ?? 1) < (lines[0]?.loss ?? 0) / 2);
    const [weight, frozen] = plan.weights;
    assert.ok(weight && frozen);
    assert.notDeepEqual(result.state.weights.get("net.w")?.data, initialise(weight, 7).data);
    assert.deepEqual(result.state.weights.get("net.frozen")?.data, initialise(frozen, 7).data);
    assert.deepEqual(result.state.averages.get("main")?.get("net.frozen")?.data, initialise(frozen, 7).data);
    assert.notDeepEqual(result.state.averages.get("main")?.get("net.w")?.data, result.state.weights.get("net.w")?.data);
    assert.deepEqual((await readCheckpoint(result.checkpoint)).state, result.state);
    const summary = JSON.parse(readFileSync(join(folder, "summary.json"), "utf8"));
    assert.equal(summary.checkpoint, "checkpoints/step-0000012");
    assert.equal(summary.loss, result.loss);
    assert.ok(existsSync(join(folder, "loss.png")));
  });

  for (const precision of [64, 32] as const) {
    for (const options of [{}, { second: 6 }] satisfies ToyOptions[]) {
      const name = `${precision} bits, ${"second" in options ? "two phases" : "one phase"}`;
      it(`ends with the same bits wherever it was stopped (${name})`, async () => {
        const engine = toyEngine(precision);
        const whole = scratch();
        const { state } = await start(toyTrainPlan(options), whole, { engine });
        for (const step of [1, 5, 6, 7, 11]) {
          const folder = scratch();
          const first = await start(toyTrainPlan(options), folder, { engine, ...stopAt(step) });
          assert.deepEqual([first.step, first.interrupted], [step, true]);
          const second = await start(toyTrainPlan(options), folder, { engine, resume: true });
          assert.deepEqual([second.step, second.interrupted], [12, false]);
          const [a, b] = [
            await readCheckpoint(second.checkpoint),
            await readCheckpoint(join(whole, "checkpoints", "step-0000012")),
          ];
          assert.deepEqual(a, b);
          assert.deepEqual(a.state, second.state);
          assert.equal(
            precision === 64 ? a.state.weights.get("net.w")?.data.join() : "",
            precision === 64 ? state.weights.get("net.w")?.data.join() : "",
          );
          assert.deepEqual(timeless(folder), timeless(whole));
        }
      });
    }
  }

  it("takes steps together where the engine gains from it, and what they leave is the same", async () => {
    const options = { second: 6, steps: 40, checkpoint: 15 };
    const [one, many] = [scratch(), scratch()];
    const calls: number[] = [];
    const plan = toyTrainPlan(options);
    const first = await start(plan, one, { engine: toyEngine(32) });
    const second = await start(plan, many, { engine: toyEngine(32, { burst: 16, calls }) });
    assert.deepEqual(second.state, first.state);
    assert.deepEqual(timeless(many), timeless(one));
    assert.equal(
      calls.reduce((a, b) => a + b),
      40,
    );
    assert.ok(calls.length < 30 && calls[0] === 1, calls.join());
  });

  it("names the step whose loss is no number, wherever it lies in a call", async () => {
    for (const burst of [1, 8]) {
      const engine = toyEngine(64, { burst });
      await faultOf(
        () => start(toyTrainPlan({ poison: 5 }), scratch(), { engine }),
        /is -Infinity at step 6$/,
        /step 6/,
      );
    }
  });

  it("goes on from a checkpoint after a kill that left later lines in the log", async () => {
    const folder = scratch();
    await start(toyTrainPlan(), folder);
    const whole = timeless(folder);
    rmSync(join(folder, "checkpoints", "step-0000012"), { recursive: true });
    rmSync(join(folder, "checkpoints", "step-0000010"), { recursive: true });
    await start(toyTrainPlan(), folder, { resume: folder });
    assert.deepEqual(timeless(folder), whole);
  });

  it("leaves a finished run as it is", async () => {
    const folder = scratch();
    const first = await start(toyTrainPlan(), folder);
    const again = await start(toyTrainPlan(), folder, { resume: true });
    assert.deepEqual([again.step, again.loss, again.interrupted], [12, first.loss, false]);
  });

  it("switches to the program of the next phase with all tensors", async () => {
    const phases: number[] = [];
    const result = await start(toyTrainPlan({ second: 6 }), scratch(), {
      events: { phase: (p) => void phases.push(p.from) },
    });
    assert.deepEqual(phases, [0, 6]);
    assert.notDeepEqual(result.state.weights, (await start(toyTrainPlan(), scratch())).state.weights);
  });

  it("refuses a checkpoint of another spec", async () => {
    const folder = scratch();
    await start(toyTrainPlan(), folder, stopAt(3));
    const fault = await faultOf(
      () => start({ ...toyTrainPlan(), spec: "fedcba" }, folder, { resume: true }),
      /another spec/,
      /key spec$/,
    );
    assert.match(fault.help.join(), /spec\.dit/);
    await faultOf(
      () => start({ ...toyTrainPlan(), seed: 8 }, folder, { resume: true }),
      /another seed: 7/,
      /key seed$/,
    );
    const wider = { ...toyTrainPlan(), states: [{ path: "opt.net.w.v", shape: [3], axes: ["dim"], init: 0 }] };
    await faultOf(
      () => start(wider, folder, { resume: true }),
      /state opt.net.w.v is not in the checkpoint/,
      /step-0000003/,
    );
  });

  it("starts from the weights of a file", async () => {
    const folder = scratch();
    const file = join(folder, "w.safetensors");
    const w = { dtype: "float", shape: [3], data: Float64Array.of(0, 0, 0) } as const;
    await writeSafetensors(file, [
      ["net.w", w],
      ["net.frozen", w],
    ]);
    const plan = { ...toyTrainPlan({ steps: 0 }), start: [{ instance: "net", file: "w.safetensors" }] };
    const { state } = await start(plan, scratch(), { base: folder });
    assert.deepEqual(state.weights.get("net.w")?.data, w.data);
    assert.deepEqual(state.averages.get("main")?.get("net.w")?.data, w.data);
    await writeSafetensors(file, [
      ["net.w", w],
      ["net.frozem", w],
    ]);
    const fault = await faultOf(
      () => start(plan, scratch(), { base: folder }),
      /no tensor `net.frozen`/,
      /w.safetensors/,
    );
    assert.match(fault.help.join(), /net.frozem/);
  });

  it("gives the state to what is due between two steps", async () => {
    const steps: number[] = [];
    const run = async ({ step, state }: { step: number; state: { weights: ReadonlyMap<string, unknown> } }) => {
      assert.ok(state.weights.has("net.w"));
      steps.push(step);
    };
    await start(toyTrainPlan(), scratch(), { moments: [{ every: 5, run }] });
    assert.deepEqual(steps, [5, 10]);
  });
});

describe("a loss that is lost", () => {
  it("stops the run and names the op, its operands and its line", async () => {
    const plan = toyTrainPlan({ poison: 7 });
    const source = new SourceFile("my.dit", "line one\nlet x = ln(y)\n");
    for (const op of plan.phases[0]?.program.module.main.ops ?? []) {
      if (op.kind === "log") Object.assign(op as Op, { origin: { source, pos: 17, end: 22 } });
    }
    const folder = scratch();
    const notes: string[] = [];
    const fault = await faultOf(
      () => start(plan, folder, { events: { note: (text) => void notes.push(text) } }),
      /`loss` is -Infinity at step 8$/,
      /^my.dit:2:9, step 8: the first value that is not finite is -Infinity, from `log` of 0$/,
    );
    assert.match(fault.help.join("\n"), /max\(x, 1e-6\)[\s\S]*lower `lr`/);
    assert.deepEqual(notes, ["repeating steps 7..8 to find the first value that is not finite"]);
    assert.equal(readMetrics(join(folder, "metrics.jsonl")).at(-1)?.loss, null);
  });

  it("finds the weight that was already lost when the loss came to show it", async () => {
    const plan = toyTrainPlan({ lr: 1e200, steps: 40 });
    const fault = await faultOf(
      () => start(plan, scratch()),
      /is (NaN|Infinity) at step \d+/,
      /step \d+: the first value that is not finite is -?Infinity, from `\w+`/,
    );
    assert.match(fault.help.join(), /clip/);
  });

  it("stops when the loss grows beyond all hope", async () => {
    await faultOf(
      () => start(toyTrainPlan({ lr: 5, steps: 2000, checkpoint: 1000 }), scratch()),
      /the loss has diverged: about [\d,.e]+, it was/,
      /^step \d+; largest is `size`$/,
    );
    const watch = LossWatch.fresh();
    for (let i = 0; i < 1000; i++) assert.equal(watch.diverged(i % 7 === 0 ? 50 : 1), undefined);
  });
});
