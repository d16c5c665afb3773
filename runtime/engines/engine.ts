import type { Module } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";

export interface LoadOptions {
  /** Pairs (result, parameter) of the main function: the result of one run is the parameter of the next and stays with the engine. */
  readonly carry?: readonly (readonly [result: number, param: number])[];
  /**
   * `whole`: one graph, every call inlined (a training step). `stepwise`: the main function is walked op by op, each call of a function is
   * one run of a compiled graph (a sampler of hundreds of network calls).
   */
  readonly mode: "whole" | "stepwise";
}

/** A loaded program. Carried parameters are written before the first run and can be read between runs; all others are given to each run. */
export interface Session {
  write(param: number, value: HostTensor): void;
  read(param: number): Promise<HostTensor>;
  /** `inputs` by position of the parameter, every one that is not carried. Gives the results that are not carried, by position. */
  run(inputs: ReadonlyMap<number, HostTensor>): Promise<Map<number, HostTensor>>;
  dispose(): Promise<void>;
}

export interface Engine {
  readonly name: "reference" | "onnx";
  /** Bits of a float. */
  readonly precision: 32 | 64;
  load(module: Module, options: LoadOptions): Promise<Session>;
}
