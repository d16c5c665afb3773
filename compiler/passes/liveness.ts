/**
 * Memory of a run, before it runs: ops one after the other, each value from when it is made to its last use. Views (reshapes,
 * `stop_gradient`, and spreads that only elementwise ops read) take no memory; an elementwise op writes over an operand that dies with it.
 */
import { binaryOps, compareOps, unaryOps } from "../ir/attrs.js";
import type { DType, Fn, Module, Op, Value } from "../ir/graph.js";
import { elements } from "../ir/types.js";

export interface MemoryOptions {
  /** Bytes of a float; 4 if not said. */
  readonly floatBytes?: number;
  /** Bytes of a position; 4 if not said. */
  readonly indexBytes?: number;
  /** Pairs (result, parameter) of the main function that share their memory: the state of a training, written in place. */
  readonly carry?: readonly (readonly [result: number, param: number])[];
}

export interface Memory {
  /** The most that is live at once, parameters included. */
  readonly peak: number;
  /** The parameters of the main function alone. */
  readonly params: number;
}

/** May write over an operand. */
export const elementwise: ReadonlySet<string> = new Set([...unaryOps, ...binaryOps, ...compareOps, "select", "cast"]);

export function memory(module: Module, options: MemoryOptions = {}): Memory {
  const sizes = sizesOf(options);
  const inner = new Map<string, number>();
  for (const fn of module.fns.values()) inner.set(fn.name, innerPeak(fn, sizes, inner, new Set()));
  const carried = new Set<Value>();
  for (const [result] of options.carry ?? []) {
    const v = module.main.results[result];
    if (v?.op) carried.add(v);
  }
  let params = 0;
  for (const p of module.main.params) params += elements(p.type) * sizes[p.type.dtype];
  return { peak: params + innerPeak(module.main, sizes, inner, carried), params };
}

export function sizesOf(options: MemoryOptions): Record<DType, number> {
  return { float: options.floatBytes ?? 4, bool: 1, index: options.indexBytes ?? 4 };
}

/** The most bytes that the values made in a function take at once; its parameters are its caller's. `free` values take none. */
function innerPeak(
  fn: Fn,
  sizes: Record<DType, number>,
  inner: ReadonlyMap<string, number>,
  free: ReadonlySet<Value>,
): number {
  const roots = viewRoots(fn);
  const inPlace = new Set([...free].map((v) => rootOf(roots, v)));
  const bytes = new Map<Value, number>();
  const lastUse = new Map<Value, number>();
  for (const [i, op] of fn.ops.entries()) {
    for (const x of op.operands) lastUse.set(rootOf(roots, x), i);
    for (const r of op.results) {
      if (roots.has(r)) continue;
      bytes.set(r, inPlace.has(r) ? 0 : elements(r.type) * sizes[r.type.dtype]);
      lastUse.set(r, i);
    }
  }
  for (const r of fn.results) lastUse.set(rootOf(roots, r), fn.ops.length);
  const dying = new Map<number, Value[]>();
  for (const [v, i] of lastUse) {
    const list = dying.get(i);
    if (list) list.push(v);
    else dying.set(i, [v]);
  }
  let now = 0;
  let peak = 0;
  for (const [i, op] of fn.ops.entries()) {
    const dead = dying.get(i) ?? [];
    let made = 0;
    for (const r of op.results) made += bytes.get(r) ?? 0;
    const reused = elementwise.has(op.kind) ? overwritten(op, dead, bytes, made) : 0;
    // What a callee returns is part of its own peak.
    const during = op.kind === "call" ? Math.max(made, inner.get(op.attrs.fn) ?? 0) : made - reused;
    peak = Math.max(peak, now + during);
    now += made;
    for (const v of dead) now -= bytes.get(v) ?? 0;
  }
  return peak;
}

function overwritten(op: Op, dead: readonly Value[], bytes: ReadonlyMap<Value, number>, size: number): number {
  return dead.some((v) => op.operands.includes(v) && (bytes.get(v) ?? 0) >= size) ? size : 0;
}

/** For every view, what it looks at. */
export function viewRoots(fn: Fn): Map<Value, Value> {
  const onlyElementwise = new Map<Value, boolean>();
  for (const op of fn.ops) for (const x of op.operands) if (!elementwise.has(op.kind)) onlyElementwise.set(x, false);
  for (const r of fn.results) onlyElementwise.set(r, false);
  const roots = new Map<Value, Value>();
  for (const op of fn.ops) {
    const x = op.operands[0];
    const r = op.results[0];
    if (!r) continue;
    if (op.kind === "constant" && typeof op.attrs.data === "number") roots.set(r, r);
    else if (!x) continue;
    else if (op.kind === "reshape" || op.kind === "stop_gradient" || op.kind === "after") roots.set(r, x);
    else if (op.kind === "broadcast" && onlyElementwise.get(r) !== false) roots.set(r, x);
  }
  return roots;
}

export function rootOf(roots: ReadonlyMap<Value, Value>, v: Value): Value {
  let at = v;
  for (let next = roots.get(at); next !== undefined && next !== at; next = roots.get(at)) at = next;
  return at;
}
