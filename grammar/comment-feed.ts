/** Gives the printer the comments of a file in order, and tells where its author broke lines. */
import { blankLine, cat, comment, type Doc } from "./doc.js";
import { endOf } from "./scan.js";
import type { Token, TokenType } from "./tokens.js";
import type { Comment, FileNode } from "./tree.js";

export class CommentFeed {
  private given = 0;
  private readonly text: string;
  private readonly comments: readonly Comment[];

  constructor(
    file: FileNode,
    private readonly tokens: readonly Token[],
  ) {
    this.text = file.span.source.text;
    this.comments = file.comments;
  }

  /** The comments before a place that have not been given yet. */
  before(pos: number): Doc {
    const found: Doc[] = [];
    for (let next = this.comments[this.given]; next && next.span.pos < pos; next = this.comments[++this.given])
      found.push(this.print(next));
    return found.length === 0 ? "" : cat(...found);
  }

  /** The comment on the rest of a line, after nothing but a comma. */
  after(end: number): Doc {
    const next = this.comments[this.given];
    if (!next || next.span.pos < end || !/^(\s*,)?[ \t\r]*$/.test(this.text.slice(end, next.span.pos))) return "";
    this.given++;
    return this.print(next);
  }

  /** Whether there are comments before a place that have not been given yet. */
  pending(pos: number): boolean {
    return (this.comments[this.given]?.span.pos ?? pos) < pos;
  }

  /** Whether a comment stands somewhere between two places. */
  holds(pos: number, end: number): boolean {
    return this.comments.some(({ span }) => span.pos >= pos && span.pos < end);
  }

  private print({ kind, text, span }: Comment): Doc {
    const lineStart = this.text.lastIndexOf("\n", span.pos - 1) + 1;
    const trails = this.text.slice(lineStart, span.pos).trim() !== "";
    const shown = `${kind === "doc" ? "///" : "//"}${text.trimEnd()}`;
    if (trails) return comment(shown, span.pos - lineStart);
    return this.blankBefore(span.pos) ? cat(blankLine, comment(shown, undefined)) : comment(shown, undefined);
  }

  /** Whether an empty line stands above what starts here. */
  blankBefore(pos: number): boolean {
    let breaks = 0;
    for (let i = pos - 1; i >= 0 && /\s/.test(this.text[i] ?? ""); i--) if (this.text[i] === "\n") breaks++;
    return breaks > 1;
  }

  /** Whether the author broke the line between two places. */
  broken(from: number, to: number): boolean {
    const at = this.text.indexOf("\n", from);
    return at !== -1 && at < to;
  }

  /** Where the first token at or after a place starts. */
  tokenAt(pos: number): number {
    return this.tokens[this.search(pos)]?.startOffset ?? this.text.length;
  }

  /** Where the next token of a type stands. */
  next(type: TokenType, pos: number): number {
    for (let i = this.search(pos); i < this.tokens.length; i++) {
      const token = this.tokens[i];
      if (token?.tokenType === type) return token.startOffset;
    }
    return this.text.length;
  }

  /** Where the token before a place ends. */
  endBefore(pos: number): number {
    const token = this.tokens[this.search(pos) - 1];
    return token ? endOf(token) : 0;
  }

  private search(pos: number): number {
    let low = 0;
    let high = this.tokens.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.tokens[middle]?.startOffset ?? pos) < pos) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
