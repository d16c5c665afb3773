/**
 * Text to tokens. First the lexer, written by hand because the library's costs more to set up than a spec costs to read. Then, from
 * right to left, rule J: which declaring words are keywords. Last the cap on nesting, which protects every recursion that comes later.
 */
import type { IToken } from "chevrotain";
import type { Diagnostic, Fix } from "./diagnostic.js";
import { reportSyntax } from "./messages.js";
import type { SourceFile, Span } from "./source.js";
import type { Token, TokenType } from "./tokens.js";
import * as t from "./tokens.js";
import type { Comment } from "./tree.js";

export interface Scan {
  readonly tokens: Token[];
  readonly comments: readonly Comment[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Brackets in brackets: more than anyone writes, few enough that no recursion over a tree runs out of stack. */
export const deepest = 100;

/** The tokens of a part of a file; offsets count from the start of the file. */
export function scan(source: SourceFile, from = 0, to = source.text.length): Scan {
  const lexer = new Lexer(source, from, to);
  lexer.run();
  const { tokens, comments, diagnostics } = lexer;
  markDeclaring(tokens);
  const kept = refuseDepth(tokens, source, diagnostics);
  return { tokens: kept, comments, diagnostics: diagnostics.sort((a, b) => a.span.pos - b.span.pos) };
}

/** What follows is looked at so that `5.`, `3x` and `1.2.3` are not torn into good halves; `1..3` is a range. */
const goodNumber = /\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d[\d_]*)?(?!\w|\.(?!\.))/y;
const badNumber = /\.\d\w*|\d\w*(?:\.(?!\.)\w*)*/y;
const word = /[A-Za-z_]\w*/y;
const restOfLine = /[^\r\n]*/y;
const restOfText = /"[^"\r\n]*"?/y;
/** The longer sign first. */
const sign = /<->|->|\.\.|==|!=|<=|>=|[{}()[\],:=~?|@+\-*/%^<>.]/y;
const blank = /[ \t\r\n\f\uFEFF]*/y;

class Lexer {
  readonly tokens: Token[] = [];
  readonly comments: Comment[] = [];
  readonly diagnostics: Diagnostic[] = [];
  private readonly text: string;
  private pos: number;
  private newline = false;
  private firstComment = 0;

  constructor(
    private readonly source: SourceFile,
    from: number,
    private readonly to: number,
  ) {
    this.text = source.text;
    this.pos = from;
  }

  run(): void {
    for (;;) {
      const blanks = this.match(blank);
      if (blanks.includes("\n")) this.newline = true;
      if (this.pos >= this.to) break;
      const code = this.text.charCodeAt(this.pos);
      if (isLetter(code)) this.word(code);
      else if (isDigit(code)) this.number();
      else if (code === 34) this.quoted();
      else if (code === 47 && this.text.charCodeAt(this.pos + 1) === 47) this.comment();
      else if (code === 46 && isDigit(this.text.charCodeAt(this.pos + 1))) this.number();
      else this.sign();
    }
    const [first, second] = this.tokens;
    if (first?.image === "language" && second?.tokenType === t.Int && !second.newline) retype(first, t.Language);
  }

  /** What fits here, cut off where the part to be read ends. */
  private match(pattern: RegExp): string {
    pattern.lastIndex = this.pos;
    if (!pattern.test(this.text)) return "";
    const start = this.pos;
    this.pos = Math.min(pattern.lastIndex, this.to);
    return this.text.slice(start, this.pos);
  }

  private push(image: string, type: TokenType): void {
    this.tokens.push({
      image,
      startOffset: this.pos - image.length,
      tokenType: type,
      tokenTypeIdx: type.tokenTypeIdx ?? 0,
      newline: this.newline,
      comments: this.comments.length,
      firstComment: this.firstComment,
      index: 0,
    });
    this.newline = false;
    this.firstComment = this.comments.length;
  }

  private placeOf(image: string): Span {
    return { source: this.source, pos: this.pos - image.length, end: this.pos };
  }

  /** After a dot that they touch, words of the language are members. */
  private word(code: number): void {
    const before = this.tokens[this.tokens.length - 1];
    const member = before?.tokenType === t.Dot && endOf(before) === this.pos;
    const image = this.match(word);
    if (isUpperCase(code)) this.push(image, t.Upper);
    else this.push(image, (member ? undefined : t.fixedWords.get(image)) ?? t.Lower);
  }

  private number(): void {
    const good = this.match(goodNumber);
    if (good !== "") {
      this.push(good, /[.eE]/.test(good) ? t.Float : t.Int);
      return;
    }
    const bad = this.match(badNumber);
    const better = /^\d[\d_]*\.$/.test(bad) ? `${bad}0` : /^\.[\d_]+$/.test(bad) ? `0${bad}` : undefined;
    const span = this.placeOf(bad);
    const fixes = better ? [replacement(`write \`${better}\``, span, better)] : [];
    this.diagnostics.push(reportSyntax("bad-number", { found: bad, better }, span, { fixes }));
    this.push(bad, t.Float);
  }

  /** A text ends at the end of its line, closed or not. */
  private quoted(): void {
    const image = this.match(restOfText);
    if (image.length < 2 || !image.endsWith('"')) {
      const { source, pos } = this.placeOf(image);
      const end = pos + image.trimEnd().length;
      const fixes = [insertion("close the quotes", source, end, '"')];
      this.diagnostics.push(reportSyntax("unclosed-string", undefined, { source, pos, end }, { fixes }));
    }
    this.push(image, t.Text);
  }

  private comment(): void {
    const image = this.match(restOfLine);
    const doc = image.startsWith("///") && !image.startsWith("////");
    this.comments.push({ kind: doc ? "doc" : "line", text: image.slice(doc ? 3 : 2), span: this.placeOf(image) });
  }

  private sign(): void {
    const image = this.match(sign);
    const type = t.signs.get(image);
    if (type) {
      this.push(image, type);
      return;
    }
    // One message for several strange characters in a row.
    const start = this.pos;
    while (this.pos < this.to && this.strange()) this.pos++;
    const found = this.text.slice(start, this.pos);
    const hint = signHints.get(found);
    this.diagnostics.push(
      reportSyntax("unknown-sign", { found, hint }, { source: this.source, pos: start, end: this.pos }),
    );
  }

  private strange(): boolean {
    const code = this.text.charCodeAt(this.pos);
    if (isLetter(code) || isDigit(code) || code === 34) return false;
    blank.lastIndex = this.pos;
    sign.lastIndex = this.pos;
    return !(blank.test(this.text) && blank.lastIndex > this.pos) && !sign.test(this.text);
  }
}

function isLetter(code: number): boolean {
  return isUpperCase(code) || (code >= 97 && code <= 122) || code === 95;
}

function isUpperCase(code: number): boolean {
  return code >= 65 && code <= 90;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

const signHints = new Map([
  ["#", "comments start with `//`"],
  [";", "a line break ends a statement"],
  ["'", 'texts stand in double quotes: `"…"`'],
  ["&", "write `and`"],
  ["&&", "write `and`"],
  ["||", "write `or`"],
  ["!", "write `not`"],
  ["“", 'texts stand in straight quotes: `"…"`'],
  ["”", 'texts stand in straight quotes: `"…"`'],
  ["×", "write `*`"],
  ["·", "write `*`"],
  ["−", "write `-`"],
  ["→", "write `->`"],
]);

export function retype(token: IToken, type: TokenType): void {
  token.tokenType = type;
  token.tokenTypeIdx = type.tokenTypeIdx ?? 0;
}

export function endOf(token: IToken): number {
  return token.startOffset + token.image.length;
}

export function insertion(title: string, source: SourceFile, pos: number, text: string): Fix {
  return replacement(title, { source, pos, end: pos }, text);
}

export function replacement(title: string, span: Span, text: string): Fix {
  return { title, edits: [{ span, text }] };
}

/** Rule J: from right to left, so that whether the next word is a keyword is already known. */
function markDeclaring(tokens: Token[]): void {
  let next: Token | undefined;
  for (let i = tokens.length - 1; i >= 0; i--) {
    const token = tokens[i];
    if (token?.tokenType === t.Lower && next && !next.newline) {
      const type = t.declaring.get(token.image);
      if (type && declares(type, next) && tokens[i - 1]?.tokenType !== t.Dot) retype(token, type);
    }
    next = token;
  }
}

function declares(type: TokenType, next: Token): boolean {
  if (next.tokenType === t.Lower || next.tokenType === t.Upper || next.tokenType === t.Text) return true;
  return (type === t.Log && next.tokenType === t.Every) || (type === t.Stop && next.tokenType === t.If);
}

/** A word that is legal only at the top level: items are never nested deeper, whatever brackets were lost. */
export function topOnly(token: Token | undefined, next: Token | undefined, after: Token | undefined): boolean {
  if (!token) return false;
  const type = token.tokenType;
  if (
    type === t.Use ||
    type === t.Param ||
    type === t.Preset ||
    type === t.Layout ||
    type === t.Sweep ||
    type === t.Train
  )
    return true;
  // With a colon it is an instance whose name is in the wrong case.
  return t.isA(token, t.Kind) && next?.tokenType === t.Upper && after?.tokenType !== t.Colon;
}

const openers = new Set<TokenType>([t.LeftParen, t.LeftBracket, t.LeftBrace]);
const closers = new Set<TokenType>([t.RightParen, t.RightBracket, t.RightBrace]);

export function opens(token: IToken): boolean {
  return openers.has(token.tokenType);
}

export function closes(token: IToken): boolean {
  return closers.has(token.tokenType);
}

function refuseDepth(tokens: Token[], source: SourceFile, diagnostics: Diagnostic[]): Token[] {
  let depth = 0;
  let refusedFrom: Token | undefined;
  let refused: Set<Token> | undefined;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (!token) continue;
    if (depth > 0 && topOnly(token, tokens[i + 1], tokens[i + 2])) {
      depth = 0;
      refusedFrom = undefined;
    }
    if (opens(token)) depth++;
    if (depth > deepest) {
      if (!refusedFrom) {
        refusedFrom = token;
        diagnostics.push(
          reportSyntax("too-deep", { limit: deepest }, { source, pos: token.startOffset, end: endOf(token) }),
        );
      }
      refused ??= new Set();
      refused.add(token);
    } else refusedFrom = undefined;
    if (closes(token)) depth = Math.max(0, depth - 1);
  }
  const gone = refused;
  return gone ? tokens.filter((token) => !gone.has(token)) : tokens;
}
