import type { Diagnostic } from "../../grammar/diagnostic.js";
import type { Definition, Expr } from "../../grammar/tree.js";
import { report } from "../diagnostics/create.js";
import { visitExpr, visitStatement } from "../names/mentions.js";
import type { Rule } from "./rule.js";

/** What a model is handed and, with its settings, does not look at: a second time, a label. It trains as if that were not there. */
export const unread: Rule = (facts) => {
  const { handed } = facts.spec.ctx;
  const found = new Map<string, Diagnostic>();
  for (const { instance, input, given, call } of handed) {
    const key = `${instance.identity} ${input}`;
    const read = handed.some(
      (h) => h.instance.identity === instance.identity && h.input === input && h.body.read.has(input),
    );
    if (read || found.has(key)) continue;
    const { decl } = instance.definition;
    // A model that never reads it under any settings is made so.
    const conditions = conditionsOf(decl, input);
    if (conditions.length === 0) continue;
    const switches = [...new Set(conditions.flatMap((c) => (c.kind === "Name" ? [c.name] : [])))];
    const item = facts.main.tree.items.find((x) => x.span === instance.declared);
    const last = item?.kind === "Instance" ? item.ref.settings?.at(-1)?.span : undefined;
    found.set(
      key,
      report("input-not-read", { model: instance.name, input }, call, {
        related: [
          { span: instance.declared, message: `\`${decl.name.text}\` does not read \`${input}\` with these settings` },
          ...(given.source === call.source && given.pos === call.pos ? [] : [{ span: given, message: "given here" }]),
        ],
        help: switches.length > 0 ? [`it is read with ${switches.map((n) => `\`${n}: true\``).join(", ")}`] : [],
        fixes: switches.flatMap((n) =>
          last
            ? [{ title: `write ${n}: true`, edits: [{ span: { ...last, pos: last.end }, text: `, ${n}: true` }] }]
            : [],
        ),
      }),
    );
  }
  return [...found.values()];
};

/** Conditions under which a body reads a name. */
function conditionsOf(decl: Definition, name: string): Expr[] {
  const found: Expr[] = [];
  const reads = (e: Expr) => {
    const names = new Set<string>();
    visitExpr(e, { expr: (x) => void (x.kind === "Name" && names.add(x.name)) });
    return names.has(name);
  };
  if (decl.body === "extern") return found;
  for (const s of decl.body)
    visitStatement(s, {
      expr: (e) => void (e.kind === "If" && (reads(e.then) || reads(e.else)) && found.push(e.condition)),
    });
  return found;
}
