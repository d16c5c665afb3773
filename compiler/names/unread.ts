import type { Definition, FnDecl } from "../../grammar/tree.js";
import type { Checker } from "./checker.js";
import { axisNamesOf } from "./declarations.js";
import type { Entry, EntryKind, Space } from "./space.js";

/** What nothing reads: a setting that has no effect is a promise not kept, a `let` that nobody reads is not even computed. */
export function reportUnused(c: Checker, s: Space, decl: Definition | FnDecl | undefined): void {
  if (c.file.library) return;
  const groups = new Set<object>();
  for (const e of s.entries.values()) if (e.uses > 0 && e.group) groups.add(e.group);
  for (const e of s.entries.values()) {
    if (e.uses > 0 || (e.group && groups.has(e.group))) continue;
    if (e.kind === "setting" && decl?.kind === "Definition") c.unread.push({ name: e.name, span: e.span, of: decl });
    else if (
      e.kind === "input" &&
      decl?.kind === "Definition" &&
      (decl.of === "loss" || decl.of === "metric") &&
      !bindsReadSize(s, e)
    )
      c.report("unused-input", { name: e.name, of: decl.name.text }, e.span);
    else if (e.kind === "let" || e.kind === "draw" || e.kind === "part" || e.kind === "weight" || e.kind === "fn")
      c.report("unused-name", { name: e.name, what: words[e.kind] ?? e.kind }, e.span);
  }
}

const words: Partial<Record<EntryKind, string>> = {
  let: "let",
  draw: "draw",
  part: "part",
  weight: "weight",
  fn: "fn",
};

/** An input may be there for the size of one of its axes. */
function bindsReadSize(s: Space, e: Entry): boolean {
  return axisNamesOf(e.type).some((n) => {
    const size = s.entries.get(n.text);
    return size !== undefined && size.uses > 0 && size.span === n.span;
  });
}
