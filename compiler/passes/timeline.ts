/** A function without calls in numbers, so that many ways to run it can be compared: what `liveness` says of a function, for an order of its ops. */
import type { Fn, Value } from "../ir/graph.js";
import { elements } from "../ir/types.js";
import { flopsOfOp } from "./cost.js";
import { elementwise, type MemoryOptions, rootOf, sizesOf, viewRoots } from "./liveness.js";

/** Values have numbers, parameters first; the copy of value `v` has number `count + v`. */
export interface Timeline {
  readonly count: number;
  /** Bytes of the parameters, which are there all the time. */
  readonly params: number;
  /** By value: the op that makes it (-1: a parameter), its bytes (0: a view, a parameter, written in place), what it is a view of. */
  readonly maker: Int32Array;
  readonly bytes: Float64Array;
  readonly root: Int32Array;
  /** By op: its result, its operands, its operations. */
  readonly result: Int32Array;
  readonly operands: readonly Int32Array[];
  readonly flops: Float64Array;
  readonly overwrites: Uint8Array;
  /** By value: 1 where the function gives it. */
  readonly given: Uint8Array;
  /** By op: 1 for a constant. */
  readonly constant: Uint8Array;
}

/** Ops in the order in which they are run: `i`, or `~i` for its copy. `evicted`, by root: late ops and copies read the copy. */
export interface Schedule {
  readonly order: readonly number[];
  /** Ops from here on are late. */
  readonly split: number;
  readonly evicted: Uint8Array;
}

export interface Moment {
  readonly peak: number;
  /** Position in the order. */
  readonly at: number;
}

export function timeline(fn: Fn, options: MemoryOptions): Timeline {
  const values: Value[] = [...fn.params, ...fn.ops.flatMap((op) => op.results)];
  const numbers = new Map(values.map((v, i) => [v, i]));
  const numberOf = (v: Value): number => numbers.get(v) ?? 0;
  const roots = viewRoots(fn);
  const sizes = sizesOf(options);
  const free = new Set<Value>(
    (options.carry ?? []).flatMap(([result]) => {
      const v = fn.results[result];
      return v ? rootOf(roots, v) : [];
    }),
  );
  const bytes = values.map((v) =>
    v.op === undefined || roots.has(v) || free.has(v) ? 0 : elements(v.type) * sizes[v.type.dtype],
  );
  const maker = new Int32Array(values.length).fill(-1);
  for (const [i, op] of fn.ops.entries()) for (const r of op.results) maker[numberOf(r)] = i;
  const given = new Uint8Array(values.length);
  for (const r of fn.results) given[numberOf(rootOf(roots, r))] = 1;
  return {
    count: values.length,
    params: fn.params.reduce((sum, p) => sum + elements(p.type) * sizes[p.type.dtype], 0),
    maker,
    bytes: Float64Array.from(bytes),
    root: Int32Array.from(values, (v) => numberOf(rootOf(roots, v))),
    result: Int32Array.from(fn.ops, (op) => op.results.reduce((_, r) => numberOf(r), 0)),
    operands: fn.ops.map((op) => Int32Array.from(op.operands, numberOf)),
    flops: Float64Array.from(fn.ops, (op) => (op.kind === "call" ? 0 : flopsOfOp(op))),
    overwrites: Uint8Array.from(fn.ops, (op) => Number(elementwise.has(op.kind))),
    given,
    constant: Uint8Array.from(fn.ops, (op) => Number(op.kind === "constant")),
  };
}

/** The order in which the ops of the function stand. */
export function inOrder(t: Timeline): Schedule {
  return { order: Array.from(t.result.keys()), split: t.result.length, evicted: new Uint8Array(t.count) };
}

/** The fullest moment of a schedule. */
export function fullest(t: Timeline, { order, split, evicted }: Schedule): Moment {
  const { count, root, bytes } = t;
  // By value, copies behind: the last position that reads it.
  const last = new Int32Array(2 * count).fill(-1);
  const copied = (code: number, v: number): boolean =>
    (code < 0 || code >= split) && evicted[num(root, v)] === 1 && num(t.maker, v) < split;
  const read = (code: number, v: number): number => num(root, v) + (copied(code, v) ? count : 0);
  for (let i = 0; i < order.length; i++) {
    const code = num(order, i);
    const op = code < 0 ? ~code : code;
    for (const v of t.operands[op] ?? []) last[read(code, v)] = i;
    const r = num(t.result, op);
    if (root[r] === r) last[code < 0 ? r + count : r] = i;
  }
  for (let v = 0; v < count; v++) if (t.given[v]) last[v] = order.length;
  let now = 0;
  let peak = 0;
  let at = 0;
  for (let i = 0; i < order.length; i++) {
    const code = num(order, i);
    const op = code < 0 ? ~code : code;
    const r = num(t.result, op);
    const made = num(bytes, r);
    let dead = 0;
    let reused = 0;
    for (const v of t.operands[op] ?? []) {
      const x = read(code, v);
      if (last[x] !== i) continue;
      const size = num(bytes, x % count);
      // Read twice by one op, it dies once.
      last[x] = -2;
      dead += size;
      // Only what is read as it lies can be written over.
      if (t.overwrites[op] && root[v] === v && size >= made) reused = made;
    }
    if (now + made - reused > peak) {
      peak = now + made - reused;
      at = i;
    }
    now += made - dead;
    if (last[code < 0 ? r + count : r] === i && root[r] === r) now -= made;
  }
  return { peak: t.params + peak, at };
}

/** An element that is known to be there. */
export function num(list: ArrayLike<number>, i: number): number {
  return list[i] ?? 0;
}
