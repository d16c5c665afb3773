import { deepStrictEqual, strictEqual } from "node:assert";
import { scan } from "../../grammar/scan.js";
import { Declaring, isA, Reserved } from "../../grammar/tokens.js";
import { read, readBody, readExpr, readItem, sourceOf, wrong } from "./read.js";

/** The words of a text that are keywords. */
function keywords(text: string): string[] {
  return scan(sourceOf(text))
    .tokens.filter((token) => isA(token, Declaring) || isA(token, Reserved))
    .map(({ image }) => image);
}

describe("rule J: a declaring word before a name is a keyword", () => {
  const cases: [text: string, found: string[]][] = [
    ["model net: SiT", ["model"]],
    ["model model: SiT", ["model"]],
    ["model: model", []],
    ["param skip: bool", ["param"]],
    ["skip skip: a -> b via Skip", ["skip"]],
    ["grad(loss, net)", []],
    ["sample pictures: Generate { flow, model: ema(net) }", ["sample"]],
    ["evaluate scores: Scores { of: pictures }", ["evaluate"]],
    ['use "./base.dit".{net}', ["use"]],
    ["use std.{loss, data}", ["use"]],
    ["part (x: [feat]) -> [feat]", []],
    ["log every 100 { a: b }", ["log"]],
    ["log: 50", []],
    ['stop if x > 1, "no"', ["stop", "if"]],
    ["weight over: [dim] = 0", []],
    ["part of: Linear", []],
    ["tap\nh(0) = x", []],
    ["predict is data", ["is"]],
    ["pass.model b", []],
    ["state state: [] = 0", ["state"]],
  ];
  for (const [text, found] of cases) it(text.replace("\n", "⏎"), () => deepStrictEqual(keywords(text), found));

  it("a reserved word is a member where it touches a dot", () => {
    deepStrictEqual(keywords("block(i).in"), []);
    deepStrictEqual(keywords("block(i). in"), ["in"]);
  });

  it("connectives are names everywhere but where they connect", () => {
    read("train run {\n  data: digits, every: 5, of: run, over: 3, with: 4\n}\n");
    read("fn f(over, by, clip, via, of, as, with, extern, where, except, every) = over + by\n");
  });

  it("`language 1` is the first line", () => {
    strictEqual(read("language 1\nfn f(x) = x\n").language, 1);
    strictEqual(read("fn language(x) = language\n").language, undefined);
  });
});

describe("rule L: `(` and `[` apply on their line only", () => {
  it("a call goes on on its line", () => strictEqual(readExpr("g(x)").kind, "Call"));
  it("what is in parentheses on the next line starts anew", () => {
    const body = readBody("let a = x\n(p, q) = unstack[role](x)".replace("(p", "let (p"));
    deepStrictEqual(
      body.map(({ kind }) => kind),
      ["Let", "Let"],
    );
  });
  it("a member may stand on the next line", () => strictEqual(readExpr("x\n  .attn\n  .out").kind, "Member"));
  it("a definition's inputs may stand on the next line", () =>
    strictEqual(readItem("part P\n  (x: [dim])\n  -> [dim] = x\n").kind, "Definition"));
  it("brackets inside of a list do not apply to the line before", () => {
    wrong("fn f(x) = g(x«»\n[dim])\n", "missing-token: `fn f` lacks a `)` here");
  });
});

describe("rule C: a comma or a line break between settings", () => {
  it("either will do, also both", () => {
    const item = readItem("data d: Folder { a: 1, b: 2,\n  c: 3\n  d,\n}\n");
    strictEqual(item.kind === "Instance" && item.ref.settings?.length, 4);
  });
  it("two on one line need a comma", () => {
    wrong("data d: Folder { a: 1«» b: 2 }\n", "missing-comma: `1` and `b` stand on one line without a comma");
    wrong("train run {\n  data: d«» batch: 2\n}\n", "missing-comma: `d` and `batch` stand on one line without a comma");
    wrong(
      "train run {\n  minimize by a { x: 1«» y: 2 }\n}\n",
      "missing-comma: `1` and `y` stand on one line without a comma",
    );
    wrong(
      "train run {\n  log every 2 { x: 1«» y: 2 }\n}\n",
      "missing-comma: `1` and `y` stand on one line without a comma",
    );
  });
});

describe("numbers and texts", () => {
  it("ranges are not decimal points", () => strictEqual(readExpr("x in 1..3").kind, "Binary"));
  it("0..0.7", () => {
    const range = readExpr("0..0.7");
    deepStrictEqual(
      range.kind === "Range" && [range.from, range.to].map((end) => end.kind === "Number" && end.value),
      [0, 0.7],
    );
  });
  for (const [text, value, whole] of [
    ["400_000", 400_000, true],
    ["1e-4", 1e-4, false],
    ["1.5E+3", 1500, false],
    ["0.04", 0.04, false],
  ] as const) {
    it(text, () => {
      const number = readExpr(text);
      deepStrictEqual(number.kind === "Number" && [number.value, number.whole], [value, whole]);
    });
  }
  it("a text has no escapes", () => {
    const text = readExpr('"a\\b // c"');
    strictEqual(text.kind === "String" && text.value, "a\\b // c");
  });
});

describe("comments", () => {
  it("doc comments belong to what follows, also in bodies and settings", () => {
    const item = readItem(
      "/// One.\n///  Two.\n// no\npart P {\n  /// width\n  a: int /// not doc\n} (x: [dim]) -> [dim] {\n  /// y\n  let y = x\n  return y\n}\n",
    );
    strictEqual(item.kind, "Definition");
    if (item.kind !== "Definition") return;
    strictEqual(item.doc, "One.\nTwo.");
    strictEqual(item.settings[0]?.doc, "width");
    const [first] = item.body;
    strictEqual(typeof first === "object" && first.kind === "Let" && first.doc, "y");
  });
  it("are kept in order, four slashes are a line", () => {
    deepStrictEqual(
      read("// a\n/// b\n//// c\nfn f(x) = x // d\n").comments.map(({ kind, text }) => `${kind}${text}`),
      ["line a", "doc b", "line// c", "line d"],
    );
  });
});
