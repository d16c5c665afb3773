import type { Diagnostic } from "../../grammar/diagnostic.js";
import { report } from "../diagnostics/create.js";
import type { Op } from "../ir/graph.js";
import type { Rule } from "./rule.js";

/**
 * As many tokens in another order of places: an encoder cuts squares, and a picture that is none has its tokens in longer rows. The axes fit, and
 * each token is compared with one of another place.
 */
export const tokens: Rule = (facts) =>
  facts.trains.flatMap((t): Diagnostic[] => {
    const merged = t.phases.flatMap((p) =>
      [p.program.module.main, ...p.program.module.fns.values()].flatMap((fn) => fn.ops.flatMap(gridsOf)),
    );
    const read = new Set(t.phases.flatMap((p) => [...p.frame.fields.values()].map((f) => f.instance)));
    const data = t.keys.get("data")?.value;
    const picture = data?.kind === "instance" ? data.instance : undefined;
    const related = picture
      ? [{ span: picture.given.get("image")?.setting.span ?? picture.declared, message: "the shape of a sample" }]
      : [];
    return facts.instances().flatMap((i): Diagnostic[] => {
      if (i.definition.decl.of !== "encoder" || !read.has(i.path)) return [];
      return [...i.given].flatMap(([, g]) => {
        if (g.value.kind !== "axes") return [];
        return g.value.axes.flatMap((a) => {
          const side = Math.sqrt(a.size ?? 0);
          const grids = merged.filter((m) => m.axis === a.name && m.rows * m.columns === a.size);
          const other = grids[0];
          if (!Number.isInteger(side) || !other || grids.some((m) => m.rows === side)) return [];
          return [
            report(
              "tokens-other-grid",
              { count: side * side, side, rows: other.rows, columns: other.columns },
              g.setting.span,
              { related },
            ),
          ];
        });
      });
    });
  });

/** Two dimensions merged into one. */
function gridsOf(op: Op): { axis: string; rows: number; columns: number }[] {
  const from = op.kind === "reshape" ? op.operands[0]?.type.shape : undefined;
  const to = op.results[0]?.type;
  if (!from || !to || from.length !== to.shape.length + 1) return [];
  const k = to.shape.findIndex((n, i) => n !== from[i]);
  const [rows, columns] = [from[k], from[k + 1]];
  if (rows === undefined || columns === undefined || rows * columns !== to.shape[k]) return [];
  return [{ axis: to.axes[k] ?? "", rows, columns }];
}
