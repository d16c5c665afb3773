/** For programs: everything a diagnostic holds, places as lines, columns (from 1) and offsets (from 0). */
import type { Diagnostic, Fix } from "../../../grammar/diagnostic.js";
import type { Span } from "../../../grammar/source.js";
import { countsOf, type Report } from "../findings.js";

export function renderJson(report: Report): string {
  const diagnostics = report.diagnostics.map(diagnosticOf);
  return `${JSON.stringify({ version: 1, ...countsOf(report), checked: report.files, diagnostics }, undefined, 2)}\n`;
}

function diagnosticOf(d: Diagnostic) {
  return {
    code: d.code,
    severity: d.severity,
    message: d.message,
    ...whereOf(d.span),
    related: d.related.map((r) => ({ message: r.message, ...whereOf(r.span) })),
    help: d.help,
    notes: d.notes,
    fixes: d.fixes.map(fixOf),
  };
}

function fixOf(fix: Fix) {
  return { title: fix.title, edits: fix.edits.map((edit) => ({ ...whereOf(edit.span), text: edit.text })) };
}

function whereOf(span: Span) {
  const point = (offset: number) => ({ ...span.source.position(offset), offset });
  return { file: span.source.path, start: point(span.pos), end: point(span.end) };
}
