/** What the tests of the grammar share: reading a text, marking places in it, and drawing trees in one line. */
import { deepStrictEqual, strictEqual } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import type { Diagnostic } from "../../grammar/diagnostic.js";
import { parse } from "../../grammar/parse.js";
import { printExpr } from "../../grammar/print.js";
import { SourceFile } from "../../grammar/source.js";
import type { Expr, FileNode, Item, Statement } from "../../grammar/tree.js";

export function sourceOf(text: string): SourceFile {
  return new SourceFile("spec.dit", text);
}

/** The tree of a text without mistakes. */
export function read(text: string): FileNode {
  const { value, diagnostics } = parse(sourceOf(text));
  deepStrictEqual(said(diagnostics), []);
  return value;
}

export function readItem(text: string): Item {
  const [item] = read(text).items;
  if (!item) throw new Error("no item");
  return item;
}

/** The statements of a body, by the keyword they stand for. */
export function readBody(statements: string): readonly Statement[] {
  const item = readItem(`part P (x: [dim]) -> [dim] {\n${statements}\nreturn x\n}\n`);
  if (item.kind !== "Definition" || item.body === "extern") throw new Error("no body");
  return item.body.slice(0, -1);
}

export function readExpr(text: string): Expr {
  const item = readItem(`fn f(x) = ${text}\n`);
  const [only] = item.kind === "Fn" ? item.body : [];
  if (only?.kind !== "Return") throw new Error("no value");
  return only.value;
}

function said(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ code, message }) => `${code}: ${message}`);
}

/**
 * Says what is wrong with a text whose wrong places are marked `«…»` in the order of the messages. Gives the diagnostics and the tree
 * for more questions.
 */
export function wrong(marked: string, ...messages: string[]): { value: FileNode; diagnostics: readonly Diagnostic[] } {
  const places: { pos: number; end: number }[] = [];
  let text = "";
  let open = 0;
  for (const sign of marked) {
    if (sign === "«") open = text.length;
    else if (sign === "»") places.push({ pos: open, end: text.length });
    else text += sign;
  }
  const outcome = parse(sourceOf(text));
  deepStrictEqual(said(outcome.diagnostics), messages);
  deepStrictEqual(
    outcome.diagnostics.map(({ span }) => ({ pos: span.pos, end: span.end })),
    places,
  );
  return outcome;
}

/** The text after the fixes of its diagnostics. */
export function fixed(text: string): string {
  const edits = parse(sourceOf(text)).diagnostics.flatMap(({ fixes }) => fixes[0]?.edits ?? []);
  let result = text;
  for (const { span, text: better } of [...edits].sort((a, b) => b.span.pos - a.span.pos)) {
    result = result.slice(0, span.pos) + better + result.slice(span.end);
  }
  return result;
}

const corpusFolder = new URL("./corpus/", import.meta.url);

/** The specs and library files of the reference, in canonical form. */
export const corpus: readonly { readonly name: string; readonly text: string }[] = readdirSync(corpusFolder)
  .filter((name) => name.endsWith(".dit"))
  .map((name) => ({ name, text: readFileSync(new URL(name, corpusFolder), "utf8") }));

strictEqual(corpus.length > 20, true, "the corpus is there");

/** A value with all its grouping shown: `a + b * c` is `(a + (b * c))`. */
export function grouped(expr: Expr): string {
  switch (expr.kind) {
    case "Binary":
      return `(${grouped(expr.left)} ${expr.op} ${grouped(expr.right)})`;
    case "Unary":
      return `(${expr.op} ${grouped(expr.value)})`;
    case "Range":
      return `(${grouped(expr.from)} .. ${grouped(expr.to)})`;
    case "Is":
      return `(${grouped(expr.subject)} is${expr.negated ? " not" : ""} ${expr.word.text})`;
    case "If":
      return `(if ${grouped(expr.condition)} then ${grouped(expr.then)} else ${grouped(expr.else)})`;
    case "Call":
      return `${grouped(expr.callee)}(${expr.args.map(({ name, value }) => (name ? `${name.text}: ` : "") + grouped(value)).join(", ")}${expr.rest ? ".." : ""})`;
    case "Member":
      return `${grouped(expr.object)}.${expr.name.text}`;
    case "Group":
      return `<${grouped(expr.inner)}>`;
    default:
      return printExpr(expr);
  }
}
