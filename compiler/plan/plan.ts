/**
 * What a spec compiles to: the graph of one step (or of drawing one batch of samples) and what each of its parameters and results means
 * to a runtime. Serialised as JSON (schema in `plan.schema.json`); the graph travels in its text form.
 */
import type { DType, Module } from "../ir/graph.js";

/** How a weight starts. Fans are element counts of the two sides of its arrow. */
export type Init =
  | { readonly law: "constant"; readonly value: number }
  | { readonly law: "normal"; readonly std: number }
  | { readonly law: "uniform"; readonly bound: number }
  /** The result of a graph without inputs, in its text form. */
  | { readonly law: "computed"; readonly graph: readonly string[] };

export interface Shaped {
  readonly shape: readonly number[];
  readonly axes: readonly string[];
}

/** Path, as `net.block.3.attn.qkv.w`; sizes in declared order; `arrow` is how many leading axes stand left of `->` (undefined: a vector). */
export interface WeightInfo extends Shaped {
  readonly path: string;
  readonly init: Init;
  readonly arrow?: number | undefined;
  /** False for weights that no `minimize` moves. */
  readonly trained: boolean;
}

/**
 * A random input. `batch` says that the first axis counts samples: element `s` of it is generated at (seed, path, step, sample s), so that
 * a sample's noise does not depend on how many are drawn at once. `index` with `size` n: all positions 0..n-1 equally likely.
 */
export interface DrawInfo extends Shaped {
  readonly path: string;
  readonly law: "uniform" | "normal" | "index";
  readonly size?: number | undefined;
  readonly batch: boolean;
}

/** A field of a data instance: `image`, `label`, `pixels`, or an output of an encoder. The first axis is the batch. */
export interface FieldInfo extends Shaped {
  readonly instance: string;
  readonly field: string;
  readonly dtype: DType;
}

/** A field by name. */
export interface FieldRef {
  readonly instance: string;
  readonly field: string;
}

/** What one parameter of the main function is; same order as its parameters. */
export type Input =
  | { readonly role: "weight"; readonly path: string }
  /** The averaged copy of a weight. */
  | { readonly role: "average"; readonly path: string; readonly average: string }
  /** Optimizer moments, running statistics, states of a plan. */
  | { readonly role: "state"; readonly path: string }
  | { readonly role: "draw"; readonly path: string }
  | { readonly role: "field"; readonly instance: string; readonly field: string }
  /** Steps done, 0 at the first: a float scalar. */
  | { readonly role: "step" }
  /** `sample`: positions of the samples of this call, from 0, as an index vector. */
  | { readonly role: "index" };

/** What one result of the main function is; same order as its results. */
export type Output =
  | { readonly role: "weight"; readonly path: string }
  | { readonly role: "average"; readonly path: string; readonly average: string }
  | { readonly role: "state"; readonly path: string }
  /** A scalar for the log: the value of a `minimize`, a term, a scalar `let`, an entry of `log every`. */
  | { readonly role: "log"; readonly name: string; readonly every: number }
  /** `sample`: one field of the sample (`""` if it is not a record), first axis counts samples. */
  | { readonly role: "sample"; readonly field: string }
  /** A value asked for by name (`dit verify`). */
  | { readonly role: "probe"; readonly name: string };

export interface StateInfo extends Shaped {
  readonly path: string;
  readonly init: number;
}

/** The external definition behind a data instance or encoder, and its settings as plain JSON. */
export interface SourceInfo {
  readonly name: string;
  /** `Digits`, `Folder`, `Latents`, `Onnx`, … */
  readonly definition: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly fields: readonly FieldInfo[];
  /** An encoder: the field of data that it is given, sample by sample. */
  readonly reads?: FieldRef | undefined;
}

/**
 * A tensor of a file of somebody else, and the graph that makes it out of weights of ours, the parameters in order. It only moves
 * elements, so it can be read backwards (`gather.ts`). Without weights: a table that is computed, which a file repeats.
 */
export interface StartTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly weights: readonly string[];
  readonly module: Module;
}

/** A file that weights of an instance are loaded from: by the names of a layout, or by our own. */
export interface Start {
  readonly instance: string;
  readonly file: string;
  readonly layout?: string | undefined;
  /** With a layout: what it says of this instance. */
  readonly tensors?: readonly StartTensor[] | undefined;
}

/** One graph and the meaning of its parameters and results. */
export interface Program {
  readonly module: Module;
  readonly inputs: readonly Input[];
  readonly outputs: readonly Output[];
  readonly draws: readonly DrawInfo[];
}

interface PlanBase {
  readonly version: 1;
  readonly name: string;
  /** sha256 of the resolved spec without comments. */
  readonly spec: string;
  readonly seed: number;
  readonly engine: "auto" | "tensorflow" | "onnx" | "tfjs" | "reference";
  /** `bf16`: ops whose row in the op table says `half` are computed in bfloat16. */
  readonly precision: "f32" | "bf16";
  readonly weights: readonly WeightInfo[];
  readonly states: readonly StateInfo[];
  readonly sources: readonly SourceInfo[];
}

export interface TrainPlan extends PlanBase {
  readonly kind: "train";
  readonly data: string;
  readonly batch: number;
  readonly steps: number;
  readonly averages: readonly { readonly name: string; readonly decay: number }[];
  readonly checkpoint: number;
  readonly log: number;
  /** Files to load weights from before the first step. */
  readonly start: readonly Start[];
  /** In order of steps; each holds from its `from` to the next one's. One phase unless a guard compares `step`. */
  readonly phases: readonly { readonly from: number; readonly program: Program }[];
}

export interface SamplePlan extends PlanBase {
  readonly kind: "sample";
  /** The train plan whose weights are used. */
  readonly of: string;
  readonly average?: string | undefined;
  readonly count: number;
  /** Samples the program draws at once. */
  readonly chunk: number;
  /** Names of the classes dealt out, if labels are (positions from 1), for captions. */
  readonly labels: readonly number[];
  readonly program: Program;
}

export type Plan = TrainPlan | SamplePlan;
