import { report } from "../diagnostics/create.js";
import { visitStatement } from "../names/mentions.js";
import type { Rule } from "./rule.js";

/** Weights that a step reads and no optimizer moves, where nobody said that they should stay. */
export const moved: Rule = (facts) =>
  facts.trains.flatMap((t) => {
    const meant = (path: string): boolean => {
      const declared = facts.spec.ctx.weights.get(path)?.declared;
      return declared !== undefined && facts.spec.ctx.still.has(declared);
    };
    let said = t.decl.keys.some((k) => k.name.text === "start");
    for (const s of t.decl.body)
      visitStatement(s, {
        expr: (e) => {
          if (e.kind === "Call" && e.callee.kind === "Name" && e.callee.name === "freeze") said = true;
        },
      });
    if (t.decl.body.some((s) => s.kind === "Minimize" && s.by.some((b) => b.over !== undefined))) said = true;
    if (said) return [];
    const still = new Set<string>();
    for (const p of t.phases)
      for (const i of p.program.inputs)
        if (i.role === "weight" && !t.covered.has(i.path) && !meant(i.path)) still.add(i.path);
    const [first] = still;
    if (first === undefined) return [];
    const at = facts.spec.ctx.weights.get(first)?.declared;
    const related = at ? [{ span: at, message: `\`${first}\`` }] : [];
    return [
      report("weight-not-moved", { weight: first, count: still.size, run: t.name }, t.decl.name.span, { related }),
    ];
  });
