/** How a line of somebody's file looks in a terminal: tabs and control characters made visible, wide characters measured. */

const tab = 4;

export interface Shown {
  readonly text: string;
  /** Column on the screen (from 0) of an offset in the line. */
  columnOf(offset: number): number;
}

/** A line as printed, at most `limit` columns wide around `focus`; what is cut is marked by `…`. */
export function showLine(line: string, focus: number, limit = 200): Shown {
  const from = line.length > limit ? Math.max(0, Math.min(focus - (limit >> 1), line.length - limit)) : 0;
  const to = Math.min(line.length, from + limit);
  const columns: number[] = [];
  let text = from > 0 ? "…" : "";
  let column = text.length;
  for (let i = from; i < to; ) {
    const point = line.codePointAt(i) ?? 0;
    const units = point > 0xffff ? 2 : 1;
    for (let k = 0; k < units; k++) columns.push(column);
    const piece = point === 9 ? " ".repeat(tab) : printable(point);
    text += piece;
    column += point === 9 ? tab : width(point);
    i += units;
  }
  columns.push(column);
  if (to < line.length) text += "…";
  const last = columns.length - 1;
  return { text, columnOf: (offset) => columns[Math.min(last, Math.max(0, offset - from))] ?? 0 };
}

/** Text that cannot move the cursor or colour the screen; line breaks stay. */
export function safeText(text: string): string {
  return Array.from(text, (c) => (c === "\n" ? c : c === "\t" ? " " : printable(c.codePointAt(0) ?? 0))).join("");
}

/** Control characters become the pictures of Unicode, bidirectional marks and lone surrogates the replacement character. */
function printable(point: number): string {
  if (point < 32) return String.fromCodePoint(0x2400 + point);
  if (point === 127) return "\u2421";
  const hidden =
    (point >= 0x80 && point < 0xa0) ||
    (point >= 0xd800 && point < 0xe000) ||
    (point >= 0x200e && point <= 0x200f) ||
    (point >= 0x2028 && point <= 0x202e) ||
    (point >= 0x2066 && point <= 0x2069) ||
    point === 0xfeff;
  return hidden ? "\ufffd" : String.fromCodePoint(point);
}

/** Columns a character takes: 0 if it combines with the one before, 2 if it is of the wide East Asian kind or an emoji. */
function width(point: number): number {
  if ((point >= 0x300 && point < 0x370) || point === 0x200d || (point >= 0xfe00 && point <= 0xfe0f)) return 0;
  const wide =
    (point >= 0x1100 && point <= 0x115f) ||
    (point >= 0x2e80 && point <= 0xa4cf) ||
    (point >= 0xac00 && point <= 0xd7a3) ||
    (point >= 0xf900 && point <= 0xfaff) ||
    (point >= 0xff00 && point <= 0xff60) ||
    (point >= 0x1f300 && point <= 0x1faff) ||
    (point >= 0x20000 && point <= 0x3fffd);
  return wide ? 2 : 1;
}
