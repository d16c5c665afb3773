/** The lines of a file that take part in a diagnostic, with every place on them underlined. */
import type { SourceFile, Span } from "../../../grammar/source.js";
import { type Palette, plain, type Style } from "./palette.js";
import { safeText, showLine } from "./text.js";

export interface Mark {
  readonly span: Span;
  readonly primary: boolean;
  /** Printed after the underline. */
  readonly label: string;
}

/** Rows of one frame: all marks of one file, ordered by line. `gutter` is the width of the widest line number of the diagnostic. */
export function frame(marks: readonly Mark[], gutter: number, style: Style, palette: Palette = plain): string[] {
  const blank = `${" ".repeat(gutter)} ${palette.frame("|")}`;
  const rows = [blank];
  for (const [number, here] of byLine(marks)) {
    const source = here[0]?.span.source;
    if (!source) continue;
    const line = source.line(number);
    const cuts = here.map((mark) => cutOf(mark, source, number, line));
    const shown = showLine(line, (cuts.find((cut) => cut.primary) ?? cuts[0])?.from ?? 0);
    rows.push(`${palette.frame(`${String(number).padStart(gutter)} |`)} ${shown.text}`.trimEnd());
    for (const row of layOut(cuts.map((cut) => place(cut, shown.columnOf(cut.from), shown.columnOf(cut.to)))))
      rows.push(`${blank} ${drawRow(row, style, palette)}`);
  }
  return rows;
}

/** Digits of the largest line number among the marks. */
export function gutterOf(marks: readonly Mark[]): number {
  return Math.max(1, ...marks.map(({ span }) => String(span.source.position(span.pos).line).length));
}

interface Cut {
  readonly primary: boolean;
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

interface Placed {
  readonly primary: boolean;
  readonly label: string;
  readonly column: number;
  readonly length: number;
}

function byLine(marks: readonly Mark[]): [number, Mark[]][] {
  const lines = new Map<number, Mark[]>();
  for (const mark of marks) {
    const { line } = mark.span.source.position(mark.span.pos);
    lines.set(line, [...(lines.get(line) ?? []), mark]);
  }
  return [...lines].sort(([a], [b]) => a - b);
}

/** The part of a mark on its first line; one that goes on says where it ends. */
function cutOf({ span, primary, label }: Mark, source: SourceFile, number: number, line: string): Cut {
  const from = Math.min(source.position(span.pos).column - 1, line.length);
  const end = source.position(Math.max(span.pos, span.end - 1));
  const to = end.line === number ? from + (span.end - span.pos) : line.trimEnd().length;
  const more = end.line === number ? "" : `to line ${end.line}`;
  return { primary, label: [label, more].filter(Boolean).join(", "), from, to: Math.min(to, line.length) };
}

function place({ primary, label }: Cut, column: number, end: number): Placed {
  return { primary, label: safeText(label), column, length: Math.max(1, end - column) };
}

/** Marks share a row as long as only the last one has a label. */
function layOut(marks: readonly Placed[]): Placed[][] {
  const rows: Placed[][] = [];
  for (const mark of [...marks].sort((a, b) => a.column - b.column || Number(b.primary) - Number(a.primary))) {
    const row = rows.at(-1);
    const last = row?.at(-1);
    if (row && last && last.label === "" && last.column + last.length < mark.column) row.push(mark);
    else rows.push([mark]);
  }
  return rows;
}

function drawRow(row: readonly Placed[], style: Style, palette: Palette): string {
  let text = "";
  let column = 0;
  for (const mark of row) {
    const paint = mark.primary ? palette[style] : palette.second;
    const underline = (mark.primary ? "^" : "-").repeat(mark.length);
    text +=
      " ".repeat(Math.max(0, mark.column - column)) + paint(mark.label ? `${underline} ${mark.label}` : underline);
    column = mark.column + mark.length;
  }
  return text;
}
