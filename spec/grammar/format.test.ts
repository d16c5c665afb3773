import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { format } from "../../grammar/format.js";
import { printExpr, printItem, printSetting, printStatement, printType } from "../../grammar/print.js";
import type { Expr } from "../../grammar/tree.js";
import { corpus, readBody, readExpr, readItem, sourceOf } from "./read.js";

function formatted(text: string): string | undefined {
  return format(sourceOf(text)).value;
}

/** Says what the canonical form of a text is, and that it is a fixed point. */
function becomes(text: string, canonical: string): void {
  strictEqual(formatted(text), canonical);
  strictEqual(formatted(canonical), canonical);
}

describe("canonical form", () => {
  for (const { name, text } of corpus) it(`${name} is in it`, () => strictEqual(formatted(text), text));

  const cases: [what: string, text: string, canonical: string][] = [
    ["blanks around operators", "fn f(x)=x+1*- 2", "fn f(x) = x + 1 * -2\n"],
    ["none around .. and ^", "fn f(x) = x ^ 2 in 1 .. 3", "fn f(x) = x^2 in 1..3\n"],
    ["none around * and / in a range", "fn f(x) = x in 2 * a .. b / 2 - 1", "fn f(x) = x in 2*a..b/2 - 1\n"],
    ["but in what a range holds in brackets", "fn f(x) = x in 1..int(a*2)", "fn f(x) = x in 1..int(a * 2)\n"],
    ["settings on one line", 'data d: Folder{\n  path: "a",\n  size:3\n}\n', 'data d: Folder { path: "a", size: 3 }\n'],
    ["names of an import sorted, upper case first", "use std.{b,A,a,B}", "use std.{A, B, a, b}\n"],
    [
      "empty braces after a name dropped",
      "part p: Foo {}\nparam q: sampler = Euler {}",
      "part p: Foo\nparam q: sampler = Euler\n",
    ],
    ["but not those of a call", "fn f(x) = LayerNorm {}(x)", "fn f(x) = LayerNorm {}(x)\n"],
    ["nor those after by", "train r { minimize by A { } { a: b } }", "train r {\n  minimize by A {} { a: b }\n}\n"],
    ["a function of one equation", "fn f(x) {\n  return x\n}", "fn f(x) = x\n"],
    ["one statement a line", "fn f(x) { let y = x return y }", "fn f(x) {\n  let y = x\n  return y\n}\n"],
    ["one term stays on its line", "train r { minimize by a { b: c } }", "train r {\n  minimize by a { b: c }\n}\n"],
    [
      "or on the line it was put on",
      "train r { minimize by a {\nb: c } }",
      "train r {\n  minimize by a {\n    b: c\n  }\n}\n",
    ],
    [
      "two do not",
      "train r { minimize by a { b: c, d: e } }",
      "train r {\n  minimize by a {\n    b: c\n    d: e\n  }\n}\n",
    ],
    [
      "nor one with braces",
      "train r { minimize by a { b: F {}(c) } }",
      "train r {\n  minimize by a {\n    b: F {}(c)\n  }\n}\n",
    ],
    [
      "keys in the lines of the author",
      "train r { a: 1, b: 2,\n c: 3\n let y = x }",
      "train r {\n  a: 1, b: 2\n  c: 3\n  let y = x\n}\n",
    ],
    [
      "a plan of keys is like settings",
      "sample r {\n a: 1\n b: 2\n return x }\nevaluate e {\n a: 1 }",
      "sample r {\n  a: 1\n  b: 2\n  return x\n}\nevaluate e { a: 1 }\n",
    ],
    [
      "names in layouts",
      'layout L for M { "a.{i-1}"<->b(i) as Torch for i in 1 .. 2 }',
      'layout L for M {\n  "a.{i - 1}" <-> b(i) as Torch for i in 1..2\n}\n',
    ],
    [
      "signatures",
      "param f: fn (z,..)->[]\nparam g:part(x:[a])->[b]",
      "param f: fn(z, ..) -> []\nparam g: part (x: [a]) -> [b]\n",
    ],
    ["numbers as written", "fn f(x) = 1e-4 + 2_000 + 1E5", "fn f(x) = 1e-4 + 2_000 + 1E5\n"],
    [
      "one empty line at most, none where a block starts or ends",
      "\n\nfn f(x) {\n\n  let y = x\n\n\n\n  return y\n\n}\n\n\nfn g(x) = x\n\n",
      "fn f(x) {\n  let y = x\n\n  return y\n}\n\nfn g(x) = x\n",
    ],
    ["line ends", "fn f(x) = x\r\n// c\r\n", "fn f(x) = x\n// c\n"],
    ["nothing", "\n\n", ""],
  ];
  for (const [what, text, canonical] of cases) it(what, () => becomes(text, canonical));
});

describe("long lines", () => {
  const long = "a_rather_long_name_of_something";
  const cases: [what: string, text: string, canonical: string][] = [
    [
      "settings go on",
      `data d: Folder { a: "${"x".repeat(70)}", b: "${"y".repeat(70)}", c: 1 }`,
      `data d: Folder {\n  a: "${"x".repeat(70)}"\n  b: "${"y".repeat(70)}", c: 1\n}\n`,
    ],
    [
      "a row of operators breaks before each",
      `fn f(x) = ${long} * ${long} + ${long}(x) + ${long} - ${long}`,
      `fn f(x) = ${long} * ${long}\n  + ${long}(x)\n  + ${long}\n  - ${long}\n`,
    ],
    [
      "a choice before each else",
      `fn f(x) = if ${long} then ${long} else if ${long} then ${long} else ${long}`,
      `fn f(x) = if ${long} then ${long}\n  else if ${long} then ${long}\n  else ${long}\n`,
    ],
    [
      "a call between its arguments",
      `fn f(x) = ${long}(${long}, ${long}, ${long}, ${long})`,
      `fn f(x) = ${long}(\n  ${long}, ${long}, ${long}, ${long}\n)\n`,
    ],
    [
      "a definition before its inputs",
      `part P { a: int = ${long}, b: int = ${long} } (x: [dim: ${long}]) -> [dim: ${long}] = x`,
      `part P { a: int = ${long}, b: int = ${long} }\n    (x: [dim: ${long}]) -> [dim: ${long}] = x\n`,
    ],
    [
      "or before its result, as its author chose",
      `part P { a: int = ${long} } (x: [dim: ${long}])\n-> [dim: ${long}, other: ${long}] = x`,
      `part P { a: int = ${long} } (x: [dim: ${long}])\n    -> [dim: ${long}, other: ${long}] = x\n`,
    ],
  ];
  for (const [what, text, canonical] of cases) {
    it(what, () => {
      becomes(text, canonical);
      ok(canonical.split("\n").every((line) => line.length <= 140));
    });
  }
});

describe("comments stay where they are", () => {
  const cases: [what: string, text: string][] = [
    ["above, beside and below", "// a\nfn f(x) = x // b\n// c\n"],
    [
      "doc comments",
      "/// a\n/// b\npart P {\n  /// c\n  d: int\n} (x: [a]) -> [a] {\n  /// e\n  let y = x\n  return y\n}\n",
    ],
    ["in columns", "train r {\n  a: 1, b: 2        // one\n  c: 3              // two\n}\n"],
    ["in an empty body", "train r {\n  // nothing\n}\n"],
    ["after an opening brace", "train r { // r\n  a: 1\n}\n"],
    ["before a closing one", "train r {\n  a: 1\n  // no more\n}\n"],
    ["between the branches of a choice", "fn f(x) = if a then b // yes\n  // otherwise\n  else c // no\n"],
    ["among arguments", "fn f(x) = g(\n  a, // first\n  // the other\n  b // second\n)\n"],
    ["among the names of an import", "use std.{\n  B, // b\n  A\n}\n"],
    ["after `=`", "fn f(x) =\n  // why\n  x + 1\n"],
    ["at the end of a file", "fn f(x) = x\n\n// end\n"],
    ["alone", "// a\n\n/// b\n"],
    ["an allowance", "train r {\n  // allow(draw-in-train): one for all\n  draw u ~ uniform\n}\n"],
  ];
  for (const [what, text] of cases) it(what, () => strictEqual(formatted(text), text));

  it("a function of one equation with a comment keeps its braces", () =>
    becomes("fn f(x) {\n// c\nreturn x }", "fn f(x) {\n  // c\n  return x\n}\n"));
});

describe("a broken file", () => {
  it("is left alone, and says why", () => {
    const { value, diagnostics } = format(sourceOf("fn f(x) = (x\n"));
    strictEqual(value, undefined);
    deepStrictEqual(
      diagnostics.map(({ code }) => code),
      ["missing-token"],
    );
  });
});

describe("printing trees", () => {
  it("values, on one line", () => strictEqual(printExpr(readExpr("g(a,\n  b+1)[c->d]")), "g(a, b + 1)[c -> d]"));
  it("types and settings", () => {
    const item = readItem("param p:list [ int ]\n");
    strictEqual(item.kind === "Param" && printType(item.type), "list[int]");
    const data = readItem("data d: F { a : 1 , b? }\n");
    deepStrictEqual(data.kind === "Instance" && data.ref.settings?.map(printSetting), ["a: 1", "b?"]);
  });
  it("statements and items, without a source to look at", () => {
    const [statement] = readBody("/// d\nlet  h( i ) =x for i in 1 .. 3");
    strictEqual(statement && printStatement(statement), "/// d\nlet h(i) = x for i in 1..3");
    strictEqual(printItem(readItem("train r{a:1\nlet y=x}\n")), "train r {\n  a: 1\n  let y = x\n}");
    strictEqual(
      printItem(readItem("sweep s of r { case a {x:1}\n y:[1] }\n")),
      "sweep s of r {\n  y: [1]\n  case a { x: 1 }\n}",
    );
  });
  it("puts parentheses where a made-up tree needs them", () => {
    const span = sourceOf("");
    const at = { source: span, pos: 0, end: 0 };
    const name = (text: string): Expr => ({ kind: "Name", name: text, span: at });
    const sum: Expr = { kind: "Binary", op: "+", left: name("a"), right: name("b"), span: at };
    strictEqual(printExpr({ kind: "Binary", op: "*", left: sum, right: sum, span: at }), "(a + b) * (a + b)");
    strictEqual(printExpr({ kind: "Binary", op: "-", left: sum, right: sum, span: at }), "a + b - (a + b)");
    strictEqual(printExpr({ kind: "Unary", op: "-", value: sum, span: at }), "-(a + b)");
    strictEqual(printExpr({ kind: "Number", value: 1e-7, whole: false, span: at }), "1e-7");
  });
});
