/** Names that a file brings in or declares and nothing reads. */
import type { Diagnostic, Edit } from "../../grammar/diagnostic.js";
import type { UseDecl } from "../../grammar/tree.js";
import { report } from "../diagnostics/create.js";
import type { Checker } from "./checker.js";

export function unusedImports(c: Checker): Diagnostic[] {
  if (c.file.library) return [];
  return c.file.tree.items.flatMap((item) => {
    if (item.kind !== "Use") return [];
    return item.names.flatMap((name, i) => {
      if (name.text === "" || !c.file.imports.has(name.text) || c.used.has(name.text) || c.poisoned.has(name.text))
        return [];
      const edits = [dropName(item, i)];
      return [
        report("unused-import", { name: name.text }, name.span, { fixes: [{ title: `drop ${name.text}`, edits }] }),
      ];
    });
  });
}

/** The name with its comma; the only name of a line takes the line along. */
function dropName(use: UseDecl, i: number): Edit {
  const name = use.names[i];
  const next = use.names[i + 1];
  const before = use.names[i - 1];
  const span = name?.span ?? use.span;
  if (next) return { span: { ...span, end: next.span.pos }, text: "" };
  if (before) return { span: { ...span, pos: before.span.end }, text: "" };
  const text = span.source.text;
  return { span: { ...use.span, end: text[use.span.end] === "\n" ? use.span.end + 1 : use.span.end }, text: "" };
}

/** In a file with plans, what no plan can reach is a leftover or a misspelling; a file without plans is there to be used by others. */
export function unusedItems(c: Checker): Diagnostic[] {
  const items = c.file.tree.items;
  const runs = items.some(
    (i) => i.kind === "Plan" || (i.kind === "Instance" && (i.of === "sample" || i.of === "evaluate")),
  );
  if (!runs) return [];
  return items.flatMap((item) => {
    if (item.kind !== "Definition" && item.kind !== "Fn" && item.kind !== "Instance" && item.kind !== "Param")
      return [];
    if (item.kind === "Instance" && (item.of === "sample" || item.of === "evaluate")) return [];
    // Objectives and optimizers are often declared side by side, to be swapped by hand.
    if (item.kind === "Instance" && (item.of === "objective" || item.of === "optimizer")) return [];
    if (item.name.text === "" || c.used.has(item.name.text)) return [];
    const what = item.kind === "Definition" || item.kind === "Instance" ? item.of : item.kind === "Fn" ? "fn" : "param";
    return [report("unused-definition", { name: item.name.text, what }, item.name.span)];
  });
}
