/** What a spec costs before anything runs: parameters, floating point operations, memory. Counted on the graphs, nothing is estimated. */

import { type Module, sizeOf } from "../ir/graph.js";
import { optimized } from "../optimize.js";
import { flops, flopsByFunction } from "../passes/cost.js";
import { memory } from "../passes/liveness.js";
import type { Spec } from "../spec.js";
import { engines, wordKey } from "./keys.js";
import { bytesOf, carried, limitOf, lower } from "./memory.js";
import type { Program } from "./plan.js";
import type { BuiltTrain } from "./train.js";

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
  /** Where it was asked for: it takes a second or so. */
  readonly memory?: MemoryCost | undefined;
}

/** Of the process that trains, on the engine of the plan. */
export interface MemoryCost {
  readonly bytes: number;
  /** The least that computing values twice comes down to with a third more operations, and how many more it takes. */
  readonly least: number;
  readonly leastExtra: number;
  /** At the limit of the plan, if it has one: bytes, and the part of operations that comes on top. */
  readonly limit?: number | undefined;
  readonly limited?: number | undefined;
  readonly limitedExtra?: number | undefined;
}

interface Figures {
  /** Of the weights that the graph reads. */
  readonly parameters: number;
  /** One run of the graph. A training: forward, backward and update together; a sampler: all its steps. */
  readonly flopsPerStep: number;
  /** Weights, averages and optimizer states once, and what else is live at the fullest moment; 4 bytes a float. */
  readonly peakBytes: number;
}

export interface CostOptions {
  /** Look at the memory of the process, too, with values computed twice. A number: as if each training had that limit, in GiB. */
  readonly memory?: boolean | number;
}

/** As elaborated: what the passes make of it later changes the figures in their last places. Of phases the dearest counts. A spec loaded for a check has no costs of samplers. */
export function cost(spec: Spec, options: CostOptions = {}): CostReport {
  const plans: PlanCost[] = [];
  const forward = new Map<string, number>();
  for (const train of spec.trains) {
    const { name, batch, micro, phases } = train;
    for (const { program } of phases) noteForward(forward, spec, program.module, micro);
    plans.push({
      name,
      kind: "train",
      batch,
      ...dearest(phases.map(({ program }) => figuresOf(program))),
      ...memoryOf(train, options),
    });
  }
  for (const { name, chunk, program } of spec.abridged ? [] : spec.samples)
    plans.push({ name, kind: "sample", batch: chunk, ...figuresOf(program) });
  return { instances: instancesOf(spec, forward), plans };
}

function memoryOf({ phases, keys }: BuiltTrain, { memory }: CostOptions): { memory?: MemoryCost } {
  if (memory === undefined || memory === false) return {};
  const engine = wordKey(keys, "engine", "auto", engines);
  const limit = limitOf(keys, typeof memory === "number" ? memory : undefined);
  let dearest: MemoryCost | undefined;
  for (const { program: given } of phases) {
    const program = optimized(given);
    const bytes = bytesOf(program, engine);
    if (dearest && dearest.bytes >= bytes) continue;
    const least = lower(program, engine, 0, 1 / 3);
    const at = limit === undefined ? undefined : lower(program, engine, limit);
    dearest = {
      bytes,
      least: least.bytes,
      leastExtra: least.extra,
      limit,
      limited: at?.bytes,
      limitedExtra: at?.extra,
    };
  }
  return dearest ? { memory: dearest } : {};
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
