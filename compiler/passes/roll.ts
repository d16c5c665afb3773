/**
 * Calls of one function, one after the other, that differ only in which part of some values they take, and whose results are added up or
 * put together: a loop, for engines that can run one. Written out, an engine that orders ops by itself may start all calls before it ends
 * the first, and keep what each of them holds.
 */
import { FnBuilder } from "../ir/builder.js";
import type { Fn, Module, Op, OpOf, Value } from "../ir/graph.js";
import { at } from "../ir/table/row.js";
import { inline } from "./inline.js";
import { copyOp, of } from "./rebuild.js";

type Call = OpOf<"call">;

/** What becomes of a result of the function. `last`: it is the same in every round. `rows`: along the first dimension. */
export type Fate = "sum" | "last" | "rows";

export interface Repeat {
  /** Without calls; its results are those that the loop gives, in order. */
  readonly fn: Fn;
  readonly times: number;
  /** By parameter: the dimension of the operand that is dealt out to the rounds in order; `undefined` where all rounds get the whole. */
  readonly dealt: readonly (number | undefined)[];
  readonly fates: readonly Fate[];
}

export interface Rolled {
  /** Without calls, but for those in `repeats`, whose operands and results are of all rounds. */
  readonly main: Fn;
  readonly repeats: ReadonlyMap<Op, Repeat>;
}

export function roll(module: Module): Rolled {
  const loops = new Set(
    callsByName(module.main).flatMap(([name, calls]) => (found(module, name, calls) ? [name] : [])),
  );
  const fns = new Map(module.fns);
  const { main, fns: kept } = inline({ fns, main: module.main }, (fn) => !loops.has(fn.name));
  let rolled = main;
  const repeats = new Map<Op, Repeat>();
  for (const name of loops) {
    const calls = callsOf(rolled, name);
    const loop = found({ fns: kept, main: rolled }, name, calls);
    if (loop) rolled = replaced(rolled, calls, loop, repeats);
  }
  return { main: rolled, repeats };
}

interface Found {
  readonly repeat: Repeat;
  readonly operands: readonly Value[];
  /** What takes the place of the results: the sums, the rows. */
  readonly totals: readonly Value[];
  /** Ops that the loop makes needless. */
  readonly gone: ReadonlySet<Op>;
}

function callsByName(main: Fn): [string, Call[]][] {
  const names = new Set(main.ops.flatMap((op) => (op.kind === "call" ? [op.attrs.fn] : [])));
  return [...names].map((name) => [name, callsOf(main, name)]);
}

function callsOf(main: Fn, name: string): Call[] {
  return main.ops.filter((op): op is Call => op.kind === "call" && op.attrs.fn === name);
}

function found(module: Module, name: string, calls: readonly Call[]): Found | undefined {
  const fn = module.fns.get(name);
  const [first] = calls;
  if (!fn || !first || calls.length < 2) return undefined;
  const gone = new Set<Op>(calls);
  const operands: Value[] = [];
  const dealt: (number | undefined)[] = [];
  for (const p of fn.params.keys()) {
    const deal = dealtTo(calls.map((c) => at(c.operands, p)));
    if (!deal) return undefined;
    operands.push(deal.whole);
    dealt.push(deal.axis);
  }
  if (dealt.every((axis) => axis === undefined)) return undefined;
  const readers = readersOf(module.main);
  const varying = dependents(
    fn,
    fn.params.filter((_, p) => dealt[p] !== undefined),
  );
  const results: Value[] = [];
  const fates: Fate[] = [];
  const totals: Value[] = [];
  for (const [i, inner] of fn.results.entries()) {
    const values = calls.map((c) => c.results[i]);
    if (!values.some((v) => v && readers.has(v))) continue;
    const end = endOf(values, readers, !varying.has(inner), gone);
    if (!end) return undefined;
    results.push(inner);
    fates.push(end.fate);
    totals.push(end.total);
  }
  if (results.length === 0) return undefined;
  const flat = inline({ fns: new Map(module.fns), main: { ...fn, results } }).main;
  return { repeat: { fn: flat, times: calls.length, dealt, fates }, operands, totals, gone };
}

/** One value for all calls, or one whose slices along an axis they take in order. */
function dealtTo(values: readonly Value[]): { whole: Value; axis?: number } | undefined {
  const [first] = values;
  if (!first) return undefined;
  if (values.every((v) => v === first)) return { whole: first };
  const whole = first.op?.kind === "slice" ? at(first.op.operands, 0) : undefined;
  if (!whole) return undefined;
  const axis = whole.type.shape.findIndex((n, d) => n !== first.type.shape[d]);
  const size = first.type.shape[axis];
  if (size === undefined || whole.type.shape[axis] !== size * values.length) return undefined;
  const fits = values.every((v, k) => {
    if (v.op?.kind !== "slice" || v.op.operands[0] !== whole) return false;
    const { start, stop } = v.op.attrs;
    return whole.type.shape.every((n, d) =>
      d === axis ? start[d] === k * size && stop[d] === (k + 1) * size : start[d] === 0 && stop[d] === n,
    );
  });
  return fits ? { whole, axis } : undefined;
}

type Readers = ReadonlyMap<Value, readonly (Op | undefined)[]>;

/** How the results of the calls end in one value; the ops on the way are added to `gone`. */
function endOf(
  values: readonly (Value | undefined)[],
  readers: Readers,
  constant: boolean,
  gone: Set<Op>,
): { fate: Fate; total: Value } | undefined {
  const [first, ...others] = values;
  if (!first) return undefined;
  if (constant && others.every((v) => !v || !readers.has(v))) return { fate: "last", total: first };
  const ops: Op[] = [];
  let total = first;
  for (const v of others) {
    const op = v && onlyReader(readers, v);
    if (!op) return undefined;
    if (op.kind === "concat" && op.attrs.axis === 0 && op.operands.every((x, k) => x === values[k])) {
      gone.add(op);
      const r = at(op.results, 0);
      return op.operands.length === values.length && onlyReader(readers, first) === op
        ? { fate: "rows", total: r }
        : undefined;
    }
    if (op.kind !== "add" || op !== onlyReader(readers, total) || !op.operands.includes(total)) return undefined;
    ops.push(op);
    total = at(op.results, 0);
  }
  for (const op of ops) gone.add(op);
  return { fate: "sum", total };
}

function onlyReader(readers: Readers, v: Value): Op | undefined {
  const all = readers.get(v) ?? [];
  return all.length === 1 ? all[0] : undefined;
}

/** Once for each time it is read; `undefined`: as a result. */
function readersOf(fn: Fn): Readers {
  const readers = new Map<Value, (Op | undefined)[]>();
  const note = (v: Value, by: Op | undefined) => {
    const all = readers.get(v);
    if (all) all.push(by);
    else readers.set(v, [by]);
  };
  for (const op of fn.ops) for (const v of op.operands) note(v, op);
  for (const v of fn.results) note(v, undefined);
  return readers;
}

function dependents(fn: Fn, from: readonly Value[]): ReadonlySet<Value> {
  const all = new Set(from);
  for (const op of fn.ops) if (op.operands.some((x) => all.has(x))) for (const r of op.results) all.add(r);
  return all;
}

/** The function with one call in the place of the last of `calls`. */
function replaced(fn: Fn, calls: readonly Call[], loop: Found, repeats: Map<Op, Repeat>): Fn {
  const b = new FnBuilder(fn.name, new Map());
  const map = new Map<Value, Value>();
  for (const p of fn.params) map.set(p, b.param(p.type, p.name));
  const place = (operands: readonly Value[], totals: readonly Value[], repeat: Repeat, origin: Op["origin"]) => {
    const attrs = { fn: repeat.fn.name };
    const call: Call = { kind: "call", operands: operands.map((v) => of(map, v)), attrs, results: [], origin };
    for (const { type, name } of totals) call.results.push({ id: b.fn.nextId++, type, op: call, name });
    totals.forEach((total, i) => {
      map.set(total, at(call.results, i));
    });
    b.fn.ops.push(call);
    repeats.set(call, repeat);
  };
  for (const op of fn.ops) {
    const before = repeats.get(op);
    if (op === calls.at(-1)) place(loop.operands, loop.totals, loop.repeat, op.origin);
    else if (before) {
      repeats.delete(op);
      place(op.operands, op.results, before, op.origin);
    } else if (!loop.gone.has(op)) copyOp(b, op, map, {});
  }
  b.fn.results.push(...fn.results.map((v) => of(map, v)));
  return b.fn;
}
