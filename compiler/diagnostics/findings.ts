import type { Diagnostic } from "../../grammar/diagnostic.js";
import type { Span } from "../../grammar/source.js";

/** What a renderer gets: the diagnostics in order and the files that were looked at, clean ones too. */
export interface Report {
  readonly files: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface Counts {
  readonly files: number;
  readonly errors: number;
  readonly warnings: number;
}

/** Sorted by file and place, and each said once: files that import the same file find the same mistakes in it. */
export function reportOf(files: readonly string[], diagnostics: readonly Diagnostic[]): Report {
  const seen = new Set<string>();
  const unique = diagnostics.filter((d) => {
    const key = [d.span.source.path, d.span.pos, d.span.end, d.code, d.message].join("\0");
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  return { files, diagnostics: unique.sort(byPlace) };
}

export function countsOf(report: Report): Counts {
  const errors = report.diagnostics.filter((d) => d.severity === "error").length;
  return { files: report.files.length, errors, warnings: report.diagnostics.length - errors };
}

/** `ok: 14 files, 0 errors, 0 warnings` */
export function summaryOf({ files, errors, warnings }: Counts): string {
  const verdict = errors > 0 ? "failed" : "ok";
  return `${verdict}: ${plural(files, "file")}, ${plural(errors, "error")}, ${plural(warnings, "warning")}`;
}

/** `a.dit:22:17`, counted from 1. */
export function placeOf(span: Span): string {
  const { line, column } = span.source.position(span.pos);
  return `${span.source.path}:${line}:${column}`;
}

function plural(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? "" : "s"}`;
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  if (a.span.source.path !== b.span.source.path) return a.span.source.path < b.span.source.path ? -1 : 1;
  return a.span.pos - b.span.pos || a.span.end - b.span.end;
}
