/** Workflow commands: GitHub shows each as an annotation on the changed file. */
import type { Diagnostic } from "../../../grammar/diagnostic.js";
import { placeOf, type Report } from "../findings.js";

export function renderGithub(report: Report): string {
  return report.diagnostics.map((diagnostic) => `${commandOf(diagnostic)}\n`).join("");
}

function commandOf(d: Diagnostic): string {
  const start = d.span.source.position(d.span.pos);
  const end = d.span.source.position(Math.max(d.span.pos, d.span.end - 1));
  const properties = {
    file: d.span.source.path,
    line: start.line,
    endLine: end.line,
    col: start.column,
    endColumn: end.column,
    title: d.code,
  };
  const list = Object.entries(properties).map(([key, value]) => `${key}=${property(String(value))}`);
  const body = [
    d.message,
    ...d.related.map((r) => `${placeOf(r.span)}: ${r.message}`),
    ...d.help.map((text) => `help: ${text}`),
    ...d.notes.map((text) => `note: ${text}`),
  ];
  return `::${d.severity} ${list.join(",")}::${data(body.join("\n"))}`;
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
