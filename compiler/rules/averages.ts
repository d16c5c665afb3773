import { report } from "../diagnostics/create.js";
import type { Rule } from "./rule.js";

/** An average of weights must forget where they began, and must average. */
export const averages: Rule = ({ trains }) =>
  trains.flatMap((t) => {
    const key = t.keys.get("ema");
    if (!key) return [];
    return t.averages.flatMap(({ name, decay }) => {
      if (decay === 0) return [report("ema-zero", { name }, key.span)];
      // Weights loaded from a file are no random start.
      if (t.decl.keys.some((k) => k.name.text === "start")) return [];
      const left = decay ** t.steps;
      if (left <= 0.05) return [];
      const better = 1 - 5 / t.steps;
      return [
        report("ema-too-slow", { name, decay, steps: t.steps, percent: Math.round(left * 100) }, key.span, {
          help: better > 0 ? [`a decay of ${Number(better.toPrecision(2))} forgets them in time`] : [],
        }),
      ];
    });
  });
