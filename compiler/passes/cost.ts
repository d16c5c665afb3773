import type { Fn, Module, OpOf } from "../ir/graph.js";
import { at } from "../ir/table/row.js";
import { isPrimitive, type PrimitiveKind, rowOf } from "../ir/table/table.js";

/** Floating point operations of one run, as the op table counts them; every call counts. */
export function flops(module: Module): number {
  const memo = new Map<string, number>();
  for (const fn of module.fns.values()) memo.set(fn.name, flopsOf(fn, memo));
  return flopsOf(module.main, memo);
}

/** Of one run of each function, by name, calls included. */
export function flopsByFunction(module: Module): Map<string, number> {
  const memo = new Map<string, number>();
  for (const fn of module.fns.values()) memo.set(fn.name, flopsOf(fn, memo));
  return memo;
}

function flopsOf(fn: Fn, callees: ReadonlyMap<string, number>): number {
  let n = 0;
  for (const op of fn.ops) n += isPrimitive(op) ? flopsOfOp(op) : (callees.get(op.attrs.fn) ?? 0);
  return n;
}

/** Of one op. */
export function flopsOfOp<K extends PrimitiveKind>(op: OpOf<K>): number {
  return rowOf(op.kind).flops(
    op.operands.map((v) => v.type),
    op.attrs,
    at(op.results, 0).type,
  );
}
