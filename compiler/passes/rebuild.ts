/** The frame of the passes: a new module, op by op. */
import { FnBuilder } from "../ir/builder.js";
import { constantOf, splatOf } from "../ir/constant.js";
import type { Fn, Module, Op, OpOf, Value } from "../ir/graph.js";
import { at } from "../ir/table/row.js";
import { isPrimitive, type Primitive, type PrimitiveKind } from "../ir/table/table.js";

export interface Rewrite {
  /** What takes the place of an op; `undefined`: a copy of it. The operands are of the new function. */
  readonly primitive?: (b: FnBuilder, op: Primitive, operands: readonly Value[]) => Value | undefined;
  /** The same for calls: a value for each result. `callee` is the new function, if it still exists. */
  readonly call?: (
    b: FnBuilder,
    op: OpOf<"call">,
    operands: readonly Value[],
    callee: Fn | undefined,
  ) => readonly (Value | undefined)[] | undefined;
  /** Called when work on a function begins. */
  readonly enter?: (fn: Fn) => void;
}

export function rebuild(module: Module, rewrite: Rewrite): Module {
  const fns = new Map<string, Fn>();
  for (const fn of module.fns.values()) {
    const { b, results } = rebuildFn(fn, fns, rewrite);
    b.finish(results);
  }
  const { b, results } = rebuildFn(module.main, fns, rewrite);
  return b.finishMain(results);
}

function rebuildFn(fn: Fn, fns: Map<string, Fn>, rewrite: Rewrite): { b: FnBuilder; results: Value[] } {
  const b = new FnBuilder(fn.name, fns);
  const map = new Map<Value, Value>();
  rewrite.enter?.(fn);
  for (const p of fn.params) map.set(p, b.param(p.type, p.name));
  for (const op of fn.ops) copyOp(b, op, map, rewrite);
  return { b, results: fn.results.map((r) => of(map, r)) };
}

/** Copies an op into `b`; `map` takes old values to new ones. */
export function copyOp(b: FnBuilder, op: Op, map: Map<Value, Value>, rewrite: Rewrite): void {
  const operands = op.operands.map((v) => of(map, v));
  b.origin = op.origin;
  if (isPrimitive(op)) {
    const r = at(op.results, 0);
    bind(map, r, rewrite.primitive?.(b, op, operands) ?? copyPrimitive(b, op, operands));
    return;
  }
  const callee = b.fns.get(op.attrs.fn);
  const given = rewrite.call?.(b, op, operands, callee) ?? (callee && copyCall(b, op, operands, callee));
  for (const [i, r] of op.results.entries()) {
    const v = given?.[i];
    if (v) bind(map, r, v);
  }
}

/** A call with as many results as the old one. */
export function copyCall(b: FnBuilder, op: OpOf<"call">, operands: readonly Value[], callee: Fn): readonly Value[] {
  return b.call(callee, operands, op.origin, op.results.length).results;
}

/** The op on new operands, as the builder makes it: computed if it is constant, left out if it does nothing. */
export function emitAgain<K extends PrimitiveKind>(b: FnBuilder, op: OpOf<K>, operands: readonly Value[]): Value {
  return b.emit(op.kind, operands, op.attrs);
}

/** The op on new operands, whatever it does. */
export function copyPrimitive<K extends PrimitiveKind>(b: FnBuilder, op: OpOf<K>, operands: readonly Value[]): Value {
  return b.append(op.kind, operands, op.attrs, at(op.results, 0).type);
}

/** Results of a call that need none: a parameter handed back, a constant, a result that is there twice. */
export function callShortcuts(
  b: FnBuilder,
  op: OpOf<"call">,
  operands: readonly Value[],
  callee: Fn,
): (Value | undefined)[] {
  return op.results.map((r, i) => {
    const inner = at(callee.results, i);
    const param = callee.params.indexOf(inner);
    if (param >= 0) return operands[param];
    const n = splatOf(inner);
    return n !== undefined && constantOf(inner) ? b.splat(r.type, n) : undefined;
  });
}

function bind(map: Map<Value, Value>, old: Value, now: Value): void {
  map.set(old, now);
  if (now.name === undefined && now.op !== undefined && now.op.kind !== "constant") now.name = old.name;
}

export function of(map: ReadonlyMap<Value, Value>, v: Value): Value {
  const now = map.get(v);
  if (!now) throw new Error(`%${v.id} was dropped and is used`);
  return now;
}
