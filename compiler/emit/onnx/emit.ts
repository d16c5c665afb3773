import type { Fn, Op, Value } from "../../ir/graph.js";
import type { Repeat } from "../../passes/roll.js";
import { resultOf } from "../operands.js";
import { activations, type Fused } from "./activation.js";
import { lower } from "./lowering.js";
import { elementType, encodeModel, type FixedPort, type Graph } from "./model.js";
import { writtenOrder } from "./order.js";
import { repeated } from "./repeat.js";
import { type Readers, Scope } from "./scope.js";
import { Writer } from "./writer.js";

export interface OnnxOptions {
  /** Names of the inputs and outputs, by position; `in0`, … and `out0`, … where none is given. */
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  /**
   * Use ops of the `com.microsoft` domain: faster in onnxruntime, which knows them in every build, unknown to other runtimes. On where not
   * said otherwise.
   */
  readonly extensions?: boolean;
  /**
   * A result may come in another shape of the same elements in the same order: a reshape at the end of a model is a copy. Off where not
   * said otherwise.
   */
  readonly anyShape?: boolean;
  /** Before the names of all that is in between; none where not said. */
  readonly prefix?: string;
  /** Calls in the function that are loops. */
  readonly repeats?: ReadonlyMap<Op, Repeat>;
}

export function inputName(i: number, options: OnnxOptions = {}): string {
  return options.inputs?.[i] ?? `in${i}`;
}

export function outputName(i: number, options: OnnxOptions = {}): string {
  return options.outputs?.[i] ?? `out${i}`;
}

/** Ops whose results somebody reads, and the readers of each value. */
function reachable(fn: Fn, fused: ReadonlyMap<Value, Fused>): { ops: Op[]; readers: Readers } {
  const readers = new Map<Value, (Op | undefined)[]>();
  const read = (value: Value, by: Op | undefined): void => {
    const all = readers.get(value);
    if (all) all.push(by);
    else readers.set(value, [by]);
  };
  for (const r of fn.results) read(r, undefined);
  const ops: Op[] = [];
  for (const op of fn.ops.toReversed()) {
    if (!op.results.some((r) => readers.has(r))) continue;
    const inputs = fused.get(resultOf(op))?.inputs ?? op.operands;
    for (const v of inputs) read(v, op);
    ops.push(op);
  }
  return { ops: ops.reverse(), readers };
}

/** The function with the ops that get nodes, each with the operands that these read: for looking at, not for running. */
export function asWritten(given: Fn, extensions = true): Fn {
  const fn = writtenOrder(given);
  const { ops, readers } = reachable(fn, new Map());
  const fused = activations(ops, readers, extensions);
  return {
    ...fn,
    ops: reachable(fn, fused).ops.map((op): Op => {
      const inputs = fused.get(resultOf(op))?.inputs;
      return inputs ? { ...op, operands: [...inputs] } : op;
    }),
  };
}

/**
 * An ONNX model of a function without calls other than loops: 32-bit floats, 64-bit positions. The same function and options give the same
 * bytes.
 */
export function emitOnnx(fn: Fn, options: OnnxOptions = {}): Uint8Array {
  return encodeModel(lowerGraph(fn, options));
}

interface LoweredGraph extends Graph {
  readonly inputs: readonly FixedPort[];
  readonly outputs: readonly FixedPort[];
}

/** The graph of a function, to be a model or a part of one. */
export function lowerGraph(source: Fn, options: OnnxOptions): LoweredGraph {
  const fn = writtenOrder(source);
  const write = new Writer(options.prefix);
  const extensions = options.extensions ?? true;
  const written = reachable(fn, new Map());
  const fused = activations(written.ops, written.readers, extensions);
  const { ops, readers } = reachable(fn, fused);
  const ctx = new Scope(write, { extensions }, readers);
  const inputs = fn.params.map((p, i) => port(inputName(i, options), p));
  fn.params.forEach((p, i) => {
    ctx.plain(p, inputName(i, options));
  });
  let loops = 0;
  for (const op of ops) {
    const one = fused.get(resultOf(op));
    const repeat = options.repeats?.get(op);
    if (repeat && op.kind === "call") repeated(ctx, op, repeat, loops++, lowerGraph);
    else if (one) ctx.set(resultOf(op), one.lower(ctx));
    else lower(ctx, op);
  }
  const results = fn.results.map((r) => ({ name: ctx.full(r), shape: r.type.shape }));
  const given = options.anyShape ? results.map((r) => ctx.beforeReshape(r)) : results;
  const outputs = fn.results.map((r, i) => ({ ...port(outputName(i, options), r), shape: given[i]?.shape ?? [] }));
  const nodes = write.bind(
    inputs,
    outputs,
    given.map((g) => g.name),
  );
  return { name: fn.name, nodes, initializers: write.constantsOf(nodes), inputs, outputs };
}

function port(name: string, value: Value): FixedPort {
  return { name, type: elementType(value.type.dtype), shape: value.type.shape };
}
