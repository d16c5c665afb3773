/** Which parameter and result of a program's main function means what: the plan's lists sorted by role, and checked against the graph. */
import type { TensorType } from "../compiler/ir/graph.js";
import type { HostTensor } from "../compiler/ir/host.js";
import type { DrawInfo, Input, Output, Program } from "../compiler/plan/plan.js";

/** Name of a tensor that lives from step to step: `weight PATH`, `average NAME PATH` or `state PATH`. */
export type StateKey = string;

export interface Wiring {
  /** Comes in and goes out: stays with the engine. */
  readonly carried: readonly { readonly key: StateKey; readonly param: number; readonly result: number }[];
  /** Comes in only: weights that are not trained. */
  readonly held: readonly { readonly key: StateKey; readonly param: number }[];
  /** Goes out only. */
  readonly made: readonly { readonly key: StateKey; readonly result: number }[];
  readonly draws: readonly { readonly param: number; readonly info: DrawInfo }[];
  readonly fields: readonly { readonly param: number; readonly instance: string; readonly field: string }[];
  readonly steps: readonly number[];
  readonly indices: readonly { readonly param: number; readonly count: number }[];
  readonly logs: readonly { readonly result: number; readonly name: string; readonly every: number }[];
  readonly samples: readonly { readonly result: number; readonly field: string }[];
  readonly probes: readonly { readonly result: number; readonly name: string }[];
  /** Type of each parameter. */
  readonly types: readonly TensorType[];
}

export function keyOf(item: Input | Output): StateKey | undefined {
  switch (item.role) {
    case "weight":
    case "state":
      return `${item.role} ${item.path}`;
    case "average":
      return `average ${item.average} ${item.path}`;
    default:
      return undefined;
  }
}

export function wire(program: Program): Wiring {
  const { main } = program.module;
  if (main.params.length !== program.inputs.length || main.results.length !== program.outputs.length) {
    throw new Error(
      `the plan names ${program.inputs.length} parameters and ${program.outputs.length} results, ` +
        `${main.name} has ${main.params.length} and ${main.results.length}`,
    );
  }
  const outs = new Map<StateKey, number>();
  program.outputs.forEach((output, result) => {
    const key = keyOf(output);
    if (key !== undefined) outs.set(key, result);
  });
  const infos = new Map(program.draws.map((info) => [info.path, info]));
  const types = main.params.map((p) => p.type);
  const carried: { key: StateKey; param: number; result: number }[] = [];
  const held: { key: StateKey; param: number }[] = [];
  const draws: { param: number; info: DrawInfo }[] = [];
  const fields: { param: number; instance: string; field: string }[] = [];
  const steps: number[] = [];
  const indices: { param: number; count: number }[] = [];
  program.inputs.forEach((input, param) => {
    const key = keyOf(input);
    if (key !== undefined) {
      const result = outs.get(key);
      outs.delete(key);
      if (result === undefined) held.push({ key, param });
      else carried.push({ key, param, result });
    } else if (input.role === "draw") {
      const info = infos.get(input.path);
      if (!info) throw new Error(`the plan has no law for the draw ${input.path}`);
      draws.push({ param, info });
    } else if (input.role === "field") fields.push({ param, instance: input.instance, field: input.field });
    else if (input.role === "step") steps.push(param);
    else indices.push({ param, count: types[param]?.shape[0] ?? 1 });
  });
  const made = [...outs].map(([key, result]) => ({ key, result }));
  return { carried, held, made, draws, fields, steps, indices, types, ...readings(program.outputs) };
}

function readings(outputs: readonly Output[]): Pick<Wiring, "logs" | "samples" | "probes"> {
  return {
    logs: outputs.flatMap((o, result) => (o.role === "log" ? [{ result, name: o.name, every: o.every }] : [])),
    samples: outputs.flatMap((o, result) => (o.role === "sample" ? [{ result, field: o.field }] : [])),
    probes: outputs.flatMap((o, result) => (o.role === "probe" ? [{ result, name: o.name }] : [])),
  };
}

/** A float scalar. */
export function scalar(value: number): HostTensor {
  return { dtype: "float", shape: [], data: Float64Array.of(value) };
}

/** Positions first, first + 1, ... as an index vector. */
export function positions(first: number, count: number): HostTensor {
  return { dtype: "index", shape: [count], data: Int32Array.from({ length: count }, (_, i) => first + i) };
}
