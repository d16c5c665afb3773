/** What a spec costs before anything runs: parameters, floating point operations, memory. Counted on the graphs, nothing is estimated. */

import { type Module, sizeOf } from "../ir/graph.js";
import { flops, flopsByFunction } from "../passes/cost.js";
import { memory } from "../passes/liveness.js";
import type { Spec } from "../spec.js";
import type { Input, Output, Program } from "./plan.js";

export interface CostReport {
  readonly instances: readonly InstanceCost[];
  readonly plans: readonly PlanCost[];
}

/** An instance of the spec that has weights. */
export interface InstanceCost {
  readonly name: string;
  readonly parameters: number;
  /** Models: one forward pass of one sample, if a `train` calls it. */
  readonly flopsPerSample?: number | undefined;
}

export interface PlanCost extends Figures {
  readonly name: string;
  readonly kind: "train" | "sample";
  /** Samples of one run of the graph: the batch of a training, the chunk of a sampler. */
  readonly batch: number;
}

interface Figures {
  /** Of the weights that the graph reads. */
  readonly parameters: number;
  /** One run of the graph. A training: forward, backward and update together; a sampler: all its steps. */
  readonly flopsPerStep: number;
  /** Weights, averages and optimizer states once, and what else is live at the fullest moment; 4 bytes a float. */
  readonly peakBytes: number;
}

/** As elaborated: what the passes make of it later changes the figures in their last places. Of phases the dearest counts. A spec loaded for a check has no costs of samplers. */
export function cost(spec: Spec): CostReport {
  const plans: PlanCost[] = [];
  const forward = new Map<string, number>();
  for (const { name, batch, micro, phases } of spec.trains) {
    for (const { program } of phases) noteForward(forward, spec, program.module, micro);
    plans.push({ name, kind: "train", batch, ...dearest(phases.map(({ program }) => figuresOf(program))) });
  }
  for (const { name, chunk, program } of spec.abridged ? [] : spec.samples)
    plans.push({ name, kind: "sample", batch: chunk, ...figuresOf(program) });
  return { instances: instancesOf(spec, forward), plans };
}

function figuresOf({ module, inputs, outputs }: Program): Figures {
  const sizes = new Map<string, number>();
  for (const [i, input] of inputs.entries())
    if (input.role === "weight" || input.role === "average")
      sizes.set(input.path, sizeOf(module.main.params[i]?.type.shape ?? []));
  return {
    parameters: sum(sizes.values()),
    flopsPerStep: flops(module),
    peakBytes: memory(module, { carry: carried(inputs, outputs) }).peak,
  };
}

function dearest(all: readonly Figures[]): Figures {
  return {
    parameters: Math.max(...all.map((one) => one.parameters)),
    flopsPerStep: Math.max(...all.map((one) => one.flopsPerStep)),
    peakBytes: Math.max(...all.map((one) => one.peakBytes)),
  };
}

/** What comes in and goes out again under the same name is written in place. */
export function carried(inputs: readonly Input[], outputs: readonly Output[]): [result: number, param: number][] {
  const params = new Map<string, number>();
  for (const [i, input] of inputs.entries()) params.set(keyOf(input), i);
  const pairs: [number, number][] = [];
  for (const [i, output] of outputs.entries()) {
    const param = params.get(keyOf(output));
    if (param !== undefined) pairs.push([i, param]);
  }
  return pairs;
}

function keyOf(item: Input | Output): string {
  switch (item.role) {
    case "weight":
    case "state":
      return `${item.role} ${item.path}`;
    case "average":
      return `${item.role} ${item.average} ${item.path}`;
    default:
      return item.role;
  }
}

/** A model is a function of the graph, named after its instance; called with other shapes it is another function with a number behind. */
function noteForward(forward: Map<string, number>, spec: Spec, module: Module, batch: number): void {
  const byName = flopsByFunction(module);
  for (const item of spec.loaded.main.tree.items) {
    if (item.kind !== "Instance" || item.of !== "model") continue;
    const name = item.name.text;
    const own = byName.get(name);
    if (own !== undefined) forward.set(name, Math.max(forward.get(name) ?? 0, own / batch));
  }
}

/** In the order in which their weights were first needed. */
function instancesOf(spec: Spec, forward: ReadonlyMap<string, number>): InstanceCost[] {
  const parameters = new Map<string, number>();
  for (const [path, { info }] of spec.ctx.weights) {
    const name = path.split(".", 1)[0] ?? path;
    parameters.set(name, (parameters.get(name) ?? 0) + sizeOf(info.shape));
  }
  return [...parameters].map(([name, n]) => ({ name, parameters: n, flopsPerSample: forward.get(name) }));
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const n of numbers) total += n;
  return total;
}
