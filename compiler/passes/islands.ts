/**
 * A function as products, which have kernels of their own, and islands between them, which are compiled: each a set of ops that nothing
 * outside lies between, so that it can be run at once.
 */
import type { Fn, Op, Value } from "../ir/graph.js";
import { at } from "../ir/table/row.js";
import { elements } from "../ir/types.js";
import { elementwise } from "./liveness.js";

export interface Island {
  /** In order. Ops that cost nothing are in every island that reads them. */
  readonly ops: readonly Op[];
  /** What is made outside, by first use. */
  readonly inputs: readonly Value[];
  /** What is read outside. */
  readonly outputs: readonly Value[];
}

/** A step of the function. Ops that cost nothing have none: who reads their result makes it. */
export type Item = { readonly op: Op } | { readonly island: Island };

/** Elements of a constant that every reader may have a copy of. */
const smallConstant = 256;
/** Elements that two islands may both read: from here on they had better be one. */
const large = 1 << 14;

/** Whether an op only looks at what is there: its readers do it themselves, as often as they are. */
export function isView(op: Op): boolean {
  switch (op.kind) {
    case "constant":
      return typeof op.attrs.data === "number" || op.attrs.data.length <= smallConstant;
    case "broadcast":
    case "reshape":
    case "slice":
    case "stop_gradient":
      return true;
    default:
      return false;
  }
}

/** What an op reads, views looked through. */
export function sources(op: Op): Value[] {
  return [...new Set(op.operands.flatMap(sourcesOf))];
}

/** The value, or what it is a view of. */
export function sourcesOf(v: Value): Value[] {
  return v.op && isView(v.op) ? sources(v.op) : [v];
}

function standsAlone(op: Op): boolean {
  return op.kind === "dot" || op.kind === "after" || op.kind === "constant" || op.kind === "call";
}

/** Ops that nobody needs must have been removed. */
export function islands(fn: Fn): Item[] {
  const ops = fn.ops.filter((op) => !isView(op));
  const reads = new Map(ops.map((op) => [op, sources(op)]));
  const levels = sunk(fn, ops, reads, levelsOf(ops, reads));
  const groups = grouped(ops, reads, levels);
  const again = madeAgain(fn, ops, reads);
  // Late ones first: what they read, the earlier ones have to give.
  const needed = new Set(fn.results.flatMap(sourcesOf));
  const items: Item[] = [];
  const done = new Set<Set<Op>>();
  const levelOf = (op: Op): number => levels.get(op) ?? 0;
  const late = [...ops].sort((a, b) => levelOf(b) - levelOf(a) || Number(standsAlone(a)) - Number(standsAlone(b)));
  for (const op of late) {
    const group = groups.get(op);
    if (group && done.has(group)) continue;
    if (group) done.add(group);
    const outputs = [...(group ?? [])].map((one) => at(one.results, 0)).filter((v) => needed.has(v));
    if (group && outputs.length === 0) continue;
    const item: Item = group ? { island: island(group, again, outputs) } : { op };
    for (const v of "op" in item ? sources(item.op) : item.island.inputs) needed.add(v);
    items.push(item);
  }
  return items.reverse();
}

type Reads = ReadonlyMap<Op, readonly Value[]>;

/**
 * How many products lie before each op, at most. An op that stands alone is a level above what it reads. So is one that no product waits for
 * and that reads little, as the update of a bias: what does wait shall not become one island with it.
 */
function levelsOf(ops: readonly Op[], reads: Reads): Map<Op, number> {
  const idle = idleOf(ops, reads);
  const levels = new Map<Op, number>();
  for (const op of ops) {
    let level = 0;
    for (const { op: maker } of reads.get(op) ?? []) {
      if (!maker) continue;
      const apart = idle.has(op) && !idle.has(maker) && !standsAlone(maker);
      level = Math.max(level, (levels.get(maker) ?? 0) + (apart ? 1 : 0));
    }
    levels.set(op, standsAlone(op) && op.kind !== "constant" ? level + 1 : level);
  }
  return levels;
}

/** Ops that no op which stands alone needs, and that read no large tensor but parameters. */
function idleOf(ops: readonly Op[], reads: Reads): Set<Op> {
  const awaited = new Set<Op>();
  for (const op of ops.toReversed())
    if (standsAlone(op) || awaited.has(op)) for (const v of reads.get(op) ?? []) if (v.op) awaited.add(v.op);
  const little = (op: Op): boolean => (reads.get(op) ?? []).every((v) => !v.op || elements(v.type) < large);
  return new Set(ops.filter((op) => !standsAlone(op) && !awaited.has(op) && little(op)));
}

function readersOf(ops: readonly Op[], reads: Reads): Map<Value, Op[]> {
  const readers = new Map<Value, Op[]>();
  for (const op of ops)
    for (const v of reads.get(op) ?? []) {
      const known = readers.get(v);
      if (known) known.push(op);
      else readers.set(v, [op]);
    }
  return readers;
}

/** What is read late only, and made from what is kept until then anyway, is made late. */
function sunk(fn: Fn, ops: readonly Op[], reads: Reads, levels: Map<Op, number>): Map<Op, number> {
  const readers = readersOf(ops, reads);
  const given = new Set(fn.results.flatMap(sourcesOf));
  const levelOf = (op: Op): number => levels.get(op) ?? 0;
  for (const op of ops.toReversed()) {
    const [result] = op.results;
    if (standsAlone(op) || !result || given.has(result)) continue;
    let latest = Number.POSITIVE_INFINITY;
    for (const reader of readers.get(result) ?? [])
      latest = Math.min(latest, levelOf(reader) - (standsAlone(reader) ? 1 : 0));
    if (latest <= levelOf(op) || latest === Number.POSITIVE_INFINITY) continue;
    const kept = (v: Value): boolean =>
      !v.op ||
      standsAlone(v.op) ||
      given.has(v) ||
      elements(v.type) * 8 <= elements(result.type) ||
      (readers.get(v) ?? []).some((r) => r !== op && levelOf(r) >= latest);
    if ((reads.get(op) ?? []).every(kept)) levels.set(op, latest);
  }
  return levels;
}

/**
 * Large values that every island computes for itself rather than read from memory: elementwise from at most one large tensor, which is there
 * anyway, and small ones.
 */
function madeAgain(fn: Fn, ops: readonly Op[], reads: Reads): Set<Value> {
  const readers = readersOf(ops, reads);
  const given = new Set(fn.results.flatMap(sourcesOf));
  const again = new Set<Value>();
  const roots = new Map<Value, ReadonlySet<Value>>();
  for (const op of ops) {
    const v = at(op.results, 0);
    if (!elementwise.has(op.kind) || given.has(v) || (readers.get(v) ?? []).some(standsAlone)) continue;
    const from = new Set<Value>();
    for (const source of reads.get(op) ?? [])
      if (elements(source.type) * 8 > elements(v.type))
        for (const root of roots.get(source) ?? [source]) from.add(root);
    if (from.size > 1) continue;
    again.add(v);
    roots.set(v, from);
  }
  return again;
}

/** Ops of one level that read one another, or the same large tensor. Between those of one level nothing else can lie. */
function grouped(ops: readonly Op[], reads: Reads, levels: ReadonlyMap<Op, number>): Map<Op, Set<Op>> {
  const groups = new Map<Op, Set<Op>>();
  const join = (a: Op, b: Op): void => {
    const [x, y] = [groups.get(a), groups.get(b)];
    if (!x || !y || x === y) return;
    for (const op of y) {
      x.add(op);
      groups.set(op, x);
    }
  };
  const firsts = new Map<string, Op>();
  for (const op of ops) {
    if (standsAlone(op)) continue;
    groups.set(op, new Set([op]));
    const level = levels.get(op);
    for (const v of reads.get(op) ?? []) {
      if (v.op && levels.get(v.op) === level) join(groups.get(v.op)?.values().next().value ?? op, op);
      if (elements(v.type) < large) continue;
      const key = `${v.id} ${level}`;
      const other = firsts.get(key);
      if (other) join(other, op);
      else firsts.set(key, op);
    }
  }
  return groups;
}

function island(group: ReadonlySet<Op>, again: ReadonlySet<Value>, outputs: readonly Value[]): Island {
  const ops = new Set<Op>();
  const inputs = new Set<Value>();
  const take = (op: Op): void => {
    if (ops.has(op)) return;
    for (const v of op.operands) {
      if (v.op && (isView(v.op) || group.has(v.op) || again.has(v))) take(v.op);
      else inputs.add(v);
    }
    ops.add(op);
  };
  for (const v of outputs) if (v.op) take(v.op);
  return { ops: [...ops], inputs: [...inputs], outputs };
}
