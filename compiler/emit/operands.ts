/** Access to what an op must have. */
import type { Op, Value } from "../ir/graph.js";

type Some = Pick<Op, "kind" | "operands" | "results">;

function operand(op: Some, i: number): Value {
  const v = op.operands[i];
  if (!v) throw new Error(`${op.kind} has no operand ${i}`);
  return v;
}

export const first = (op: Some): Value => operand(op, 0);
export const second = (op: Some): Value => operand(op, 1);
export const third = (op: Some): Value => operand(op, 2);

export function resultOf(op: Some): Value {
  const v = op.results[0];
  if (!v) throw new Error(`${op.kind} has no result`);
  return v;
}

export function at(list: readonly number[], i: number): number {
  const v = list[i];
  if (v === undefined) throw new Error(`no element ${i} of ${list.length}`);
  return v;
}

/** Whether the positions, known while compiling, hold no `none`. */
export function allPresent(index: Value): boolean {
  const op = index.op;
  if (op?.kind === "reshape" || op?.kind === "transpose" || op?.kind === "broadcast" || op?.kind === "slice") {
    const from = op.operands[0];
    return from !== undefined && allPresent(from);
  }
  if (op?.kind !== "constant") return false;
  const { data } = op.attrs;
  return typeof data === "number" ? data >= 0 : data.every((i: number) => i >= 0);
}
