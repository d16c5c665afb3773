/**
 * What all rules share: the session of one parse, spans, one diagnostic a mistake, and the lists in which parsing goes on after a
 * mistake. The recovery of the parser library is off; ours follows spec/language.md: signs may be put in, names and values never, and
 * after each entry of a list everything that cannot start the next one is skipped as one mistake.
 */
import { EmbeddedActionsParser, type IToken, isRecognitionException } from "chevrotain";
import type { Diagnostic, Extras } from "./diagnostic.js";
import { reportSyntax, type SyntaxArgs, type SyntaxCode } from "./messages.js";
import { closes, endOf, insertion, opens, replacement, retype, type Scan, topOnly } from "./scan.js";
import { SourceFile, type Span } from "./source.js";
import type { Token, TokenType } from "./tokens.js";
import * as t from "./tokens.js";
import type { Name } from "./tree.js";

/** Thrown to give up the entry at hand; the list it stands in catches it. One object: nobody reads its stack. */
class GiveUp extends Error {
  override readonly name = "GiveUp";
}
const giveUp = new GiveUp();
/** An entry that was given up. */
const lost = Symbol("lost");
const noDoc = {};
/** How many tokens are looked through for the partner of a bracket: a hostile file must not cost more than its length. */
export const lookBack = 300;
/** What follows a name that is declared in a list. */
const afterName = new Set([t.Colon, t.Comma, t.Equal, t.RightParen, t.RightBracket]);

/** Entries of one list and how it goes on after a broken one. */
export interface List {
  /** As the reader would call an entry: "a setting". */
  readonly entry: string;
  readonly closer: TokenType | undefined;
  /** A sign other than the closer with which the list may end. */
  readonly ender?: TokenType;
  /** `comma`: a comma stands between entries. `line`: a comma or a line break (rule C). `none`: nothing. */
  readonly between: "comma" | "line" | "none";
  /** Whether an entry starts at the token `ahead`, counted from 1. */
  readonly starts: (ahead: number) => boolean;
  /** Whether skipping stops at it: something that surely starts an entry. */
  readonly stops: (ahead: number) => boolean;
  /** Entries are mistakes of their own: after one, the next may be reported. */
  readonly afresh: boolean;
  /** Tries to mend what stands here so that it starts an entry. */
  readonly mend?: (() => void) | undefined;
}

export abstract class ParserBase extends EmbeddedActionsParser {
  protected source = new SourceFile("", "");
  protected diagnostics: Diagnostic[] = [];
  private lexical: readonly Diagnostic[] = [];
  protected comments: Scan["comments"] = [];
  /** Set by a report, cleared where parsing is in step again: one mistake, one message. */
  private quiet = false;
  private inStepFrom = 0;
  /** The construct being read, for messages: "`model net`". */
  protected where = "the file";
  /** Every name declared in the item being read. */
  protected declared = new Set<string>();
  /** How many `if … then` or result types stand in one another: nesting without brackets. */
  protected depth = 0;

  constructor(skipValidations: boolean) {
    super([...t.vocabulary], {
      recoveryEnabled: false,
      maxLookahead: 1,
      skipValidations,
      nodeLocationTracking: "none",
    });
  }

  /** Makes the parser ready for tokens of a file. */
  protected begin(source: SourceFile, scan: Scan, tokens: Token[]): void {
    this.source = source;
    this.comments = scan.comments;
    this.lexical = scan.diagnostics;
    this.diagnostics = [];
    this.where = "the file";
    this.depth = 0;
    tokens.forEach((token, i) => {
      token.index = i;
    });
    this.inStep(tokens[0]?.startOffset ?? 0);
    this.input = tokens;
  }

  // ------------------------------------------------------------------------------------------------------------------- tokens

  protected ahead(n: number): Token {
    return this.LA(n) as Token;
  }

  protected next(type: TokenType, ahead = 1): boolean {
    return t.isA(this.LA(ahead), type);
  }

  protected get atEnd(): boolean {
    return !(this.LA(1).startOffset >= 0);
  }

  /** Where the last consumed token ends. */
  protected lastEnd(): number {
    const last = this.LA(0);
    return last.startOffset >= 0 ? endOf(last) : this.inStepFrom;
  }

  /** Where the next token starts; at the end of the input, where the last one ends. */
  protected here(): number {
    const next = this.LA(1);
    return next.startOffset >= 0 ? next.startOffset : this.lastEnd();
  }

  protected spanFrom(pos: number): Span {
    return { source: this.source, pos, end: Math.max(pos, this.lastEnd()) };
  }

  protected spanOf(token: IToken): Span {
    // While the grammar is recorded, rules run on stand-ins that are no tokens.
    if (this.RECORDING_PHASE) return { source: this.source, pos: 0, end: 0 };
    return { source: this.source, pos: token.startOffset, end: endOf(token) };
  }

  /** The empty place after the last token. */
  protected gap(): Span {
    const end = this.lastEnd();
    return { source: this.source, pos: end, end };
  }

  protected nameOf(token: IToken): Name {
    return { text: this.RECORDING_PHASE ? "" : token.image, span: this.spanOf(token) };
  }

  /** The doc comment above the next token, ready to be spread into a node. */
  protected doc(): { readonly doc?: string } {
    if (this.RECORDING_PHASE) return noDoc;
    const token = this.ahead(1);
    if (token.comments === token.firstComment) return noDoc;
    let doc: string | undefined;
    for (let i = token.firstComment; i < token.comments; i++) {
      const comment = this.comments[i];
      // One that trails the entry before belongs to nothing.
      if (comment?.kind !== "doc" || !this.startsLine(comment.span.pos)) continue;
      doc = doc === undefined ? comment.text.trim() : `${doc}\n${comment.text.trim()}`;
    }
    return doc === undefined ? noDoc : { doc };
  }

  private startsLine(pos: number): boolean {
    return this.source.text.slice(this.source.text.lastIndexOf("\n", pos - 1) + 1, pos).trim() === "";
  }

  // ------------------------------------------------------------------------------------------------------------------ reports

  protected report<K extends SyntaxCode>(code: K, args: SyntaxArgs<K>, span: Span, extras?: Extras): void {
    if (this.RECORDING_PHASE || this.quiet) return;
    this.quiet = true;
    // What the lexer has said about this stretch is the cause of whatever follows.
    if (this.saidWithin(this.inStepFrom, span.end)) return;
    this.diagnostics.push(reportSyntax(code, args, span, extras));
  }

  /** A finding about text that was read without trouble: always reported, and parsing stays in step. */
  protected remark<K extends SyntaxCode>(code: K, args: SyntaxArgs<K>, span: Span, extras?: Extras): void {
    if (this.RECORDING_PHASE || this.quiet) return;
    if (this.saidWithin(span.pos, span.end - 1)) return;
    this.diagnostics.push(reportSyntax(code, args, span, extras));
  }

  /** Whether the lexer has complained about something that starts between two places, both included. */
  private saidWithin(from: number, to: number): boolean {
    let low = 0;
    let high = this.lexical.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.lexical[middle]?.span.pos ?? from) < from) low = middle + 1;
      else high = middle;
    }
    const said = this.lexical[low];
    return said !== undefined && said.span.pos <= to;
  }

  /** Forgets the mistake before: what stands here is a new beginning. */
  protected afresh(): void {
    this.inStep(this.here());
  }

  private inStep(from: number): void {
    this.quiet = false;
    this.inStepFrom = from;
  }

  protected describe(token: IToken): string {
    return `\`${token.image.length > 40 ? `${token.image.slice(0, 40)}…` : token.image}\``;
  }

  /** Something else stands here; the construct that was being read is given up. */
  protected fail(wants: string): never {
    this.unexpected(wants);
    throw giveUp;
  }

  protected giveUp(): never {
    throw giveUp;
  }

  protected isGiveUp(error: unknown): boolean {
    return error === giveUp || (error instanceof Error && isRecognitionException(error));
  }

  /** What is wanted here does not stand here; on this line, or (`anywhere`) before whatever comes next. */
  protected unexpected(wants: string, anywhere = false): void {
    const over = this.atEnd || (!anywhere && this.ahead(1).newline);
    const found = over ? "the end of the line" : this.describe(this.LA(1));
    this.report("unexpected", { where: this.where, wants, found }, over ? this.gap() : this.spanOf(this.LA(1)));
  }

  // -------------------------------------------------------------------------------------------------------- names and signs

  /** A name that is declared here: lower case and no word of the language. */
  protected binder(idx: number, what = "a name"): Name {
    this.expectLower(what);
    const name = this.nameOf(this.consume(idx, t.Lower));
    if (!this.RECORDING_PHASE) this.declared.add(name.text);
    return name;
  }

  /** A lower-case name that is only mentioned. */
  protected lower(idx: number, what = "a name"): Name {
    this.expectLower(what);
    return this.nameOf(this.consume(idx, t.Lower));
  }

  private expectLower(what: string): void {
    if (this.RECORDING_PHASE) return;
    const token = this.ahead(1);
    if (t.isA(token, t.Lower)) return;
    if (token.tokenType === t.Upper) {
      this.mendName();
    } else if (t.isA(token, t.Reserved) && !token.newline) {
      this.remark("reserved-name", { found: token.image }, this.spanOf(token));
      retype(token, t.Lower);
    } else if (t.isA(token, t.Declaring) && !token.newline) {
      // Rule J took it for a keyword because of what follows; here it can only be a name.
      retype(token, t.Lower);
    } else this.fail(what);
  }

  /** Takes an upper-case name for the value that it must mean here. */
  protected mendName(ahead = 1): void {
    const token = this.ahead(ahead);
    if (t.isA(token, t.Reserved) && afterName.has(this.LA(ahead + 1).tokenType)) {
      this.remark("reserved-name", { found: token.image }, this.spanOf(token));
      retype(token, t.Lower);
    }
    if (token.tokenType !== t.Upper) return;
    const better = token.image.charAt(0).toLowerCase() + token.image.slice(1);
    const fixes = [replacement(`write \`${better}\``, this.spanOf(token), better)];
    this.remark("value-in-upper-case", { found: token.image, better }, this.spanOf(token), { fixes });
    retype(token, t.Lower);
  }

  protected upper(idx: number, what: string): Name {
    if (!this.RECORDING_PHASE && !this.next(t.Upper)) {
      const token = this.ahead(1);
      if (t.isA(token, t.Lower) && !token.newline) {
        const better = token.image.charAt(0).toUpperCase() + token.image.slice(1);
        this.remark("definition-in-lower-case", { found: token.image, better }, this.spanOf(token), {
          fixes: [replacement(`write \`${better}\``, this.spanOf(token), better)],
        });
        retype(token, t.Upper);
      } else this.fail(what);
    }
    return this.nameOf(this.consume(idx, t.Upper));
  }

  /** A word or sign without which the construct makes no sense. */
  protected keyword(idx: number, type: TokenType, wants: string): IToken {
    if (!this.RECORDING_PHASE && !this.next(type)) this.fail(wants);
    return this.consume(idx, type);
  }

  /** A sign that may be put in where it is missing and what stands there could follow it. */
  protected sign(idx: number, type: TokenType, follows: boolean, wants = `\`${String(type.PATTERN)}\``): void {
    if (!this.RECORDING_PHASE && this.LA(1).tokenType !== type) {
      if (!follows) this.fail(wants);
      this.missing(String(type.PATTERN));
      return;
    }
    this.consume(idx, type);
  }

  /** `{`; a keyword where it is missing counts as one (then the body is read as if it were there). */
  protected openBrace(idx: number, follows: boolean): IToken | undefined {
    if (!this.RECORDING_PHASE && this.LA(1).tokenType !== t.LeftBrace) {
      if (!follows && !this.startsStatement(1)) this.fail("`{`");
      this.missing("{");
      return undefined;
    }
    return this.consume(idx, t.LeftBrace);
  }

  /** `)`, `]` or `}`; put in where it is missing. The wrong one in its place is one mistake, unless it closes something further out. */
  protected close(idx: number, type: TokenType, opener: IToken | undefined): void {
    if (!this.RECORDING_PHASE && this.LA(1).tokenType !== type) {
      const found = this.ahead(1);
      const wants = String(type.PATTERN);
      if (this.wrongCloser(found, type)) {
        this.report("wrong-bracket", { wants, found: found.image }, this.spanOf(found), {
          ...this.openedAt(opener),
          fixes: [replacement(`write \`${wants}\``, this.spanOf(found), wants)],
        });
        this.SKIP_TOKEN();
      } else this.missing(wants, opener);
      return;
    }
    this.consume(idx, type);
  }

  /** A closer of another sort that closes nothing else: `[a, b)`, on the line of the opener. */
  private wrongCloser(token: Token, type: TokenType | undefined): boolean {
    if (!closes(token) || token.tokenType === type || token.newline || this.closesOuter(token)) return false;
    for (let i = token.index, depth = 0; i >= Math.max(0, token.index - lookBack); i--) {
      const before = this.input[i] as Token | undefined;
      if (!before) break;
      if (i > 0 && opens(before) && depth-- === 0) return true;
      if (closes(before) && before !== token) depth++;
      if (before.newline) return false;
    }
    return false;
  }

  /** Whether it closes a bracket around the one at hand. */
  private closesOuter(token: Token): boolean {
    let depth = 0;
    let outer = false;
    for (let i = token.index - 1; i >= Math.max(0, token.index - lookBack); i--) {
      const before = this.input[i];
      if (!before) break;
      if (closes(before)) depth++;
      else if (opens(before)) {
        if (depth > 0) depth--;
        else if (!outer) outer = true;
        else if (closerOf(before) === token.tokenType) return true;
      }
    }
    return false;
  }

  private openedAt(opener: IToken | undefined): Extras {
    if (!opener || !(opener.startOffset >= 0)) return {};
    return { related: [{ span: this.spanOf(opener), message: `\`${opener.image}\` was opened here` }] };
  }

  protected missing(text: string, opener?: IToken): void {
    const insert = text === "{" || text === "->" ? ` ${text}` : text;
    this.report("missing-token", { token: text, where: this.where }, this.gap(), {
      ...this.openedAt(opener),
      fixes: [insertion(`insert \`${text}\``, this.source, this.lastEnd(), insert)],
    });
  }

  // -------------------------------------------------------------------------------------------------------------------- lists

  /** Entries up to the closer, which is left to the caller. */
  protected list<T>(list: List, entry: () => T | undefined): T[] {
    const found: T[] = [];
    let open = this.RECORDING_PHASE || this.beforeEntry(list, true, false);
    this.MANY9({
      GATE: () => open,
      DEF: () => {
        if (list.afresh) this.inStep(this.here());
        const value = this.attempt(list, entry);
        if (value !== lost && value !== undefined) found.push(value);
        let comma = false;
        if (list.between !== "none") {
          this.OPTION9(() => {
            this.CONSUME9(t.Comma);
            comma = true;
          });
        }
        if (!this.RECORDING_PHASE) open = this.beforeEntry(list, comma, value === lost && !comma);
      },
    });
    return found;
  }

  private attempt<T>(list: List, entry: () => T | undefined): T | undefined | typeof lost {
    const { where, depth } = this;
    try {
      return entry();
    } catch (error) {
      if (error !== giveUp) {
        if (this.RECORDING_PHASE || !(error instanceof Error) || !isRecognitionException(error)) throw error;
        this.unexpected(list.entry);
      }
      this.where = where;
      this.depth = depth;
      return lost;
    }
  }

  /**
   * Makes sure that the next token starts an entry; false where the list is over. `astray`: the entry before was given up, so that not
   * every name is the start of one.
   */
  private beforeEntry(list: List, separated: boolean, astray: boolean): boolean {
    for (;;) {
      if (this.atEnd) return false;
      const next = this.ahead(1);
      if (next.tokenType === list.closer) {
        const last = this.LA(0);
        if (list.between === "comma" && last.tokenType === t.Comma) {
          this.remark("trailing-comma", undefined, this.spanOf(last), {
            fixes: [replacement("drop the comma", this.spanOf(last), "")],
          });
        }
        return false;
      }
      if (list.ender && next.tokenType === list.ender) return false;
      if (list.mend && (next.newline || !astray)) list.mend();
      if (astray ? list.stops(1) : list.starts(1)) {
        if (separated || list.between === "none") return true;
        // On a new line and without a comma it is more likely that the closer was forgotten.
        if (list.between === "comma" && next.newline) return false;
        if (list.between === "comma" || !next.newline) this.missingComma();
        return true;
      }
      if (this.ends(list)) return false;
      this.unexpected(list.closer ? `${list.entry} or \`${String(list.closer.PATTERN)}\`` : list.entry, true);
      separated = this.skip(list);
      astray = !separated;
    }
  }

  protected missingComma(): void {
    const before = this.describe(this.LA(0));
    const after = this.describe(this.LA(1));
    const fixes = [insertion("insert `,`", this.source, this.lastEnd(), ",")];
    this.report("missing-comma", { before, after }, this.gap(), { fixes });
  }

  /** Whether the next token belongs to something further out, so that the closer of this list was lost. */
  private ends(list: List): boolean {
    if (topOnly(this.ahead(1), this.ahead(2), this.ahead(3))) return list.closer !== undefined;
    if (!list.closer) return false;
    const next = this.ahead(1);
    // A closer that closes nothing is left out like any other sign.
    if (closes(next)) return this.closesOuter(next) || this.wrongCloser(next, list.closer);
    return list.closer !== t.RightBrace ? this.startsStatement(1) : !list.stops(1) && this.startsStatement(1);
  }

  /** Leaves out tokens, brackets as a whole, up to where an entry surely starts; true if a comma stands before it. */
  private skip(list: List): boolean {
    let depth = 0;
    for (let first = true; !this.atEnd; first = false) {
      const next = this.ahead(1);
      if (topOnly(next, this.ahead(2), this.ahead(3)) && (list.closer || !first)) return false;
      if (depth === 0 && !first) {
        if (next.tokenType === list.closer || next.tokenType === list.ender || (list.closer && closes(next)))
          return false;
        if (list.stops(1) || this.startsStatement(1)) return false;
      }
      if (depth === 0 && next.tokenType === t.Comma && list.between !== "none") {
        this.SKIP_TOKEN();
        return true;
      }
      if (opens(next)) depth++;
      else if (closes(next)) depth = Math.max(0, depth - 1);
      this.SKIP_TOKEN();
    }
    return false;
  }

  /** Whether a statement starts at the token `ahead`: a keyword, or an equation without its `let`. */
  protected abstract startsStatement(ahead: number): boolean;
}

function closerOf(opener: IToken): TokenType {
  return opener.tokenType === t.LeftParen
    ? t.RightParen
    : opener.tokenType === t.LeftBracket
      ? t.RightBracket
      : t.RightBrace;
}

/** The inside of a text in quotes; there are no escapes, and the closing quote may be missing. */
export function textOf(image: string): string {
  return image.slice(1, image.length > 1 && image.endsWith('"') ? -1 : undefined);
}
