/** In which order onnxruntime runs nodes: not as they are written. */
import type { Fn, Op } from "../../ir/graph.js";

/**
 * From the ops whose results no op reads, the last one first, each after what it reads, of that the last first: so the update of a weight
 * comes right after its gradient, and what reads only early values as late as it is asked for.
 */
export function executionOrder(fn: Fn): Fn {
  const places = new Map<Op, number>(fn.ops.map((op, i) => [op, i]));
  const makers = new Map(fn.ops.flatMap((op) => op.results.map((r) => [r, op] as const)));
  const read = new Set(fn.ops.flatMap((op) => op.operands));
  const done = new Set<Op>();
  const ops: Op[] = [];
  const stack = fn.ops.filter((op) => !op.results.some((r) => read.has(r))).map((op) => ({ op, left: false }));
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { op, left } = top;
    if (left) {
      ops.push(op);
      continue;
    }
    if (done.has(op)) continue;
    done.add(op);
    stack.push({ op, left: true });
    const before = new Set(op.operands.flatMap((v) => makers.get(v) ?? []));
    const sorted = [...before].sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
    for (const one of sorted) if (!done.has(one)) stack.push({ op: one, left: false });
  }
  return { ...fn, ops };
}

/**
 * The function with its ops in the order in which to write them, so that onnxruntime runs them in a good one. What only one of the ops at the
 * end needs (the update of a weight, its gradient) comes last, and what can be done first comes last of all.
 */
export function writtenOrder(fn: Fn): Fn {
  const places = new Map<Op, number>(fn.ops.map((op, i) => [op, i]));
  const makers = new Map(fn.ops.flatMap((op) => op.results.map((r) => [r, op] as const)));
  // The end that an op is for; `undefined` where there are several.
  const ends = new Map<Op, Op | undefined>();
  for (const op of fn.ops.toReversed()) {
    if (!ends.has(op)) ends.set(op, op);
    const end = ends.get(op);
    for (const v of op.operands) {
      const maker = makers.get(v);
      if (maker) ends.set(maker, !ends.has(maker) || ends.get(maker) === end ? end : undefined);
    }
  }
  // How many ops have to be done before one, in a row: where it stands says less, as what many share may stand at the first of them.
  const depths = new Map<Op, number>();
  const ready = new Map<Op, number>();
  for (const op of fn.ops) {
    let depth = 0;
    for (const v of op.operands) depth = Math.max(depth, depths.get(makers.get(v) ?? op) ?? 0);
    depths.set(op, depth + 1);
    const end = ends.get(op);
    if (!end) continue;
    for (const v of op.operands) {
      const maker = makers.get(v);
      if (maker && ends.get(maker) !== end) ready.set(end, Math.max(ready.get(end) ?? 0, depths.get(maker) ?? 0));
    }
  }
  const when = (op: Op): number => {
    const end = ends.get(op);
    return end ? (ready.get(end) ?? 0) : Number.POSITIVE_INFINITY;
  };
  const last = (op: Op): number => places.get(ends.get(op) ?? op) ?? 0;
  // What many ends need stays in its order, before all of them.
  const spine = fn.ops.filter((op) => !ends.get(op));
  const rest = fn.ops.filter((op) => ends.get(op));
  rest.sort((a, b) => when(b) - when(a) || last(a) - last(b) || (places.get(a) ?? 0) - (places.get(b) ?? 0));
  return { ...fn, ops: [...spine, ...rest] };
}
