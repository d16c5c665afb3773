import { deepStrictEqual, strictEqual } from "node:assert";
import { parse } from "../../grammar/parse.js";
import { fixed, sourceOf, wrong } from "./read.js";

/** A body, the wrong places in it marked, and what is said about them. */
const inBody: [text: string, ...messages: string[]][] = [
  ["let y =«»\nlet z = x", "unexpected: `let y` wants a value here, not the end of the line"],
  ["let y = x +«»", "unexpected: `let y` wants a value here, not the end of the line"],
  ["let y = x.«»", "unexpected: `let y` wants a name after the dot here, not the end of the line"],
  ["let y = f(x, «,» x)", "unexpected: `let y` wants a value or `)` here, not `,`"],
  ["let y = f(x«» y)", "missing-comma: `x` and `y` stand on one line without a comma"],
  ["let y = f(x«»", "missing-token: `let y` lacks a `)` here"],
  ["let y = [x, x«)»", "wrong-bracket: `]` closes this, not `)`"],
  ["let y = f([x«»)", "missing-token: `let y` lacks a `]` here"],
  ["let y = f(a «=» x)", "equals-for-colon: `a` gets its value with `:`, not `=`"],
  ["let y = mean[«]»(x)", "unexpected: `let y` wants an axis here, not `]`"],
  ["let y = x[«3»]", "unexpected: `let y` wants an axis or `]` here, not `3`"],
  ["let y = «()»", "mixed-record: nothing stands in these parentheses"],
  ["let y = «(x, a: x)»", "mixed-record: some of these values have names and some have not"],
  ["let y = «if x then x»", "missing-else: this `if` as a value has no `else`"],
  ["let y = if x «x» else x", "unexpected: `let y` wants `then` here, not `x`"],
  ["let y = «a < b < c»", "chained-comparison: comparisons are not chained: write `a < b and b < c`"],
  ["let y = a + «not b»", "needs-parentheses: put it in parentheses: `(not b)`"],
  ["let y = x «&&» x", "unknown-sign: `&&` is no sign of the language: write `and`"],
  ["let y = «5.»", "bad-number: `5.` is written `5.0`"],
  ["let y = «.5» + «3x»", "bad-number: `.5` is written `0.5`", "bad-number: `3x` is not a number"],
  ["let y «==» x", "unexpected: `let y` wants `=` here, not `==`"],
  ["let y«» x", "missing-token: `let y` lacks a `=` here"],
  ["let «3» = x", "unexpected: `part P` wants a name here, not `3`"],
  ["let «Y» = x", "value-in-upper-case: values start in lower case: `y`, not `Y`"],
  ["let «if» = x", "reserved-name: `if` is a word of the language and cannot be a name here"],
  ["weight «over»: [] = 0", "reserved-name: `over` is a word of the language and cannot be a name here"],
  ["«y» = x", "statement-start: a statement starts with let, tap, part, …: write `let y`"],
  ["«h»(1): int = x", "statement-start: a statement starts with let, tap, part, …: write `let h`"],
  ["«lett» y = x", "unknown-keyword: `lett` declares nothing; did you mean `let`?"],
  ["«wieght» w: [] = 0", "unknown-keyword: `wieght` declares nothing; did you mean `weight`?"],
  ["if x «then» x else x", "unexpected: `part P` wants a statement or `}` here, not `then`"],
  ["weight w«» [] = 0", "missing-token: `weight w` lacks a `:` here"],
  [
    "weight w: []«»",
    "unexpected: `weight w` wants `~` and how it is drawn, or `=` and a constant here, not the end of the line",
  ],
  ["weight w: «SiT» = 0", "type-in-upper-case: `SiT` is no type: types are axes, kinds (`model`), `int`, `float`, …"],
  ["weight w: «[*, a]» = 0", "star-alone: `*` stands alone in its brackets"],
  ["weight w: [«3»] = 0", "bare-size: an axis has a name: write `name: size`"],
  ["draw u «uniform»", "unexpected: `draw u` wants `~ uniform` or `~ normal` here, not `uniform`"],
  ["state m «=» 0", "unexpected: `state m` wants `:` and a type here, not `=`"],
  ["part p«» Linear", "missing-token: `part p` lacks a `:` here"],
  ["part «Q»: Linear", "value-in-upper-case: values start in lower case: `q`, not `Q`"],
  ["part p: Linear { to: [b]«»\nlet y = x", "missing-token: `part p` lacks a `}` here"],
  ["part p: Linear { «=» 3, b: 4 }", "unexpected: `part p` wants a setting or `}` here, not `=`"],
  [
    "part p: Linear { a «=» 3, b«» 4 }",
    "equals-for-colon: `a` gets its value with `:`, not `=`",
    "missing-token: `part p` lacks a `:` here",
  ],
  ['require x == 0 «"no"»', 'unexpected: `part P` wants a statement or `}` here, not `"no"`'],
  ["fn g(«..», a) = x", "rest-not-last: `..` stands last, in inputs and calls only"],
  ["fn g(a«,») = x", "trailing-comma: nothing follows this comma"],
  ["fn g(a) «x»", "unexpected: `fn g` wants `= value` or `{ … }` here, not `x`"],
];

describe("one slip in a body", () => {
  for (const [text, ...messages] of inBody) {
    it(text.replaceAll("\n", "⏎"), () => {
      const { value } = wrong(
        `part P (x: [dim]) -> [dim] {\n  let before = x\n  ${text}\n  let after = x\n  return x\n}\n`,
        ...messages,
      );
      // Whatever happened in between, the rest of the body was read.
      const [item] = value.items;
      const body = item?.kind === "Definition" && item.body !== "extern" ? item.body : [];
      deepStrictEqual([body[0]?.kind, body.at(-2)?.kind, body.at(-1)?.kind], ["Let", "Let", "Return"]);
    });
  }
});

const items: [text: string, ...messages: string[]][] = [
  ["«modle» net: SiT { hidden: 96 }", "unknown-keyword: `modle` declares nothing; did you mean `model`?"],
  ["«let» x = 3", "unexpected: the file wants a declaration (`use`, `part`, `model`, `train`, …) here, not `let`"],
  ["«}»", "unexpected: the file wants a declaration (`use`, `part`, `model`, `train`, …) here, not `}`"],
  ["train «Run» { data: d }", "value-in-upper-case: values start in lower case: `run`, not `Run`"],
  ["model «Net»: SiT", "value-in-upper-case: values start in lower case: `net`, not `Net`"],
  [
    "part «scale» (x: [dim]) -> [dim] = x",
    "definition-in-lower-case: definitions start in upper case: `Scale`, not `scale`",
  ],
  ["part Q (x: [dim])«» [dim] = x", "missing-token: `part Q` lacks a `->` here"],
  ["part Q (x: [dim]) «{»\n  return x\n}", "unexpected: `part Q` wants `->` and the type of its result here, not `{`"],
  ["part Q { a: int } «->» [dim] = x", "unexpected: `part Q` wants its inputs in parentheses here, not `->`"],
  [
    "part Q (x: [dim]) -> [dim]«»",
    "unexpected: `part Q` wants `{ … }`, `= value` or `extern` here, not the end of the line",
  ],
  ["part Q (x: [dim]) -> [dim]«»\n  return x\n}", "missing-token: `part Q` lacks a `{` here"],
  [
    "part Q { hidden«» int, to «=» 3, b: «}» (x: [dim]) -> [to] = x",
    "missing-token: `hidden` lacks a `:` here",
    "unexpected: `to` wants `:` and a type here, not `=`",
    "unexpected: `b` wants a type here, not `}`",
  ],
  ["model m: SiT with«»\n  set h(1) = h(0)\n}", "missing-token: `model m` lacks a `{` here"],
  [
    "model m: SiT with {\n  skip a: b.out «c».in via F\n  set b.in«» h\n}",
    "unexpected: `skip a` wants `->` and where it goes here, not `c`",
    "missing-token: `model m` lacks a `=` here",
  ],
  ["model m: SiT with {\n  set «h(1, 2)» = x\n}", "tap-path: a tap is named by a path like `block(3).attn.out`"],
  ["use std.{A«» B}", "missing-comma: `A` and `B` stand on one line without a comma"],
  ["use std.{«}»", "unexpected: `use` wants a name here, not `}`"],
  ["use std«»", "unexpected: `use` wants `.{…}` with the names here, not the end of the line"],
  ["param p «=» 3", "unexpected: `param p` wants `:` and a type here, not `=`"],
  [
    "sweep s of run {\n  case «none» { a: 1 }\n}",
    "reserved-name: `none` is a word of the language and cannot be a name here",
  ],
  [
    'layout L for SiT {\n  "a.{i -«»}" <-> x\n  "b" «<»> y\n}',
    "unexpected: `{…}` in a text wants a value here, not the end of the line",
    "unexpected: `layout L` wants `<->` and our side here, not `<`",
  ],
  ['layout L for SiT {\n  "b.«{»i" <-> y\n}', "missing-token: `{…}` in a text lacks a `}` here"],
  [
    "train run {\n  minimize by «AdamW» over net { a: x }\n}",
    "missing-settings: after `by AdamW` its settings are written, also empty ones: `by AdamW {}`",
  ],
  [
    "train run {\n  minimize by «AdamW { a: x }»\n}",
    "terms-as-settings: these braces are the settings of `AdamW`, and no terms follow: write `by AdamW {} { … }`",
  ],
  [
    "train run {\n  «minimise» by a { b: x }\n}",
    "unknown-keyword: `minimise` declares nothing; did you mean `minimize`?",
  ],
  [
    "train run {\n  data: d, «]»\n  batch: 3\n}",
    "unexpected: `train run` wants a setting, a statement or `}` here, not `]`",
  ],
  ['train run {\n  stop if x > 3«» "bad"\n}', "missing-token: `train run` lacks a `,` here"],
  ["train run {\n  steps:«»\n  batch: 3\n}", "unexpected: `train run` wants a value here, not the end of the line"],
];

describe("one slip in an item", () => {
  for (const [text, ...messages] of items) {
    it(text.replaceAll("\n", "⏎"), () => {
      const { value } = wrong(`fn before(x) = x\n${text}\nfn after(x) = x\n`, ...messages);
      const names = value.items.map((item) => (item.kind === "Use" ? "" : item.name.text));
      deepStrictEqual([names[0], names.at(-1)], ["before", "after"]);
    });
  }
});

describe("recovery", () => {
  it("a lost brace stays inside its item", () => {
    const { value } = wrong(
      "part P (x: [dim]) -> [dim] {\n  let y = x\n  return y«»\ndata d: Digits\npart Q (x: [dim]) -> [dim] {\n  return x\n}\n",
      "missing-token: `part P` lacks a `}` here",
    );
    deepStrictEqual(
      value.items.map(({ kind }) => kind),
      ["Definition", "Instance", "Definition"],
    );
  });

  it("and so does one too many", () => {
    const { value } = wrong(
      "part P (x: [dim]) -> [dim] {\n  return x\n}\n«}»\npart Q (x: [dim]) -> [dim] = x\n",
      "unexpected: the file wants a declaration (`use`, `part`, `model`, `train`, …) here, not `}`",
    );
    strictEqual(value.items.length, 2);
  });

  it("a file that is not indented is not torn apart by a slip", () => {
    wrong(
      "part P (x: [dim]) -> [dim] {\npart a: Linear\npart b: Linear\nlet y = a(x«»\nreturn b(y)\n}\n",
      "missing-token: `let y` lacks a `)` here",
    );
  });

  it("says where the bracket was opened", () => {
    const { diagnostics } = parse(sourceOf("fn f(x) = mean(x\n"));
    deepStrictEqual(
      diagnostics[0]?.related.map(({ span, message }) => [span.pos, message]),
      [[14, "`(` was opened here"]],
    );
  });

  it("several slips, one message each", () => {
    const { value } = wrong(
      [
        "train run {",
        "  data: digits, batch: 128, steps: «,» ema: 0.99",
        "  let y = LabelDropout {}(digits.label«»",
        "  «lett» z = 3",
        "  «minimise» by AdamW { lr: 1e-3 } { denoise: flow(net, digits.image«» y) }",
        "}",
        "sample pictures: Generate { flow«» model: ema(net), like: digits, count: 64 }",
        "",
      ].join("\n"),
      "unexpected: `train run` wants a value here, not `,`",
      "missing-token: `let y` lacks a `)` here",
      "unknown-keyword: `lett` declares nothing; did you mean `let`?",
      "unknown-keyword: `minimise` declares nothing; did you mean `minimize`?",
      "missing-comma: `image` and `y` stand on one line without a comma",
      "missing-comma: `flow` and `model` stand on one line without a comma",
    );
    const [run] = value.items;
    deepStrictEqual(run?.kind === "Plan" && [run.keys.length, run.body.map(({ kind }) => kind)], [
      4,
      ["Let", "Let", "Minimize"],
    ]);
  });

  it("what is missing stands in the tree as missing", () => {
    const { value } = parse(sourceOf("fn f(x) = x.\n"));
    const [item] = value.items;
    const [only] = item?.kind === "Fn" ? item.body : [];
    strictEqual(only?.kind === "Return" && only.value.kind === "Member" && only.value.name.text, "");
  });
});

describe("fixes mend what they say", () => {
  const cases: [text: string, better: string][] = [
    ["modle net: SiT\n", "model net: SiT\n"],
    ["fn f(x) = .5 + 5.\n", "fn f(x) = 0.5 + 5.0\n"],
    ["data d: Folder { path = 3 size: 4 }\n", "data d: Folder { path: 3, size: 4 }\n"],
    ["fn f(x) = g(x, [x)\n", "fn f(x) = g(x, [x])\n"],
    ["fn f(x, y,) = x\n", "fn f(x, y) = x\n"],
    ["fn f(x) {\n  y = x\n  return y\n}\n", "fn f(x) {\n  let y = x\n  return y\n}\n"],
    ["fn f(a, b, c) = a < b + 1 < c * 2 or a\n", "fn f(a, b, c) = a < b + 1 and b + 1 < c * 2 or a\n"],
    ["fn f(x) = 1 + if x then x else 0\n", "fn f(x) = 1 + (if x then x else 0)\n"],
    [
      "part P (x: [a]) -> [a] {\n  let f(k) = k\n  return f(x)\n}\n",
      "part P (x: [a]) -> [a] {\n  fn f(k) = k\n  return f(x)\n}\n",
    ],
    ["train r {\n  minimize by A { d: e }\n}\n", "train r {\n  minimize by A {} { d: e }\n}\n"],
    ["train r {\n  minimize by A over n { d: e }\n}\n", "train r {\n  minimize by A {} over n { d: e }\n}\n"],
    ['use "a.dit.{b}\n', 'use "a.dit.{b}"\n'],
    ["part P (x: [a]) -> [a]\n  return x\n}\n", "part P (x: [a]) -> [a] {\n  return x\n}\n"],
  ];
  for (const [text, better] of cases) it(text.trim().replaceAll("\n", "⏎"), () => strictEqual(fixed(text), better));
});
