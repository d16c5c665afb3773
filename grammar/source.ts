/** A text with a name, and places in it. Offsets are UTF-16 code units, `end` is exclusive. */
export class SourceFile {
  private lineStarts: number[] | undefined;

  constructor(
    /** As the user named it, or `std/…` for the library. */
    readonly path: string,
    readonly text: string,
  ) {}

  /** Line and column of an offset, both counted from 1. */
  position(offset: number): { line: number; column: number } {
    const starts = this.starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  }

  /** The text of a line counted from 1, without its line break. */
  line(number: number): string {
    const starts = this.starts();
    const from = starts[number - 1] ?? this.text.length;
    const to = starts[number] ?? this.text.length + 1;
    return this.text.slice(from, to - 1).replace(/\r$/, "");
  }

  get lineCount(): number {
    return this.starts().length;
  }

  private starts(): number[] {
    if (!this.lineStarts) {
      this.lineStarts = [0];
      for (let i = 0; i < this.text.length; i++) if (this.text.charCodeAt(i) === 10) this.lineStarts.push(i + 1);
    }
    return this.lineStarts;
  }
}

/** A place in a source text. */
export interface Span {
  readonly source: SourceFile;
  readonly pos: number;
  readonly end: number;
}

export function spanText(span: Span): string {
  return span.source.text.slice(span.pos, span.end);
}

export function contains(outer: Span, inner: Span): boolean {
  return outer.source === inner.source && inner.pos >= outer.pos && inner.end <= outer.end;
}

/** The smallest span that holds both; they must be of one file. */
export function joinSpans(a: Span, b: Span): Span {
  return { source: a.source, pos: Math.min(a.pos, b.pos), end: Math.max(a.end, b.end) };
}
