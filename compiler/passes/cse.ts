import { sameConstant } from "../ir/constant.js";
import type { Module, Op, OpOf, Value } from "../ir/graph.js";
import { copyCall, copyPrimitive, rebuild } from "./rebuild.js";

/** Ops and calls that equal an earlier one of their function are replaced by it. */
export function cse(module: Module): Module {
  let seen = new Map<string, Op[]>();
  return rebuild(module, {
    enter: () => {
      seen = new Map();
    },
    primitive: (b, op, operands) => {
      const key = op.kind === "constant" ? constantKey(op) : keyOf(op, operands);
      const twin = seen.get(key)?.find((o) => op.kind !== "constant" || equals(o, op));
      if (twin) return twin.results[0];
      const made = copyPrimitive(b, op, operands);
      if (made.op) remember(seen, key, made.op);
      return made;
    },
    call: (b, op, operands, callee) => {
      const key = keyOf(op, operands);
      const twin = seen.get(key)?.[0];
      if (twin?.kind === "call") return op.results.map((_, i) => b.resultOf(twin, i));
      if (!callee) return undefined;
      const results = copyCall(b, op, operands, callee);
      const made = b.fn.ops.at(-1);
      if (made) remember(seen, key, made);
      return results;
    },
  });
}

function remember(seen: Map<string, Op[]>, key: string, op: Op): void {
  const list = seen.get(key);
  if (list) list.push(op);
  else seen.set(key, [op]);
}

function keyOf(op: Op, operands: readonly Value[]): string {
  let ids = "";
  for (const v of operands) ids += `${v.id} `;
  return `${op.kind} ${ids}${JSON.stringify(op.attrs)}`;
}

/** Not the whole data: it may be long. */
function constantKey({ attrs: { dtype, shape, axes, data } }: OpOf<"constant">): string {
  const sample =
    typeof data === "number"
      ? Object.is(data, -0)
        ? "-0"
        : data
      : `${data.length} ${data[0]} ${data[data.length >> 1]}`;
  return `constant ${dtype}[${shape}|${axes}] ${sample}`;
}

function equals(o: Op, op: OpOf<"constant">): boolean {
  return o.kind === "constant" && sameConstant(o.attrs, op.attrs);
}
