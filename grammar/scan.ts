/**
 * Text to tokens: the lexer, then three passes. Left to right: line breaks, members, numbers, words. Right to left: rule J, which
 * declaring words are keywords. Left to right again: the cap on nesting, which protects every recursion that comes later.
 */
import { type IToken, Lexer } from "chevrotain";
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

let lexer: Lexer | undefined;

/** The tokens of a part of a file; offsets count from the start of the file. */
export function scan(source: SourceFile, from = 0, to = source.text.length): Scan {
  lexer ??= new Lexer(t.lexerVocabulary, {
    positionTracking: "onlyOffset",
    ensureOptimizations: true,
    skipValidations: true,
  });
  const result = lexer.tokenize(source.text.slice(from, to));
  const diagnostics: Diagnostic[] = [];
  const comments = (result.groups.comments ?? []).map((token) => commentOf(token, source, from));
  const tokens = result.tokens as Token[];
  for (const error of result.errors) {
    const pos = from + Math.max(0, error.offset);
    const end = Math.min(pos + error.length, source.text.length);
    const found = source.text.slice(pos, end).trim();
    diagnostics.push(reportSyntax("unknown-sign", { found, hint: signHints.get(found) }, { source, pos, end }));
  }
  markPlaces(tokens, source, from, comments);
  markWords(tokens, source, diagnostics);
  markDeclaring(tokens);
  const kept = refuseDepth(tokens, source, diagnostics);
  return { tokens: kept, comments, diagnostics: diagnostics.sort((a, b) => a.span.pos - b.span.pos) };
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

function commentOf(token: IToken, source: SourceFile, from: number): Comment {
  const pos = from + token.startOffset;
  const doc = token.image.startsWith("///") && !token.image.startsWith("////");
  return {
    kind: doc ? "doc" : "line",
    text: token.image.slice(doc ? 3 : 2),
    span: { source, pos, end: pos + token.image.length },
  };
}

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

function markPlaces(tokens: Token[], source: SourceFile, from: number, comments: readonly Comment[]): void {
  const text = source.text;
  let lineBreak = text.indexOf("\n", from);
  let comment = 0;
  let before = 0;
  for (const token of tokens) {
    const start = token.startOffset + from;
    token.startOffset = start;
    token.newline = lineBreak !== -1 && lineBreak < start;
    // A break inside the token itself is impossible, so the next one is looked for from its start.
    if (token.newline) lineBreak = text.indexOf("\n", start);
    while (comment < comments.length && (comments[comment]?.span.pos ?? start) < start) comment++;
    token.firstComment = before;
    token.comments = comment;
    before = comment;
  }
}

function markWords(tokens: Token[], source: SourceFile, diagnostics: Diagnostic[]): void {
  let before: Token | undefined;
  for (const token of tokens) {
    const pos = token.startOffset;
    if (token.tokenType === t.Word) {
      const member = before?.tokenType === t.Dot && endOf(before) === pos;
      const code = token.image.charCodeAt(0);
      if (code >= 65 && code <= 90) retype(token, t.Upper);
      else
        retype(
          token,
          (member ? undefined : (t.reserved.get(token.image) ?? t.connectives.get(token.image))) ?? t.Lower,
        );
    } else if (token.tokenType === t.Digits) {
      retype(token, /[.eE]/.test(token.image) ? t.Float : t.Int);
    } else if (token.tokenType === t.BadDigits || token.tokenType === t.BadFraction) {
      const whole = /^\d[\d_]*\.$/.test(token.image);
      const better = whole ? `${token.image}0` : token.tokenType === t.BadFraction ? `0${token.image}` : undefined;
      const span = { source, pos, end: endOf(token) };
      const fixes = better ? [replacement(`write \`${better}\``, span, better)] : [];
      diagnostics.push(reportSyntax("bad-number", { found: token.image, better }, span, { fixes }));
      retype(token, t.Float);
    } else if (token.tokenType === t.OpenText) {
      const end = pos + token.image.trimEnd().length;
      const fixes = [insertion("close the quotes", source, end, '"')];
      diagnostics.push(reportSyntax("unclosed-string", undefined, { source, pos, end }, { fixes }));
      retype(token, t.Text);
    }
    before = token;
  }
  const [first, second] = tokens;
  if (first?.image === "language" && second?.tokenType === t.Int && !second.newline) retype(first, t.Language);
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
