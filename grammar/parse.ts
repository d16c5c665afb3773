/** Text to tree. Never throws, whatever the text; always gives a tree, with what could be read in it. */
import type { Diagnostic, Outcome } from "./diagnostic.js";
import { reportSyntax } from "./messages.js";
import { DitParser, itemStarts, type Read } from "./parser.js";
import type { Template } from "./parser-items.js";
import type { Suspect } from "./parser-statements.js";
import { replacement, type Scan, scan, topOnly } from "./scan.js";
import type { SourceFile } from "./source.js";
import type { Token } from "./tokens.js";
import * as t from "./tokens.js";
import type { FileNode, Item } from "./tree.js";

let shared: DitParser | undefined;

/** Made at the first use: a program that parses nothing pays nothing. */
function parser(): DitParser {
  shared ??= new DitParser(true);
  return shared;
}

export function parse(source: SourceFile): Outcome<FileNode> {
  const scanned = scan(source);
  const read = readItems(source, scanned);
  const diagnostics = [...scanned.diagnostics, ...read.diagnostics];
  diagnostics.push(...fillTemplates(source, read.templates));
  diagnostics.push(...parameters(read.items, read.suspects));
  diagnostics.sort((a, b) => a.span.pos - b.span.pos);
  const value: FileNode = {
    kind: "File",
    language: read.language,
    items: read.items,
    comments: scanned.comments,
    span: { source, pos: 0, end: source.text.length },
  };
  return { value, diagnostics };
}

/**
 * The whole file at once; after a mistake once more item by item, so that a lost brace spoils its own item only. Of both readings
 * the one with fewer complaints is taken: in a file that is not indented the cut may fall inside of an item.
 */
function readItems(source: SourceFile, scanned: Scan): Read {
  const whole = parser().read(source, scanned, scanned.tokens);
  if (whole.diagnostics.length === 0) return whole;
  // Reading changes tokens (a misspelt word becomes the right one), so the second reading gets new ones.
  const again = scan(source);
  const cut = joined(cutItems(source, again.tokens).map((tokens) => parser().read(source, again, tokens)));
  return cut.diagnostics.length <= whole.diagnostics.length ? cut : whole;
}

function joined(parts: readonly Read[]): Read {
  return {
    language: parts.find((part) => part.language !== undefined)?.language,
    items: parts.flatMap((part) => part.items),
    diagnostics: parts.flatMap((part) => part.diagnostics),
    suspects: parts.flatMap((part) => part.suspects),
    templates: parts.flatMap((part) => part.templates),
  };
}

/** Items start in the first column, or with a word that is legal nowhere else. */
function cutItems(source: SourceFile, tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [];
  let part: Token[] = [];
  tokens.forEach((token, i) => {
    if (part.length > 0 && (topOnly(token, tokens[i + 1], tokens[i + 2]) || startsItem(source, token, tokens[i + 1]))) {
      parts.push(part);
      part = [];
    }
    part.push(token);
  });
  if (part.length > 0) parts.push(part);
  return parts;
}

function startsItem(source: SourceFile, token: Token, next: Token | undefined): boolean {
  if (token.startOffset > 0 && source.text[token.startOffset - 1] !== "\n") return false;
  if (itemStarts.has(token.tokenType) || t.isA(token, t.Kind)) return true;
  // A misspelt word and a name.
  if (token.tokenType !== t.Lower || !next || next.newline) return false;
  return next.tokenType === t.Lower || next.tokenType === t.Upper || next.tokenType === t.Text;
}

/** Reads the `{…}` in the texts of layouts with the same parser, once it is free. */
function fillTemplates(source: SourceFile, templates: readonly Template[]): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const { parts, span } of templates) {
    const text = source.text;
    const end = text[span.end - 1] === '"' && span.end - 1 > span.pos ? span.end - 1 : span.end;
    parts.length = 0;
    let from = span.pos + 1;
    for (let open = text.indexOf("{", from); open !== -1 && open < end; open = text.indexOf("{", from)) {
      const close = text.indexOf("}", open);
      if (close === -1 || close >= end) {
        const place = { source, pos: open, end: open + 1 };
        diagnostics.push(reportSyntax("missing-token", { token: "}", where: "`{…}` in a text" }, place));
        break;
      }
      if (open > from) parts.push(text.slice(from, open));
      const read = parser().readValue(source, open + 1, close);
      diagnostics.push(...read.diagnostics);
      parts.push(read.value);
      from = close + 1;
    }
    if (from < end || parts.length === 0) parts.push(text.slice(from, end));
  }
  return diagnostics;
}

/** Names that are there without a declaration. */
const ambient = ["step", "index", "pi"];

/** `let f(k) = …` whose index is declared nowhere is a function in disguise. */
function parameters(items: readonly Item[], suspects: readonly Suspect[]): Diagnostic[] {
  if (suspects.length === 0) return [];
  const known = new Set(ambient);
  for (const item of items) {
    if (item.kind === "Use") for (const name of item.names) known.add(name.text);
    else known.add(item.name.text);
  }
  return suspects
    .filter(({ index, declared }) => !known.has(index.text) && !declared.has(index.text))
    .map(({ name, index, let: word }) => {
      const fixes = [replacement("write `fn`", word, "fn")];
      return reportSyntax("let-parameter", { name: name.text, index: index.text }, index.span, { fixes });
    });
}
