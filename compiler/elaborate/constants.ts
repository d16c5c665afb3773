/** Values that depend on nothing but the spec: position tables, and weights that start as one. */
import type { Value as Node, Op } from "../ir/graph.js";
import type { MainFrame } from "./frame.js";

/** The ops that make a value, again in `frame`; `undefined` where it depends on an input. */
export function copyConstant(node: Node, ops: readonly Op[], frame: MainFrame): Node | undefined {
  if (!node.op) return undefined;
  const copies = new Map<Node, Node>();
  const needed = new Set<Node>();
  const want = (n: Node): boolean => {
    if (needed.has(n)) return true;
    if (!n.op || n.op.kind === "call") return false;
    needed.add(n);
    return n.op.operands.every(want);
  };
  if (!want(node)) return undefined;
  for (const op of ops) {
    const r = op.results[0];
    if (!r || !needed.has(r) || op.kind === "call") continue;
    const operands = op.operands.map((o) => copies.get(o) as Node);
    copies.set(r, frame.builder.append(op.kind, operands, op.attrs as never, r.type, undefined));
  }
  return copies.get(node);
}
