/** `// allow(code): reason` above a line silences that warning there; one that silences nothing is reported. */
import type { Diagnostic } from "../../grammar/diagnostic.js";
import type { Span } from "../../grammar/source.js";
import { report } from "../diagnostics/create.js";
import type { FileSymbols } from "./symbols.js";

interface Allow {
  readonly code: string;
  readonly span: Span;
  /** The line it speaks of: the first below it that is no comment. */
  readonly line: number;
  used: boolean;
}

const form = /^\s*allow\(\s*([A-Za-z0-9-]*)\s*\)\s*(:\s*\S.*)?$/;

export function applyAllows(files: readonly FileSymbols[], diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const allows = new Map<FileSymbols["source"], Allow[]>();
  const found: Diagnostic[] = [];
  for (const file of files) {
    const list: Allow[] = [];
    for (const comment of file.tree.comments) {
      if (comment.kind !== "line") continue;
      const match = form.exec(comment.text);
      if (!match) continue;
      const line = lineBelow(file, comment.span);
      if (match[2]) list.push({ code: match[1] ?? "", span: comment.span, line, used: false });
      else found.push(report("allow-form", {}, comment.span));
    }
    if (list.length > 0) allows.set(file.source, list);
  }
  if (allows.size === 0) return [...diagnostics, ...found];
  const kept = diagnostics.filter((d) => {
    if (d.severity !== "warning") return true;
    const { line } = d.span.source.position(d.span.pos);
    const allow = allows.get(d.span.source)?.find((a) => a.code === d.code && a.line === line);
    if (allow) allow.used = true;
    return !allow;
  });
  // With errors about, later checks did not run: what an `allow` is for may not have been looked for.
  if (kept.some((d) => d.severity === "error")) return [...kept, ...found];
  for (const list of allows.values())
    for (const a of list)
      if (!a.used)
        found.push(
          report("unused-allow", { code: a.code }, a.span, {
            fixes: [{ title: "drop the comment", edits: [drop(a.span)] }],
          }),
        );
  return [...kept, ...found];
}

function lineBelow(file: FileSymbols, span: Span): number {
  let { line } = file.source.position(span.pos);
  do line += 1;
  while (line <= file.source.lineCount && /^\s*\/\//.test(file.source.line(line)));
  return line;
}

/** The whole line, if nothing else stands on it. */
function drop(span: Span): { span: Span; text: string } {
  const { text } = span.source;
  let pos = span.pos;
  while (pos > 0 && (text[pos - 1] === " " || text[pos - 1] === "\t")) pos -= 1;
  const alone = pos === 0 || text[pos - 1] === "\n";
  const end = alone && text[span.end] === "\n" ? span.end + 1 : span.end;
  return { span: { ...span, pos, end }, text: "" };
}
