/**
 * Less memory for more operations: values that are made early and read late (those of a forward pass, by the backward pass) are not kept
 * but computed a second time, just before the late op that reads them. Nothing is known of forward or backward: early is what runs up to
 * the fullest moment.
 */
import type { Module } from "../ir/graph.js";
import { flops } from "./cost.js";
import { dce } from "./dce.js";
import { inline } from "./inline.js";
import { type MemoryOptions, memory } from "./liveness.js";
import { recompute } from "./recompute.js";
import { roll } from "./roll.js";
import { cuts, keepAcross, lastEarlyUse } from "./segments.js";
import { fullest, inOrder, num, type Schedule, type Timeline, timeline } from "./timeline.js";

export interface RematerialiseOptions extends MemoryOptions {
  /** Bytes at the fullest moment. */
  readonly budget: number;
  /** Operations that may be added, as a part of those there are; 0.4 if not said. */
  readonly extra?: number;
}

export interface Rematerialised {
  /** The calls inlined; the given module if it is within the budget. */
  readonly module: Module;
  /** At the fullest moment. Where it is above the budget, no way below it was found, and this is the least. */
  readonly peak: number;
  /** Operations added, as a part of those there were. */
  readonly extra: number;
}

/** Numbers of segments and of shares of the values that are tried. */
const counts = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];
const grid = 20;

export function rematerialise(module: Module, options: RematerialiseOptions): Rematerialised {
  const before = memory(module, options).peak;
  if (before <= options.budget) return { module, peak: before, extra: 0 };
  const loops = new Set([...roll(module).repeats.keys()].flatMap((op) => (op.kind === "call" ? [op.attrs.fn] : [])));
  return loops.size > 0 ? inLoops(module, loops, options, before) : inLine(module, options, before);
}

/** Calls that are rounds of a loop stay; within each round memory is spared. */
function inLoops(
  module: Module,
  loops: ReadonlySet<string>,
  options: RematerialiseOptions,
  before: number,
): Rematerialised {
  const kept = dce(inline(module, (fn) => !loops.has(fn.name)));
  const total = memory(kept, options).peak;
  const flopsBefore = flops(kept);
  const fns = new Map(kept.fns);
  for (const [name, fn] of kept.fns) {
    const alone: Module = { fns: new Map(), main: fn };
    const { floatBytes } = options;
    const own = memory(alone, floatBytes === undefined ? {} : { floatBytes }).peak;
    // What is there besides stays.
    const { module: round } = inLine(alone, { ...options, carry: [], budget: options.budget - (total - own) }, own);
    fns.set(name, round.main);
  }
  const lower: Module = { fns, main: kept.main };
  const peak = memory(lower, options).peak;
  if (peak >= before) return { module, peak: before, extra: 0 };
  return { module: lower, peak, extra: flops(lower) / flopsBefore - 1 };
}

function inLine(module: Module, options: RematerialiseOptions, before: number): Rematerialised {
  let best = dce(inline(module));
  let peak = memory(best, options).peak;
  const given = flops(best);
  const most = given * (1 + (options.extra ?? 0.4));
  let changed = false;
  // What is lower than the first fullest moment may leave another one.
  for (let round = 0; round < 3 && peak > options.budget; round++) {
    const next = once(best, options, most);
    const lower = next && memory(next, options).peak;
    if (!next || lower === undefined || lower >= peak) break;
    best = next;
    peak = lower;
    changed = true;
  }
  if (!changed && peak >= before) return { module, peak: before, extra: 0 };
  return { module: best, peak, extra: given > 0 ? flops(best) / given - 1 : 0 };
}

/** Around the fullest moment. */
function once(module: Module, options: RematerialiseOptions, most: number): Module | undefined {
  const t = timeline(module.main, options);
  const base = inOrder(t);
  const split = fullest(t, base).at + 1;
  if (split >= base.order.length) return undefined;
  const found = search(t, split, options.budget, most);
  return found && dce({ fns: new Map(), main: recompute(module.main, found) });
}

interface Tried {
  readonly schedule: Schedule;
  readonly peak: number;
  readonly flops: number;
}

/**
 * For several numbers of segments, the fewest values given up that will do; of these the one with the fewest operations. If none will do,
 * the least memory.
 */
function search(t: Timeline, split: number, budget: number, most: number): Schedule | undefined {
  const last = lastEarlyUse(t, split);
  const idle = crossing(t, split);
  const order = byWorth(t, split, idle, budget);
  const wanted = new Float64Array(split);
  for (const v of idle) wanted[num(t.maker, v)] = num(t.bytes, v);
  let best: Tried | undefined;
  const seen = new Set<string>();
  for (const count of counts) {
    const at = count === 1 ? [] : cuts(t, split, last, wanted, count);
    const key = at.join();
    if (seen.has(key)) continue;
    seen.add(key);
    const attempt = (n: number): Tried => evaluate(t, split, last, at, idle, order, n);
    const here = fewest(order.length, attempt, budget, Math.min(most, best && best.peak <= budget ? best.flops : most));
    if (!here) continue;
    const [fits, fitted] = [here.peak <= budget, best !== undefined && best.peak <= budget];
    if (!best || (fits && !fitted) || (fits === fitted && (fits ? here.flops < best.flops : here.peak < best.peak)))
      best = here;
  }
  return best?.schedule;
}

/**
 * The fewest values given up that are enough; the least peak where none are. It falls with their number and rises again: what is made again
 * lies about itself.
 */
function fewest(full: number, attempt: (n: number) => Tried, budget: number, most: number): Tried | undefined {
  let least: Tried | undefined;
  let before = 0;
  let rising = 0;
  for (let step = 1; step <= grid && rising < 3; step++) {
    const n = Math.ceil((step * full) / grid);
    const one = attempt(n);
    if (one.flops > most) break;
    if (one.peak <= budget) return closer(before, n, one, attempt, budget);
    rising = least && one.peak >= least.peak ? rising + 1 : 0;
    if (!least || one.peak < least.peak) least = one;
    before = n;
  }
  return least;
}

/** Between `low`, which is too few, and `high`, which is enough. */
function closer(low: number, high: number, enough: Tried, attempt: (n: number) => Tried, budget: number): Tried {
  let found = enough;
  for (let [a, b] = [low, high]; b - a > 1; ) {
    const middle = (a + b) >> 1;
    const one = attempt(middle);
    if (one.peak <= budget) {
      found = one;
      b = middle;
    } else a = middle;
  }
  return found;
}

/** Roots that are made early and read late. */
function crossing(t: Timeline, split: number): number[] {
  const late = new Uint8Array(t.count);
  for (let i = split; i < t.result.length; i++) for (const v of t.operands[i] ?? []) late[num(t.root, v)] = 1;
  const found: number[] = [];
  for (let v = 0; v < t.count; v++)
    if (late[v] && t.root[v] === v && num(t.maker, v) < split && num(t.bytes, v) > 0 && movable(t, v)) found.push(v);
  return found;
}

function movable(t: Timeline, v: number): boolean {
  const op = num(t.maker, v);
  return op >= 0 && !t.given[v] && !t.constant[op];
}

/** Cheapest first: operations to make it again for each byte, in steps of two; then what is made first, which lies about longest. */
function byWorth(t: Timeline, split: number, idle: readonly number[], budget: number): number[] {
  const across = new Uint8Array(t.count);
  for (const v of idle) across[v] = 1;
  // Also what has to be made again for it and is not kept itself.
  const cost = new Float64Array(t.count);
  for (let i = 0; i < split; i++) {
    let sum = num(t.flops, i);
    for (const x of t.operands[i] ?? []) if (!across[num(t.root, x)]) sum += num(cost, x);
    cost[num(t.result, i)] = sum;
  }
  const level = (v: number): number => Math.round(Math.log2(Math.max(num(cost, v) / num(t.bytes, v), 1 / 4)));
  return idle
    .filter((v) => num(t.bytes, v) >= budget * 1e-5)
    .map((v) => ({ v, level: level(v) }))
    .sort((a, b) => a.level - b.level || a.v - b.v)
    .map(({ v }) => v);
}

/** The first `n` of `order` are given up, but for those that go across a cut. */
function evaluate(
  t: Timeline,
  split: number,
  last: Int32Array,
  at: readonly number[],
  idle: readonly number[],
  order: readonly number[],
  n: number,
): Tried {
  const keep = new Uint8Array(t.count);
  for (const v of idle) keep[v] = 1;
  for (let i = 0; i < n; i++) keep[num(order, i)] = 0;
  keepAcross(t, last, at, keep);
  const evicted = new Uint8Array(t.count);
  for (let v = 0; v < t.count; v++) if (!keep[v] && movable(t, v) && num(t.maker, v) < split) evicted[v] = 1;
  const schedule = { order: orderOf(t, split, evicted), split, evicted };
  let flops = 0;
  for (const code of schedule.order) flops += num(t.flops, code < 0 ? ~code : code);
  return { schedule, peak: fullest(t, schedule).peak, flops };
}

/** Early ops, then late ones, each after the copies that it is the first to need. */
function orderOf(t: Timeline, split: number, evicted: Uint8Array): number[] {
  const order: number[] = [];
  for (let i = 0; i < split; i++) order.push(i);
  const copied = new Uint8Array(split);
  const missing = (op: number): number => {
    for (const v of t.operands[op] ?? []) {
      const maker = num(t.maker, v);
      if (maker >= 0 && maker < split && evicted[num(t.root, v)] && !copied[maker]) return maker;
    }
    return -1;
  };
  for (let i = split; i < t.result.length; i++) {
    const stack = [i];
    for (let op = stack.at(-1); op !== undefined; op = stack.at(-1)) {
      const first = missing(op);
      if (first >= 0) {
        stack.push(first);
        continue;
      }
      stack.pop();
      if (op < split) {
        copied[op] = 1;
        order.push(~op);
      } else order.push(op);
    }
  }
  return order;
}
