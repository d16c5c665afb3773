/** Equations made again in another frame: constants (position tables, weights that start as one), and forms of a fixture's inputs. */
import type { Value as Node, Op } from "../ir/graph.js";
import type { MainFrame } from "./frame.js";

export interface CopyRules {
  /** What stands in the copy for a value that no op makes; without it there may be none. */
  readonly leaf?: (n: Node) => Node | undefined;
  /** Ops that may be copied; all if not said. */
  readonly kinds?: ReadonlySet<string>;
  /** Everything is a float in the copy. */
  readonly floats?: boolean;
}

/** The ops that make a value, again in `frame`; `undefined` where one of them may not be. */
export function copyOps(node: Node, ops: readonly Op[], frame: MainFrame, rules: CopyRules = {}): Node | undefined {
  const { leaf, kinds, floats = false } = rules;
  const copies = new Map<Node, Node>();
  const needed = new Set<Node>();
  const want = (n: Node): boolean => {
    if (needed.has(n) || copies.has(n)) return true;
    if (!n.op) {
      const copy = leaf?.(n);
      if (copy) copies.set(n, copy);
      return copy !== undefined;
    }
    if (n.op.kind === "call" || (kinds && !kinds.has(n.op.kind))) return false;
    needed.add(n);
    return n.op.operands.every(want);
  };
  if (!want(node)) return undefined;
  for (const op of ops) {
    const r = op.results[0];
    if (!r || !needed.has(r) || op.kind === "call") continue;
    const operands = op.operands.map((o) => copies.get(o) as Node);
    const type = floats ? { ...r.type, dtype: "float" as const } : r.type;
    copies.set(r, frame.builder.append(op.kind, operands, op.attrs as never, type, undefined));
  }
  return copies.get(node);
}
