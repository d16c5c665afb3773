/** A function without calls as a TensorFlow SavedModel, whose carried and kept tensors are variables that stay on the device. */
import type { Fn, Op, Value } from "../../ir/graph.js";
import { cse } from "../../passes/cse.js";
import { matrices } from "../../passes/matrices.js";
import { shards } from "../../passes/shards.js";
import { resultOf } from "../operands.js";
import { lowerView, writeIslands } from "./islands.js";
import { lower } from "./lowering.js";
import {
  type Argument,
  type Attribute,
  elementType,
  encodeSavedModel,
  type FunctionDef,
  type Node,
} from "./messages.js";
import { type Build, Scope } from "./scope.js";
import { Writer } from "./writer.js";

export interface TensorflowOptions extends Build {
  /** Parameter by result: the result of one run is the parameter of the next. */
  readonly carried: ReadonlyMap<number, number>;
  /** Parameters that are the same in all runs. */
  readonly kept: ReadonlySet<number>;
}

/** Names of nodes of the graph. All give their one tensor at position 0, but for `run`, which gives all results that are not carried. */
export const names = {
  /** Fed: a parameter that does not stay. */
  input: (param: number): string => `in${param}`,
  /** Asked for to set a variable to what is fed as `value`; gives nothing to speak of. */
  written: (param: number): string => `written${param}`,
  value: (param: number): string => `value${param}`,
  /** Asked for to get a variable. */
  read: (param: number): string => `read${param}`,
  run: "run",
  /** Asked for where `run` gives nothing. */
  done: "done",
} as const;

export interface TensorflowModel {
  /** The contents of `saved_model.pb`. */
  readonly bytes: Uint8Array;
  /** Results by position among those of `run`. */
  readonly results: readonly number[];
}

export function emitTensorflow(fn: Fn, options: TensorflowOptions): TensorflowModel {
  const { carried, kept, xla } = options;
  const stays = new Set([...carried.values(), ...kept]);
  const results = fn.results.flatMap((_, i) => (carried.has(i) ? [] : [i]));
  const { step, functions } = stepFunction(fn, options, stays, results);
  const nodes: Node[] = [];
  const put = (name: string, type: string, inputs: readonly string[], attributes: Node["attributes"]): string => {
    nodes.push({ name, type, inputs, attributes });
    return name;
  };
  const yes = { type: "bool", shape: [], raw: Uint8Array.of(1) } as const;
  const inputs = fn.params.map((p, i) => {
    const dtype = { type: elementType(p.type.dtype) } as const;
    const shape = { shape: p.type.shape } as const;
    if (!stays.has(i)) return put(names.input(i), "Placeholder", [], { dtype, shape });
    const text = { text: `variable${i}` } as const;
    const handle = put(`variable${i}`, "VarHandleOp", [], { dtype, shape, container: { text: "" }, shared_name: text });
    const value = put(names.value(i), "Placeholder", [], { dtype, shape });
    const set = put(`assign${i}`, "AssignVariableOp", [handle, value], { dtype });
    put(names.written(i), "Const", [`^${set}`], { dtype: { type: "bool" }, value: { tensor: yes } });
    put(names.read(i), "ReadVariableOp", [handle], { dtype });
    return handle;
  });
  put(names.run, "StatefulPartitionedCall", inputs, {
    Tin: { types: step.inputs.map((i) => i.type) },
    Tout: { types: step.outputs.map((o) => o.type) },
    f: { fn: step.name },
    ...(xla === "whole" ? { _XlaMustCompile: { bool: true } } : {}),
  });
  put(names.done, "Const", [`^${names.run}`], { dtype: { type: "bool" }, value: { tensor: yes } });
  return { bytes: encodeSavedModel({ nodes, functions }), results };
}

/** One run: reads the variables, gives the results, sets the variables of carried ones. With the functions that it calls. */
function stepFunction(
  given: Fn,
  { carried, ...build }: TensorflowOptions,
  stays: ReadonlySet<number>,
  results: readonly number[],
): { step: FunctionDef; functions: readonly FunctionDef[] } {
  const fn = build.xla === "islands" ? inParts(given, build.parts, stays) : given;
  // Flags of the process would have XLA look for clusters of its own.
  const write = new Writer(build.xla === "whole" ? {} : { _XlaCompile: { bool: false } });
  const ctx = new Scope(write, build, build.xla === "whole", build.xla === "islands" ? lowerView : undefined);
  const inputs: Argument[] = fn.params.map((p, i) => ({
    name: names.input(i),
    type: stays.has(i) ? "resource" : elementType(p.type.dtype),
  }));
  const reads = fn.params.map((p, i) => {
    if (!stays.has(i)) {
      ctx.plain(p, names.input(i));
      return undefined;
    }
    const name = write.add("ReadVariableOp", [names.input(i)], { dtype: { type: elementType(p.type.dtype) } });
    ctx.plain(p, `${name}:value:0`);
    return name;
  });
  const ops = needed(fn);
  const functions = build.xla === "islands" ? writeIslands(ctx, { ...fn, ops }) : [];
  if (build.xla !== "islands") for (const op of ops) lower(ctx, op);
  const effects = [...carried].map(([result, param]) => {
    const value = fn.results[result] as Value;
    const dtype: Attribute = { type: elementType(value.type.dtype) };
    // Not before the old value has been read.
    return write.add("AssignVariableOp", [names.input(param), ctx.full(value), `^${reads[param]}`], { dtype });
  });
  const outputs = results.map((i) => {
    const value = fn.results[i] as Value;
    return { name: `out${i}`, type: elementType(value.type.dtype), from: ctx.full(value) };
  });
  const step = { name: "step", inputs, outputs, nodes: write.nodes, effects };
  return { step, functions: [step, ...functions] };
}

/** With products as libraries have them. Where nothing stays, nothing tells samples from weights: then they are computed together. */
function inParts(fn: Fn, parts: number, stays: ReadonlySet<number>): Fn {
  const fed = new Set([...fn.params.keys()].filter((i) => !stays.has(i)));
  const main = stays.size > 0 ? shards(fn, parts, fed) : fn;
  return cse({ fns: new Map(), main: matrices({ ...main, ops: needed(main) }) }).main;
}

/** Ops whose results somebody reads. */
function needed(fn: Fn): Op[] {
  const read = new Set<Value>(fn.results);
  const ops: Op[] = [];
  for (const op of fn.ops.toReversed()) {
    if (!read.has(resultOf(op))) continue;
    for (const v of op.operands) read.add(v);
    ops.push(op);
  }
  return ops.reverse();
}
