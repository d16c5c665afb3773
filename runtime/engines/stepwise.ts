/**
 * The main function op by op in float64 on the host, with each call handed to something that runs a whole function: a sampler's state keeps
 * its digits over hundreds of steps while the network between them runs fast.
 */
import type { Fn, Module, Op, OpOf, Value } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import { isPrimitive, type PrimitiveKind, rowOf } from "../../compiler/ir/table/table.js";
import type { Compute } from "./host-session.js";

/** Runs a function of the module; `wanted`: the results asked for. Gives those. */
export type CallFn = (fn: Fn, wanted: readonly number[], inputs: readonly HostTensor[]) => Promise<HostTensor[]>;

/** Values that no op after this one reads. */
function lastReads(main: Fn): Map<Op, Value[]> {
  const seen = new Set<Value>(main.results);
  const dead = new Map<Op, Value[]>();
  for (const op of main.ops.toReversed()) {
    const last = [...op.results, ...op.operands].filter((v) => !seen.has(v));
    for (const v of last) seen.add(v);
    dead.set(op, last);
  }
  return dead;
}

function readers(main: Fn): Set<Value> {
  const read = new Set<Value>(main.results);
  for (const op of main.ops) for (const v of op.operands) read.add(v);
  return read;
}

function evaluateOp<K extends PrimitiveKind>(op: OpOf<K>, inputs: readonly HostTensor[]): HostTensor {
  const type = op.results[0]?.type;
  if (!type) throw new Error(`${op.kind} has no result`);
  return rowOf(op.kind).eval(inputs, op.attrs, type);
}

export function stepwise(module: Module, call: CallFn): Compute {
  const { main, fns } = module;
  const dead = lastReads(main);
  const read = readers(main);
  const constants = new Map<Value, HostTensor>();
  return async (inputs) => {
    const memory = new Map<Value, HostTensor>(constants);
    main.params.forEach((p, i) => {
      const value = inputs[i];
      if (value) memory.set(p, value);
    });
    const get = (v: Value): HostTensor => {
      const value = memory.get(v);
      if (!value) throw new Error(`${main.name} reads a value that is gone`);
      return value;
    };
    for (const op of main.ops) {
      if (isPrimitive(op)) {
        const result = op.results[0];
        if (!result || !read.has(result) || memory.has(result)) continue;
        const value = evaluateOp(op, op.operands.map(get));
        memory.set(result, value);
        if (op.kind === "constant") constants.set(result, value);
      } else {
        const fn = fns.get(op.attrs.fn);
        if (!fn) throw new Error(`no function ${op.attrs.fn}`);
        const wanted = op.results.flatMap((r, i) => (read.has(r) ? [i] : []));
        if (wanted.length === 0) continue;
        const values = await call(fn, wanted, op.operands.map(get));
        wanted.forEach((r, i) => {
          const [result, value] = [op.results[r], values[i]];
          if (result && value) memory.set(result, value);
        });
      }
      for (const v of dead.get(op) ?? []) memory.delete(v);
    }
    return main.results.map(get);
  };
}
