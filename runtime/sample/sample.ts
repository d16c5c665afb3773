/** Draws samples with the weights of a run. */
import { sizeOf } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import type { Program, SamplePlan } from "../../compiler/plan/plan.js";
import type { Tensors } from "../checkpoint/checkpoint.js";
import { Fields } from "../data/fields.js";
import type { Engine } from "../engines/engine.js";
import type { RunEvents } from "../events.js";
import { nearest, RuntimeFault } from "../fault.js";
import { draw } from "../random.js";
import { keyOf, positions, scalar, wire } from "../wiring.js";

export interface SampleOptions {
  readonly engine: Engine;
  readonly weights: Tensors;
  /** By name of the average. */
  readonly averages: ReadonlyMap<string, Tensors>;
  /** Running statistics and other states of the training. */
  readonly states?: Tensors | undefined;
  /** Samples in all; that of the plan if not given. */
  readonly count?: number | undefined;
  /** The first sample's number: `first` 100 and `count` 50 give the samples 100..149 of a longer run. */
  readonly first?: number | undefined;
  /** Seed of the draws; that of the plan if not given. */
  readonly seed?: number | undefined;
  /** Steps that the weights were trained, for specs that ask for `step`. */
  readonly step?: number | undefined;
  /** What relative paths in the plan count from. */
  readonly base?: string | undefined;
  readonly events?: RunEvents | undefined;
  /** Ends between two chunks; the samples drawn so far are given. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The fields of `count` samples, first axis the sample; the field is `""` if a sample is not a record. A sample depends on (seed, its
 * number) alone: neither the size of a chunk nor how many are drawn matters, up to rounding in the engine.
 */
export async function sample(plan: SamplePlan, options: SampleOptions): Promise<Map<string, HostTensor>> {
  const { engine, events = {}, count = plan.count, first = 0, signal } = options;
  const wiring = wire(plan.program);
  const fixed = fixedInputs(plan.program, options);
  const fields = await Fields.open(plan.sources, wiring.fields, { seed: plan.seed, base: options.base });
  const parts = new Map<string, HostTensor[]>(wiring.samples.map(({ field }) => [field, []]));
  const session = await engine.load(plan.program.module, { mode: "stepwise", half: plan.precision === "bf16" });
  let done = 0;
  try {
    while (done < count && !signal?.aborted) {
      const inputs = new Map(fixed);
      const at = first + done;
      const seed = options.seed ?? plan.seed;
      for (const { param, info } of wiring.draws) inputs.set(param, draw(info, { seed, step: 0, firstSample: at }));
      for (const { param, count: size } of wiring.indices) inputs.set(param, positions(at, size));
      const values = await fields.read(wiring.fields, at, plan.chunk);
      wiring.fields.forEach(({ param }, i) => {
        const value = values[i];
        if (value) inputs.set(param, value);
      });
      const results = await session.run(inputs);
      const kept = Math.min(plan.chunk, count - done);
      for (const { field, result } of wiring.samples) {
        const value = results.get(result);
        if (!value) throw new Error(`the engine gave no result ${result}`);
        parts.get(field)?.push(firstRows(value, kept));
      }
      done += kept;
      events.sampled?.({ done, count });
    }
  } finally {
    await session.dispose();
    await fields.close();
  }
  return new Map([...parts].map(([field, list]) => [field, joinRows(list)]));
}

/** Inputs that are the same for all samples. */
function fixedInputs(program: Program, options: SampleOptions): Map<number, HostTensor> {
  const inputs = new Map<number, HostTensor>();
  program.inputs.forEach((input, param) => {
    if (input.role === "step") inputs.set(param, scalar(options.step ?? 0));
    const key = keyOf(input);
    if (key === undefined) return;
    const from = tensorsFor(input, options);
    const path = "path" in input ? input.path : "";
    const value = from.get(path);
    const shape = program.module.main.params[param]?.type.shape ?? [];
    if (value && sizeOf(value.shape) === sizeOf(shape) && value.shape.join() === shape.join()) {
      inputs.set(param, value);
      return;
    }
    const near = value ? undefined : nearest(path, from.keys());
    const what = value
      ? `\`${path}\` is [${value.shape.join(", ")}], the sampler takes [${shape.join(", ")}]`
      : `there is no \`${path}\` among the ${input.role}s of the run`;
    throw new RuntimeFault(what, `plan of the sampler, input ${key}`, [
      near ? `did you mean \`${near}\`?` : "sample from a run of the same spec",
    ]);
  });
  return inputs;
}

function tensorsFor(input: Program["inputs"][number], options: SampleOptions): Tensors {
  if (input.role === "weight") return options.weights;
  if (input.role !== "average") return options.states ?? new Map();
  const found = options.averages.get(input.average);
  if (found) return found;
  const near = nearest(input.average, options.averages.keys());
  throw new RuntimeFault(
    `the run has no average \`${input.average}\``,
    `plan of the sampler, input average ${input.average}`,
    [near ? `did you mean \`${near}\`?` : "say `ema` in `train`, or sample the network itself"],
  );
}

/** A copy of the first rows: engines may use their memory again. */
function firstRows({ dtype, shape, data }: HostTensor, count: number): HostTensor {
  const rest = shape.slice(1);
  return { dtype, shape: [count, ...rest], data: data.slice(0, count * sizeOf(rest)) };
}

/** Rows of several tensors of one type, one after the other. */
export function joinRows(parts: readonly HostTensor[]): HostTensor {
  const head = parts[0];
  if (!head) return { dtype: "float", shape: [0], data: new Float32Array(0) };
  if (parts.length === 1) return head;
  const length = parts.reduce((sum, part) => sum + part.data.length, 0);
  const data =
    head.data instanceof Float64Array
      ? new Float64Array(length)
      : head.data instanceof Float32Array
        ? new Float32Array(length)
        : head.data instanceof Int32Array
          ? new Int32Array(length)
          : new Uint8Array(length);
  let at = 0;
  let rows = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
    rows += part.shape[0] ?? 0;
  }
  return { dtype: head.dtype, shape: [rows, ...head.shape.slice(1)], data };
}
