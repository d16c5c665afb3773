import { deepStrictEqual, ok, strictEqual } from "node:assert";
import fc from "fast-check";
import { format } from "../../grammar/format.js";
import { parse } from "../../grammar/parse.js";
import { endOf, scan } from "../../grammar/scan.js";
import type { FileNode } from "../../grammar/tree.js";
import { corpus, sourceOf } from "./read.js";
import { shapeOf } from "./shape.js";

/** A text as what its tokens are and what stands between them: even places are blanks and comments. */
function pieces(text: string): string[] {
  const result: string[] = [];
  let end = 0;
  for (const token of scan(sourceOf(text)).tokens) {
    result.push(text.slice(end, token.startOffset), token.image);
    end = endOf(token);
  }
  return [...result, text.slice(end)];
}

const torn = corpus.map(({ text }) => pieces(text));
const signs =
  "{ } ( ) [ ] , : = == -> <-> .. . ? | @ ~ ^ * / - + < let part return if then else for in is not none".split(" ");
const stray = [
  ...signs,
  "train",
  "model X",
  "use std",
  "case",
  "by",
  "Foo",
  "x",
  '"',
  "1.",
  "\n",
  "\n\n",
  "// c\n",
  "/// d\n",
  ";",
  "é",
];

const edit = fc.record({
  at: fc.nat(),
  other: fc.nat(),
  how: fc.constantFrom("drop", "twice", "replace", "insert", "swap"),
  what: fc.constantFrom(...stray),
});

/** A file of the corpus after a few slips. */
const mangled = fc
  .record({ file: fc.nat({ max: torn.length - 1 }), edits: fc.array(edit, { minLength: 1, maxLength: 4 }) })
  .map(({ file, edits }) => {
    const parts = [...(torn[file] ?? [])];
    const token = (n: number) => 1 + 2 * (n % ((parts.length - 1) / 2));
    for (const { at, other, how, what } of edits) {
      const i = token(at);
      const old = parts[i] ?? "";
      if (how === "drop") parts[i] = "";
      else if (how === "twice") parts[i] = `${old} ${old}`;
      else if (how === "replace") parts[i] = what;
      else if (how === "insert") parts[i] = `${old} ${what} `;
      else [parts[i], parts[token(other)]] = [parts[token(other)] ?? "", old];
    }
    return { text: parts.join(""), edits: edits.length };
  });

const gap = fc.constantFrom(" // a\n", "\n// b\n", "/// c\n", "\n", "\n\n\n", "  ", "\t");

/** A file of the corpus with comments and blanks in odd places. */
const respaced = fc
  .record({
    file: fc.nat({ max: torn.length - 1 }),
    gaps: fc.array(fc.tuple(fc.nat(), gap), { minLength: 1, maxLength: 10 }),
  })
  .map(({ file, gaps }) => {
    const parts = [...(torn[file] ?? [])];
    for (const [at, text] of gaps) {
      const i = 2 * (at % ((parts.length + 1) / 2));
      parts[i] = `${parts[i] ?? ""}${text}`;
    }
    return parts.join("");
  });

function commentsOf({ comments }: FileNode): string[] {
  return comments.map(({ kind, text }) => `${kind}${text.trimEnd()}`).sort();
}

/** The laws of the formatter, for a text that has no mistakes. */
function formatsWell(text: string): void {
  const before = parse(sourceOf(text));
  const { value } = format(sourceOf(text));
  ok(value !== undefined);
  const after = parse(sourceOf(value));
  deepStrictEqual(after.diagnostics, []);
  deepStrictEqual(shapeOf(after.value), shapeOf(before.value));
  deepStrictEqual(commentsOf(after.value), commentsOf(before.value));
  strictEqual(format(sourceOf(value)).value, value);
}

describe("whatever a text is", () => {
  it("reading ends, with few messages, all inside of the file", () => {
    fc.assert(
      fc.property(mangled, ({ text, edits }) => {
        const { value, diagnostics } = parse(sourceOf(text));
        for (const { span, message } of diagnostics) {
          ok(span.pos >= 0 && span.pos <= span.end && span.end <= text.length);
          ok(!/-->|EOF|undefined/.test(message), message);
        }
        // A slip may look like several (a stray quote swallows a line), but it never runs through the file.
        ok(diagnostics.length <= 4 + 4 * edits, diagnostics.map(({ message }) => message).join("\n"));
        strictEqual(value.kind, "File");
        if (diagnostics.length === 0) formatsWell(text);
        else if (diagnostics.some(({ severity }) => severity === "error"))
          strictEqual(format(sourceOf(text)).value, undefined);
      }),
      { numRuns: 250 },
    );
  });

  it("also where it is no spec at all", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...stray, "a", "B", "1", "{", "}"), { maxLength: 120 }), (words) => {
        const text = words.join(" ");
        const { diagnostics } = parse(sourceOf(text));
        for (const { span } of diagnostics) ok(span.pos >= 0 && span.pos <= span.end && span.end <= text.length);
        if (diagnostics.length === 0) formatsWell(text);
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
        for (const { span } of parse(sourceOf(text)).diagnostics) ok(span.end <= text.length);
      }),
      { numRuns: 200 },
    );
  });

  it("the canonical form keeps the tree and the comments, and is one", () => {
    fc.assert(
      fc.property(respaced, (text) => {
        if (parse(sourceOf(text)).diagnostics.length === 0) formatsWell(text);
      }),
      { numRuns: 200 },
    );
  });
});
