/**
 * A function computed for parts of its batch side by side, so that a thread has a part and needs to wait for the others only where samples
 * meet: in sums over the batch, as gradients of weights are.
 */
import type { FnBuilder } from "../ir/builder.js";
import { splatOf } from "../ir/constant.js";
import { type Fn, type OpOf, sizeOf, type Value } from "../ir/graph.js";
import { at } from "../ir/table/row.js";
import type { Primitive } from "../ir/table/table.js";
import { others } from "../ir/types.js";
import { elementwise } from "./liveness.js";
import { copyPrimitive, emitAgain, rebuild } from "./rebuild.js";

/** The parts of a value, along a dimension. */
interface Parts {
  readonly axis: number;
  readonly values: readonly Value[];
}

/**
 * Parts of equal size for `threads` threads. The batch is what most of the parameters `fed` (their positions) have as first dimension; the
 * function stays as it is if there is no such thing. It must have no calls.
 */
export function shards(fn: Fn, threads: number, fed: ReadonlySet<number>): Fn {
  const batch = batchOf(fn, fed);
  const parts = partsOf(batch, threads);
  if (parts < 2) return fn;
  const state = new Sharded(parts);
  const params = new Set<Value>();
  return rebuild(
    { fns: new Map(), main: fn },
    {
      primitive: (b, op, operands) => {
        // Parameters come without an op: they are met where they are read.
        for (const v of operands)
          if (!v.op && !params.has(v)) {
            params.add(v);
            const place = b.fn.params.indexOf(v);
            if (fed.has(place) && v.type.shape[0] === batch) state.divide(b, v);
          }
        return state.write(b, op, operands);
      },
    },
  ).main;
}

/** How many parts keep the threads busiest; the fewest of those, and not too many, as each has all the ops of the function. */
function partsOf(batch: number, threads: number): number {
  const busy = (parts: number): number => parts / (Math.ceil(parts / threads) * threads);
  let best = 1;
  for (let parts = 2; parts <= Math.min(batch, 4 * threads); parts++)
    if (threads > 1 && batch % parts === 0 && busy(parts) > busy(best)) best = parts;
  return best;
}

function batchOf(fn: Fn, fed: ReadonlySet<number>): number {
  const counts = new Map<number, number>();
  for (const [i, p] of fn.params.entries()) {
    const [n = 1] = p.type.shape;
    if (fed.has(i) && n > 1) counts.set(n, (counts.get(n) ?? 0) + 1);
  }
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), [1, 0])[0] ?? 1;
}

/**
 * Writes ops for parts. A value of the new function that exists in parts is a stand-in, of the right type, that joins the parts; it is read
 * only by ops that have no parts, and is not needed if there are none.
 */
class Sharded {
  /** By stand-in. */
  private readonly parts = new Map<Value, Parts>();
  private readonly cut = new Map<Value, Map<number, readonly Value[]>>();

  constructor(private readonly count: number) {}

  divide(b: FnBuilder, v: Value): void {
    this.parts.set(v, { axis: 0, values: this.along(b, v, 0) });
  }

  write(b: FnBuilder, op: Primitive, operands: readonly Value[]): Value {
    const plan = operands.some((v) => this.parts.has(v)) ? this.plan(op, operands) : undefined;
    if (!plan) return copyPrimitive(b, op, operands);
    const columns = operands.map((v, i) => {
      const axis = plan.operands[i];
      return axis === undefined ? undefined : this.along(b, v, axis);
    });
    const values = Array.from({ length: this.count }, (_, part) => {
      const mine = operands.map((v, i) => columns[i]?.[part] ?? v);
      return plan.write ? plan.write(b, mine) : emitAgain(b, op, mine);
    });
    if (plan.result === undefined) return values.reduce((x, y) => b.emit("add", [x, y], {}));
    const joined = b.append("concat", values, { axis: plan.result }, at(op.results, 0).type);
    this.parts.set(joined, { axis: plan.result, values });
    return joined;
  }

  /** The parts of a value along a dimension. */
  private along(b: FnBuilder, v: Value, axis: number): readonly Value[] {
    const parts = this.parts.get(v);
    if (parts?.axis === axis) return parts.values;
    let known = this.cut.get(v);
    if (!known) {
      known = new Map();
      this.cut.set(v, known);
    }
    const before = known.get(axis);
    if (before) return before;
    const values = Array.from({ length: this.count }, (_, part) => this.slice(b, v, axis, part));
    known.set(axis, values);
    return values;
  }

  private slice(b: FnBuilder, v: Value, axis: number, part: number): Value {
    const size = at(v.type.shape, axis) / this.count;
    const shape = v.type.shape.with(axis, size);
    const n = splatOf(v);
    if (n !== undefined) return b.splat({ ...v.type, shape }, n);
    const op = v.op;
    if (op?.kind === "broadcast") {
      const from = at(op.operands, 0);
      const inner = op.attrs.dims.indexOf(axis);
      return b.emit("broadcast", [inner < 0 ? from : at(this.along(b, from, inner), part)], { ...op.attrs, shape });
    }
    const start = shape.map((_, d) => (d === axis ? part * size : 0));
    return b.emit("slice", [v], { start, stop: start.map((s, d) => s + at(shape, d)) });
  }

  private plan(op: Primitive, operands: readonly Value[]): Plan | undefined {
    const axes = operands.map((v) => this.parts.get(v)?.axis);
    const plan = planOf(op, axes, operands, this.count);
    const divisible = (v: Value, axis: number | undefined): boolean =>
      axis === undefined || at(v.type.shape, axis) % this.count === 0;
    return plan && operands.every((v, i) => divisible(v, plan.operands[i])) ? plan : undefined;
  }
}

/** How an op is done in parts. */
interface Plan {
  /** Along which dimension each operand is taken apart; `undefined`: every part gets it whole. */
  readonly operands: readonly (number | undefined)[];
  /** Along which dimension the results are parts of the whole; `undefined`: they are added. */
  readonly result: number | undefined;
  /** The op for a part, where its attributes say sizes. */
  readonly write?: (b: FnBuilder, operands: readonly Value[]) => Value;
}

/** `axes`: along which dimension operands are in parts now. `undefined`: parts are no help to the op. */
function planOf(
  op: Primitive,
  axes: readonly (number | undefined)[],
  operands: readonly Value[],
  count: number,
): Plan | undefined {
  const [axis = axes.find((a) => a !== undefined) ?? 0] = axes;
  const same: Plan = { operands: operands.map(() => axis), result: axis };
  const type = at(op.results, 0).type;
  const smaller = (result: number): readonly number[] => type.shape.with(result, at(type.shape, result) / count);
  if (elementwise.has(op.kind)) return same;
  switch (op.kind) {
    case "stop_gradient":
      return same;
    case "after":
      return axes[0] === undefined ? undefined : { operands: [axis, undefined], result: axis };
    case "broadcast": {
      const result = at(op.attrs.dims, axis);
      const attrs = { ...op.attrs, shape: smaller(result) };
      return { operands: [axis], result, write: (b, mine) => b.emit("broadcast", mine, attrs) };
    }
    case "reshape": {
      const result = axisAfter(at(operands, 0).type.shape, axis, type.shape, count);
      if (result === undefined) return undefined;
      const attrs = { ...op.attrs, shape: smaller(result) };
      return { operands: [axis], result, write: (b, mine) => b.emit("reshape", mine, attrs) };
    }
    case "transpose":
      return { operands: [axis], result: op.attrs.perm.indexOf(axis) };
    case "slice": {
      const { start, stop } = op.attrs;
      if (at(start, axis) > 0 || at(stop, axis) < at(at(operands, 0).type.shape, axis)) return undefined;
      const attrs = { start, stop: stop.with(axis, at(stop, axis) / count) };
      return { operands: [axis], result: axis, write: (b, mine) => b.emit("slice", mine, attrs) };
    }
    case "pad":
      return at(op.attrs.low, axis) + at(op.attrs.high, axis) > 0 ? undefined : same;
    case "concat":
      return op.attrs.axis === axis ? undefined : same;
    case "cumsum":
    case "cumprod":
      return op.attrs.axis === axis ? undefined : same;
    case "softmax":
    case "argsort":
      return axis === type.shape.length - 1 ? undefined : same;
    case "eigenvectors":
      return axis >= type.shape.length - 2 ? undefined : same;
    case "reduce_sum":
    case "reduce_max":
    case "reduce_min": {
      const gone = op.attrs.axes.includes(axis);
      if (gone) return op.kind === "reduce_sum" ? { operands: [axis], result: undefined } : undefined;
      return { operands: [axis], result: axis - op.attrs.axes.filter((d) => d < axis).length };
    }
    case "dot":
      return planOfDot(op, axes, operands);
    case "take": {
      const [table, index] = axes;
      const { batch } = op.attrs;
      if (index !== undefined) return { operands: [index < batch ? index : undefined, index], result: index };
      return table !== undefined && table < batch ? { operands: [table, table], result: table } : undefined;
    }
    case "scatter_add": {
      const [index, rows] = axes;
      const a = index ?? rows ?? 0;
      if (a >= at(operands, 0).type.shape.length) return undefined;
      return { operands: [a, a], result: a < op.attrs.batch ? a : undefined };
    }
    default:
      return undefined;
  }
}

/** The dimension of a reshaped value along which it is in the same parts. */
function axisAfter(from: readonly number[], axis: number, to: readonly number[], count: number): number | undefined {
  const before = sizeOf(from.slice(0, axis));
  let size = 1;
  for (const [d, n] of to.entries()) {
    if (size === before && n !== 1) return n % count === 0 ? d : undefined;
    size *= n;
  }
  return undefined;
}

function planOfDot(
  op: OpOf<"dot">,
  axes: readonly (number | undefined)[],
  operands: readonly Value[],
): Plan | undefined {
  const { batch, contract } = op.attrs;
  const shared = (side: 0 | 1): Plan | undefined => {
    const axis = axes[side];
    const b = batch.findIndex((pair) => pair[side] === axis);
    const c = contract.findIndex((pair) => pair[side] === axis);
    if (axis === undefined || (b < 0 && c < 0)) return undefined;
    return b >= 0 ? { operands: at(batch, b), result: b } : { operands: at(contract, c), result: undefined };
  };
  const free = (side: 0 | 1): number[] =>
    others(
      at(operands, side).type.shape.length,
      [...batch, ...contract].map((pair) => pair[side]),
    );
  const both = shared(0) ?? shared(1);
  if (both) return both;
  const [left, right] = axes;
  if (left !== undefined) return { operands: [left, undefined], result: batch.length + free(0).indexOf(left) };
  if (right === undefined) return undefined;
  return { operands: [undefined, right], result: batch.length + free(0).length + free(1).indexOf(right) };
}
