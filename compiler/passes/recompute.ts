/** Writes a function out in the order of a schedule, copies and all. */
import { FnBuilder } from "../ir/builder.js";
import { none } from "../ir/constant.js";
import type { Fn, Value } from "../ir/graph.js";
import { at } from "../ir/table/row.js";
import { isPrimitive, type Primitive } from "../ir/table/table.js";
import { copyPrimitive, of } from "./rebuild.js";
import { num, type Schedule } from "./timeline.js";

/**
 * A copy that reads no other copy reads one operand `after` the late value that its first reader waits for: so it is another op than the
 * first one to every later pass, and an engine that orders ops by what they read does not compute it at once.
 */
export function recompute(fn: Fn, schedule: Schedule): Fn {
  const { order, split } = schedule;
  const b = new FnBuilder(fn.name, new Map());
  const first = new Map<Value, Value>();
  const second = new Map<Value, Value>();
  for (const p of fn.params) first.set(p, b.param(p.type, p.name));
  const makers = new Map(fn.ops.map((op, i) => [op, i]));
  let pin: Value | undefined;
  let pinned = new Map<Value, Value>();
  order.forEach((code, i) => {
    const op = at(fn.ops, code < 0 ? ~code : code);
    if (!isPrimitive(op)) throw new Error(`a call of ${op.attrs.fn} is not inlined`);
    b.origin = op.origin;
    if (code >= 0) {
      const late = code >= split;
      const operands = op.operands.map((v) => (late ? second.get(v) : undefined) ?? of(first, v));
      const made = copyPrimitive(b, op, operands);
      made.name = at(op.results, 0).name;
      first.set(at(op.results, 0), made);
      if (op.kind !== "constant") pin = made;
      return;
    }
    if (num(order, i - 1) >= 0) {
      // The first of the copies for one reader.
      pin = waitsFor(fn, order, i, split, makers, first) ?? pin;
      pinned = new Map();
    }
    const reads = op.operands.map((v) => second.get(v) ?? of(first, v));
    const apart = op.operands.some((v) => second.has(v)) || reads.length === 0 || !pin;
    second.set(at(op.results, 0), copyPrimitive(b, op, apart || !pin ? reads : pinOne(b, op, reads, pin, pinned)));
  });
  b.finish(fn.results.map((r) => of(first, r)));
  return b.fn;
}

/** Of the operands of the op that the copies from position `i` on are made for, the last that is made late. */
function waitsFor(
  fn: Fn,
  order: readonly number[],
  i: number,
  split: number,
  makers: ReadonlyMap<unknown, number>,
  first: ReadonlyMap<Value, Value>,
): Value | undefined {
  let end = i;
  while (num(order, end) < 0) end += 1;
  let best: Value | undefined;
  let place = split - 1;
  for (const v of at(fn.ops, num(order, end)).operands) {
    const made = makers.get(v.op) ?? -1;
    if (made > place && v.op?.kind !== "constant") {
      place = made;
      best = first.get(v);
    }
  }
  return best;
}

function pinOne(
  b: FnBuilder,
  op: Primitive,
  reads: readonly Value[],
  pin: Value,
  pinned: Map<Value, Value>,
): readonly Value[] {
  const which = reads.findIndex((v) => v.op?.kind !== "constant");
  const v = reads[which];
  if (!v) return reads;
  let late = pinned.get(v);
  if (!late) {
    late = b.append("after", [v, pin], none, v.type, op.origin);
    pinned.set(v, late);
  }
  return reads.with(which, late);
}
