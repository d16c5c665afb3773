/** For people: the message, every place that takes part, what to do. */
import type { Diagnostic } from "../../../grammar/diagnostic.js";
import { placeOf, type Report } from "../findings.js";
import { frame, gutterOf, type Mark } from "./frame.js";
import { type Palette, plain } from "./palette.js";
import { safeText } from "./text.js";

export function renderPretty(report: Report, palette: Palette = plain): string {
  return report.diagnostics.map((diagnostic) => `${renderOne(diagnostic, palette)}\n`).join("\n");
}

/** One diagnostic, without a line break at its end. */
export function renderOne(diagnostic: Diagnostic, palette: Palette = plain): string {
  const { code, severity, message, span } = diagnostic;
  const marks = marksOf(diagnostic);
  const gutter = gutterOf(marks);
  const edge = " ".repeat(gutter + 1);
  const rows = [`${palette[severity](`${severity}[${code}]`)}${palette.strong(`: ${safeText(message)}`)}`];
  const files = new Set([span.source, ...marks.map((mark) => mark.span.source)]);
  for (const file of files) {
    const here = marks.filter((mark) => mark.span.source === file);
    const first = here.find((mark) => mark.primary) ?? here[0];
    if (!first) continue;
    rows.push(`${edge}${palette.frame("-->")} ${safeText(placeOf(first.span))}`);
    rows.push(...frame(here, gutter, severity, palette));
  }
  const say = (word: string, text: string) => {
    const indent = " ".repeat(gutter + word.length + 5);
    rows.push(
      `${edge}${palette.frame("=")} ${palette.strong(`${word}:`)} ${safeText(text).replaceAll("\n", `\n${indent}`)}`,
    );
  };
  for (const help of diagnostic.help) say("help", help);
  for (const fix of diagnostic.fixes) if (!diagnostic.help.includes(fix.title)) say("help", fix.title);
  for (const note of diagnostic.notes) say("note", note);
  say("more", `dit explain ${code}`);
  return rows.join("\n");
}

/** A related place that is the primary one gives the primary its label. */
function marksOf({ span, related }: Diagnostic): Mark[] {
  const same = (other: Diagnostic["span"]) =>
    other.source === span.source && other.pos === span.pos && other.end === span.end;
  const label = related.filter((r) => same(r.span)).map((r) => r.message);
  const others = related.filter((r) => !same(r.span));
  return [
    { span, primary: true, label: label.join("; ") },
    ...others.map((r) => ({ span: r.span, primary: false, label: r.message })),
  ];
}
