/** Weights and data that both sides of a bench can start from: functions of the plan, the same in every process. */
import type { HostTensor } from "../compiler/ir/host.js";
import type { FieldInfo, SamplePlan, TrainPlan } from "../compiler/plan/plan.js";
import type { Batch, DataSource } from "../runtime/data/source.js";
import { initialise, Stream } from "../runtime/random.js";

/**
 * By path. Weights that a spec starts at one value are moved from it: behind a gate that is closed no gradient could be compared.
 */
export function givenWeights({ weights, seed }: TrainPlan | SamplePlan): Map<string, HostTensor> {
  return new Map(
    weights.map((weight) => {
      const start = initialise(weight, seed);
      if (weight.init.law !== "constant") return [weight.path, start];
      const moved = normals(`${weight.path}.moved`, start.data.length, 0.05);
      return [weight.path, { ...start, data: moved.map((x, i) => x + (start.data[i] ?? 0)) }];
    }),
  );
}

/** One batch of noise, again and again: reading files is not what is compared. */
export function noise({ sources, batch }: TrainPlan): Map<string, DataSource> {
  return new Map(
    sources.map((source) => {
      const values: Batch = new Map(source.fields.map((info) => [info.field, tensorOf(info, batch)]));
      const always = async () => values;
      return [source.name, { size: batch, classes: 0, batch: always, rows: always, close: async () => {} }];
    }),
  );
}

function tensorOf({ instance, field, shape, dtype }: FieldInfo, batch: number): HostTensor {
  const whole = [batch, ...shape.slice(1)];
  const size = whole.reduce((n, d) => n * d, 1);
  const data =
    dtype === "index"
      ? Int32Array.from({ length: size }, (_, i) => i % 7)
      : Float32Array.from(normals(`${instance}.${field}`, size, 1));
  return { dtype, shape: whole, data };
}

function normals(path: string, count: number, deviation: number): Float64Array {
  const out = new Float64Array(count);
  new Stream(0, path, "augment").normals(out, 0, count, 0, 0);
  return out.map((x) => x * deviation);
}
