import type { Module } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";

export interface LoadOptions {
  /** Pairs (result, parameter) of the main function: the result of one run is the parameter of the next and stays with the engine. */
  readonly carry?: readonly (readonly [result: number, param: number])[];
  /** Parameters that are the same in every run and stay with the engine, as carried ones do: weights that are not trained. */
  readonly keep?: readonly number[];
  /** Ops whose row says so are computed in bfloat16, their sums in 32 bits; all else, the weights too, stays as it is. Needs `Engine.half`. */
  readonly half?: boolean;
  /**
   * `whole`: one graph, every call inlined (a training step). `stepwise`: the main function is walked op by op, each call of a function is
   * one run of a compiled graph (a sampler of hundreds of network calls).
   */
  readonly mode: "whole" | "stepwise";
}

/** What a run is given: tensors by position of the parameter, every one that does not stay with the engine. */
export type Inputs = ReadonlyMap<number, HostTensor>;

/** Results that are not carried, by position. */
export type Results = Map<number, HostTensor>;

/** A loaded program. Parameters that stay are written before the first run and can be read between runs; all others are given to each run. */
export interface Session {
  write(param: number, value: HostTensor): void;
  read(param: number): Promise<HostTensor>;
  run(inputs: Inputs): Promise<Results>;
  /** Runs one after another, with the numbers that `run` in turn would give; an engine may do them at once and save what lies between. */
  runs(inputs: readonly Inputs[]): Promise<Results[]>;
  dispose(): Promise<void>;
}

export interface Engine {
  readonly name: "tensorflow" | "onnx" | "tfjs" | "reference";
  /** Bits of a float. */
  readonly precision: 32 | 64;
  /** Whether it can be asked for bfloat16. */
  readonly half: boolean;
  /** How many runs in one call are worth it, at most; 1 where they are no faster than in turn. */
  readonly burst: number;
  load(module: Module, options: LoadOptions): Promise<Session>;
}

/** Where an engine comes from: whether it works on this machine is found out when it is asked for. */
export interface Provider {
  readonly name: Engine["name"];
  /** Whether `engine: auto` may pick it here. A quick look: the engine itself is not loaded for it. */
  auto(): boolean;
  state(): Promise<Ready | Missing>;
}

export interface Ready {
  readonly engine: Engine;
  /** Version, device, precision, threads, in one line. */
  readonly ok: string;
}

/** What is not there, and what to do about it. */
export interface Missing {
  readonly missing: string;
  readonly help: string;
}
