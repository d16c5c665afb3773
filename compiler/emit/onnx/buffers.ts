/** How much memory onnxruntime plans for a function: more than lives at any moment. */
import type { DType, Fn, Op, Value } from "../../ir/graph.js";
import { elements } from "../../ir/types.js";
import { elementwise, rootOf, viewRoots } from "../../passes/liveness.js";

interface Buffer {
  readonly kind: string;
  readonly bytes: number;
  readonly first: number;
  last: number;
  /** Reads of what lies in it that are still to come. */
  reads: number;
}

/**
 * The most bytes at once of the values made in a function, in the order of its ops. A tensor gets the memory of the last one of the same type
 * and shape that nobody reads any more, and that memory stays from the first tensor in it to the last: in between it is there for nothing.
 * What the function gives has memory of its own. `inner`: of the bodies of loops, by name.
 * Source: onnxruntime, `core/framework/allocation_planner.cc`, `ComputeReusePlan`.
 */
export function plannedBytes(fn: Fn, sizes: Record<DType, number>, inner: ReadonlyMap<string, number>): number {
  const roots = viewRoots(fn);
  const given = new Set(fn.results.map((r) => rootOf(roots, r)));
  const reads = new Map<Value, number>();
  for (const op of fn.ops)
    for (const x of op.operands) reads.set(rootOf(roots, x), (reads.get(rootOf(roots, x)) ?? 0) + 1);
  const held = new Map<Value, Buffer>();
  const all: Buffer[] = [];
  const idle = new Map<string, Buffer[]>();
  const release = (buffer: Buffer): void => {
    const list = idle.get(buffer.kind);
    if (list) list.push(buffer);
    else idle.set(buffer.kind, [buffer]);
  };
  /** Memory of an operand that dies with this op, where the result may be written over it. */
  const overwritten = (op: Op, kind: string): Buffer | undefined => {
    if (!elementwise.has(op.kind)) return undefined;
    const buffers = op.operands.flatMap((x) => held.get(rootOf(roots, x)) ?? []);
    return buffers.find((b) => b.reads === 1 && b.kind === kind);
  };
  for (const [i, op] of fn.ops.entries()) {
    for (const r of op.results) {
      if (roots.has(r)) continue;
      const kind = `${r.type.dtype} ${r.type.shape.join()}`;
      const old = given.has(r) ? undefined : (overwritten(op, kind) ?? idle.get(kind)?.pop());
      const buffer = old ?? { kind, bytes: elements(r.type) * sizes[r.type.dtype], first: i, last: i, reads: 0 };
      if (!old) all.push(buffer);
      buffer.reads += reads.get(r) ?? 0;
      buffer.last = given.has(r) ? fn.ops.length : i;
      held.set(r, buffer);
      if (buffer.reads === 0 && !given.has(r)) release(buffer);
    }
    for (const x of op.operands) {
      const root = rootOf(roots, x);
      const buffer = held.get(root);
      if (!buffer) continue;
      buffer.reads--;
      buffer.last = Math.max(buffer.last, i);
      if (buffer.reads === 0 && !given.has(root)) release(buffer);
    }
  }
  const change = new Float64Array(fn.ops.length + 2);
  for (const { first, last, bytes } of all) {
    change[first] = (change[first] ?? 0) + bytes;
    change[last + 1] = (change[last + 1] ?? 0) - bytes;
  }
  let now = 0;
  let peak = 0;
  for (const [i, op] of fn.ops.entries()) {
    now += change[i] ?? 0;
    peak = Math.max(peak, now + (op.kind === "call" ? (inner.get(op.attrs.fn) ?? 0) : 0));
  }
  return peak;
}
