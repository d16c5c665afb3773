import type { Diagnostic } from "../../grammar/diagnostic.js";
import { report } from "../diagnostics/create.js";
import type { Rule } from "./rule.js";

/** The samples of a step come from `data:`; equations that read something else, or nothing, are most likely not meant. */
export const fields: Rule = (facts) =>
  facts.trains.flatMap((t): Diagnostic[] => {
    const data = t.keys.get("data");
    if (data?.value.kind !== "instance") return [];
    const path = data.value.instance.path;
    const read = new Set<string>();
    for (const p of t.phases) for (const f of p.frame.fields.values()) read.add(f.instance);
    const found: Diagnostic[] = [];
    for (const other of read) {
      const instance = facts.spec.sources.get(other);
      if (other === path || instance?.definition.decl.of !== "data") continue;
      found.push(
        report("other-data", { data: path, other }, data.span, {
          related: [{ span: instance.declared, message: `\`${other}\` is read too` }],
        }),
      );
    }
    if (found.length === 0 && !read.has(path)) found.push(report("data-not-read", { data: path }, data.span));
    return found;
  });
