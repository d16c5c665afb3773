import type { Module } from "../ir/graph.js";
import { callShortcuts, copyCall, emitAgain, type Rewrite, rebuild } from "./rebuild.js";

/** Builds everything anew: constants that only now are seen to be such are computed, ops that do nothing go. */
export function fold(module: Module): Module {
  return rebuild(module, folding);
}

export const folding: Rewrite = {
  primitive: emitAgain,
  call: (b, op, operands, callee) => {
    if (!callee) return undefined;
    const short = callShortcuts(b, op, operands, callee);
    if (short.length > 0 && short.every((v) => v)) return short;
    const results = copyCall(b, op, operands, callee);
    return results.map((r, i) => short[i] ?? r);
  },
};
