/** A small network, plans around it and an engine to run them, for tests of the runtime alone. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { add, broadcast, mul, scale, sub, sum, unary } from "../../compiler/ir/build.js";
import { FnBuilder } from "../../compiler/ir/builder.js";
import { evaluator } from "../../compiler/ir/evaluate.js";
import { tensor, type Value } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import type { Input, Output, Program, SamplePlan, TrainPlan } from "../../compiler/plan/plan.js";
import type { DataSource } from "../../runtime/data/source.js";
import type { Engine, Results, Session } from "../../runtime/engines/engine.js";

/** A fresh folder under the system's one for temporary files. */
export function scratch(): string {
  return mkdtempSync(join(tmpdir(), "dit-"));
}

export interface ToyEngineOptions {
  readonly burst?: number;
  /** Gets the number of runs of each call. */
  readonly calls?: number[];
}

/** The interpreter behind the interface of an engine. `precision: 32` rounds what is carried, as an engine of 32 bits would. */
export function toyEngine(precision: 32 | 64 = 64, { burst = 1, calls }: ToyEngineOptions = {}): Engine {
  return {
    name: "reference",
    precision,
    half: false,
    burst,
    async load(module, { carry = [] }) {
      const runModule = evaluator(module);
      const carried = new Map<number, HostTensor>();
      const round = (t: HostTensor): HostTensor =>
        precision === 32 && t.data instanceof Float64Array ? { ...t, data: Float32Array.from(t.data) } : t;
      const need = (param: number, from: ReadonlyMap<number, HostTensor>): HostTensor => {
        const value = carried.get(param) ?? from.get(param);
        // Whoever feeds 64 bits to an engine of 32 gets them rounded.
        if (!value) throw new Error(`no value for parameter ${param}`);
        return round(value);
      };
      const session: Session = {
        write: (param, value) => void carried.set(param, round(value)),
        read: async (param) => need(param, new Map()),
        async run(inputs) {
          const results = runModule(module.main.params.map((_, i) => need(i, inputs)));
          const out = new Map(results.entries());
          for (const [result, param] of carry) {
            const value = out.get(result);
            if (value) carried.set(param, round(value));
            out.delete(result);
          }
          return out;
        },
        async runs(inputs) {
          calls?.push(inputs.length);
          const all: Results[] = [];
          for (const one of inputs) all.push(await session.run(one));
          return all;
        },
        async dispose() {
          carried.clear();
        },
      };
      return session;
    },
  };
}

export interface ToyOptions {
  readonly steps?: number;
  readonly checkpoint?: number;
  readonly lr?: number;
  /** Where a second phase begins, whose loss has another factor. */
  readonly second?: number;
  /** From this step on the loss is the logarithm of something that becomes negative. */
  readonly poison?: number;
}

export const batch = 4;
export const width = 3;

/**
 * loss = mean over the batch of |w * image + b + 0.1 * noise|^2; gradients written out, momentum 0.9, average 0.9. `frozen` is used and
 * not trained.
 */
function stepProgram(lr: number, factor: number, poison: number | undefined): Program {
  const b = new FnBuilder("main", new Map());
  const vector = tensor([width], ["dim"]);
  const table = tensor([batch, width], ["batch", "dim"]);
  const w = b.param(vector, "net.w");
  const frozen = b.param(vector, "net.frozen");
  const m = b.param(vector, "opt.net.w.m");
  const average = b.param(vector, "average net.w");
  const image = b.param(table, "data.image");
  const noise = b.param(table, "run.noise");
  const step = b.param(tensor([]), "step");
  const spread = (v: Value) => broadcast(b, v, table, [1]);
  const out = add(b, add(b, mul(b, spread(w), image), spread(frozen)), scale(b, noise, 0.1));
  let loss = scale(b, sum(b, mul(b, out, out), [0, 1]), factor / batch);
  if (poison !== undefined) loss = unary(b, "log", scale(b, sub(b, b.scalar(poison), step), 1));
  const gradient = sum(b, scale(b, mul(b, out, image), (2 * factor) / batch), [0]);
  const nextM = add(b, scale(b, m, 0.9), gradient);
  const nextW = sub(b, w, scale(b, nextM, lr));
  const nextAverage = add(b, scale(b, average, 0.9), scale(b, nextW, 0.1));
  const inputs: Input[] = [
    { role: "weight", path: "net.w" },
    { role: "weight", path: "net.frozen" },
    { role: "state", path: "opt.net.w.m" },
    { role: "average", path: "net.w", average: "main" },
    { role: "field", instance: "data", field: "image" },
    { role: "draw", path: "run.noise" },
    { role: "step" },
  ];
  const outputs: Output[] = [
    { role: "log", name: "loss", every: 2 },
    { role: "weight", path: "net.w" },
    { role: "state", path: "opt.net.w.m" },
    { role: "average", path: "net.w", average: "main" },
    { role: "log", name: "size", every: 2 },
  ];
  const size = sum(b, mul(b, w, w), [0]);
  const module = b.finishMain([loss, nextW, nextM, nextAverage, size]);
  const draws = [
    { path: "run.noise", shape: [batch, width], axes: ["batch", "dim"], law: "normal", batch: true } as const,
  ];
  return { module, inputs, outputs, draws };
}

export function toyTrainPlan(options: ToyOptions = {}): TrainPlan {
  const { steps = 12, checkpoint = 5, lr = 0.05, second, poison } = options;
  const phases = [{ from: 0, program: stepProgram(lr, 1, poison) }];
  if (second !== undefined) phases.push({ from: second, program: stepProgram(lr, 0.5, poison) });
  return {
    kind: "train",
    version: 1,
    name: "run",
    spec: "0123456789abcdef",
    seed: 7,
    engine: "reference",
    precision: "f32",
    weights: [
      { path: "net.w", shape: [width], axes: ["dim"], init: { law: "normal", std: 1 }, trained: true },
      { path: "net.frozen", shape: [width], axes: ["dim"], init: { law: "uniform", bound: 0.5 }, trained: false },
    ],
    states: [{ path: "opt.net.w.m", shape: [width], axes: ["dim"], init: 0 }],
    sources: [],
    data: "data",
    batch,
    steps,
    averages: [{ name: "main", decay: 0.9 }],
    checkpoint,
    log: 2,
    start: [],
    phases,
  };
}

/** sample = z * w, and its number in a second field. */
export function toySamplePlan(count: number, chunk: number): SamplePlan {
  const b = new FnBuilder("main", new Map());
  const table = tensor([chunk, width], ["batch", "dim"]);
  const w = b.param(tensor([width], ["dim"]), "net.w");
  const z = b.param(table, "pictures.z");
  const index = b.param(tensor([chunk], ["batch"], "index"), "index");
  const number = b.emit("cast", [index], { to: "float" });
  const module = b.finishMain([mul(b, z, broadcast(b, w, table, [1])), number]);
  return {
    kind: "sample",
    version: 1,
    name: "pictures",
    spec: "0123456789abcdef",
    seed: 3,
    engine: "reference",
    precision: "f32",
    weights: [{ path: "net.w", shape: [width], axes: ["dim"], init: { law: "normal", std: 1 }, trained: true }],
    states: [],
    sources: [],
    of: "run",
    average: "main",
    count,
    chunk,
    labels: [],
    program: {
      module,
      inputs: [
        { role: "average", path: "net.w", average: "main" },
        { role: "draw", path: "pictures.z" },
        { role: "index" },
      ],
      outputs: [
        { role: "sample", field: "image" },
        { role: "sample", field: "number" },
      ],
      draws: [{ path: "pictures.z", shape: [chunk, width], axes: ["batch", "dim"], law: "normal", batch: true }],
    },
  };
}

/** Data whose image is a function of the position alone. */
export function toySource(): DataSource {
  const at = (position: number): number[] => Array.from({ length: width }, (_, i) => Math.sin(position * 1.7 + i));
  const fields = (positions: readonly number[]) =>
    new Map([
      [
        "image",
        { dtype: "float", shape: [positions.length, width], data: Float32Array.from(positions.flatMap(at)) } as const,
      ],
    ]);
  return {
    size: 10,
    classes: 0,
    batch: async (position, n) => fields(Array.from({ length: n }, (_, i) => (position + i) % 10)),
    rows: async (numbers) => fields([...numbers]),
    async close() {},
  };
}

export function toySources(): ReadonlyMap<string, DataSource> {
  return new Map([["data", toySource()]]);
}
