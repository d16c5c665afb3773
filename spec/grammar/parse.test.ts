import { deepStrictEqual, strictEqual } from "node:assert";
import { spanText } from "../../grammar/source.js";
import { corpus, grouped, read, readBody, readExpr, readItem, wrong } from "./read.js";
import { bare } from "./shape.js";

describe("the reference", () => {
  for (const { name, text } of corpus) it(`${name} reads clean`, () => void read(text));
});

describe("precedence", () => {
  const cases: [text: string, shape: string][] = [
    ["a + b * c", "(a + (b * c))"],
    ["a - b - c", "((a - b) - c)"],
    ["a / b * c % d", "(((a / b) * c) % d)"],
    ["-x^2", "(- (x ^ 2))"],
    ["x^-y", "(x ^ (- y))"],
    ["a^b^c", "(a ^ (b ^ c))"],
    ["a^b * c", "((a ^ b) * c)"],
    ["2 * -x", "(2 * (- x))"],
    ["- - x", "(- (- x))"],
    ["-f(x).y", "(- f(x).y)"],
    ["not a == b", "(not (a == b))"],
    ["not not a", "(not (not a))"],
    ["not a and b or c", "(((not a) and b) or c)"],
    ["a or b and c", "(a or (b and c))"],
    ["x in 1..n - 1", "(x in (1 .. (n - 1)))"],
    ["1..depth / 2 - 1", "(1 .. ((depth / 2) - 1))"],
    ["predict is not velocity and a", "((predict is not velocity) and a)"],
    ["a + b is c", "((a + b) is c)"],
    ["if a then b else if c then d else e + 1", "(if a then b else (if c then d else (e + 1)))"],
    ["(a + b) * c", "(<(a + b)> * c)"],
    ["(if a then b else c) * d", "(<(if a then b else c)> * d)"],
    ["f(x, y: 1, ..)", "f(x, y: 1..)"],
    ["block(..).attn.out", "block(..).attn.out"],
    ["x.in.data", "x.in.data"],
  ];
  for (const [text, shape] of cases) it(text, () => strictEqual(grouped(readExpr(text)), shape));
});

describe("values", () => {
  const cases: [text: string, node: object][] = [
    ["true", { kind: "Bool", value: true }],
    ["none", { kind: "None" }],
    ["(x)", { kind: "Group", inner: { kind: "Name", name: "x" } }],
    [
      "(x, 1)",
      {
        kind: "Tuple",
        items: [
          { kind: "Name", name: "x" },
          { kind: "Number", value: 1, whole: true },
        ],
      },
    ],
    ["(a: x)", { kind: "Record", fields: [{ name: "a", value: { kind: "Name", name: "x" } }] }],
    ["[]", { kind: "List", items: [] }],
    ["[dim]", { kind: "List", items: [{ kind: "Name", name: "dim" }] }],
    ["[dim: x]", { kind: "Axes", items: [{ name: "dim", size: { kind: "Name", name: "x" } }] }],
    ["[a, b: x]", { kind: "Axes", items: [{ name: "a" }, { name: "b", size: { kind: "Name", name: "x" } }] }],
    [
      "[i for (i, j) in x, k in y if z]",
      {
        kind: "Comprehension",
        item: { kind: "Name", name: "i" },
        loops: [
          { pattern: ["i", "j"], tuple: true, in: { kind: "Name", name: "x" } },
          { pattern: ["k"], tuple: false, in: { kind: "Name", name: "y" } },
        ],
        guard: { kind: "Name", name: "z" },
      },
    ],
    [
      "SiT.B { heads: x, ratio?, patch }",
      {
        kind: "Def",
        name: "SiT",
        member: "B",
        settings: [
          { name: "heads", value: { kind: "Name", name: "x" }, offered: false },
          { name: "ratio", offered: true },
          { name: "patch", offered: false },
        ],
      },
    ],
    [
      "x[a -> (b, c: y), (d, e) -> f, g = x, h: x, i]",
      {
        kind: "Reindex",
        object: { kind: "Name", name: "x" },
        items: [
          {
            kind: "to",
            left: { group: false, axes: [{ name: "a" }] },
            right: { group: true, axes: [{ name: "b" }, { name: "c", size: { kind: "Name", name: "y" } }] },
          },
          {
            kind: "to",
            left: { group: true, axes: [{ name: "d" }, { name: "e" }] },
            right: { group: false, axes: [{ name: "f" }] },
          },
          { kind: "at", left: { group: false, axes: [{ name: "g" }] }, value: { kind: "Name", name: "x" } },
          { kind: "size", left: { group: false, axes: [{ name: "h" }] }, size: { kind: "Name", name: "x" } },
          { kind: "axis", left: { group: false, axes: [{ name: "i" }] } },
        ],
      },
    ],
  ];
  for (const [text, node] of cases) it(text, () => deepStrictEqual(bare(readExpr(text)), node));

  it("a call without an instance", () => {
    const call = readExpr("LayerNorm {}(x)");
    strictEqual(call.kind === "Call" && call.callee.kind === "Def" && call.callee.settings?.length, 0);
  });
  it("has the place of its text", () =>
    strictEqual(spanText(readExpr("a + f(b)[c -> d].e").span), "a + f(b)[c -> d].e"));
});

describe("types", () => {
  const axis = (name: string) => ({ kind: "axis", name });
  const cases: [text: string, node: object][] = [
    ["[]", { kind: "AxesType", axes: { items: [] } }],
    ["[*]", { kind: "AxesType", axes: { items: [{ kind: "all" }] } }],
    ["[a, b -> c]", { kind: "AxesType", axes: { items: [axis("a"), axis("b")], arrow: [axis("c")] } }],
    ["bool[a]", { kind: "NamedType", name: "bool", axes: { items: [axis("a")] } }],
    ["float[*]", { kind: "NamedType", name: "float", axes: { items: [{ kind: "all" }] } }],
    ["objective", { kind: "NamedType", name: "objective" }],
    ["@class", { kind: "IndexType", axis: "class" }],
    [
      "@tick(x)[kept]",
      { kind: "IndexType", axis: "tick", size: { kind: "Name", name: "x" }, axes: { items: [axis("kept")] } },
    ],
    ["velocity | noise", { kind: "ChoiceType", words: ["velocity", "noise"] }],
    ["fn(z, ..)", { kind: "SignatureType", name: "fn", inputs: [{ name: "z" }], rest: true }],
    [
      "part (s: []) -> (a: [], b: int)",
      {
        kind: "SignatureType",
        name: "part",
        inputs: [{ name: "s", type: { kind: "AxesType", axes: { items: [] } } }],
        rest: false,
        result: {
          kind: "RecordType",
          fields: [
            { name: "a", type: { kind: "AxesType", axes: { items: [] } } },
            { name: "b", type: { kind: "NamedType", name: "int" } },
          ],
        },
      },
    ],
    [
      "([], int)",
      {
        kind: "TupleType",
        items: [
          { kind: "AxesType", axes: { items: [] } },
          { kind: "NamedType", name: "int" },
        ],
      },
    ],
  ];
  for (const [text, node] of cases) {
    it(text, () => {
      const item = readItem(`param p: ${text}\n`);
      deepStrictEqual(item.kind === "Param" && bare(item.type), node);
    });
  }
});

describe("statements", () => {
  const none = { loops: [] };
  const x = { kind: "Name", name: "x" };
  const cases: [text: string, node: object][] = [
    ["let y = x", { kind: "Let", target: { name: "y" }, value: x, tail: none }],
    ["let (a, b) = x", { kind: "Let", target: { pattern: ["a", "b"] }, value: x, tail: none }],
    [
      "let h(i): int = x for i in x, j in x if x",
      {
        kind: "Let",
        target: { name: "h", index: { kind: "Name", name: "i" } },
        type: { kind: "NamedType", name: "int" },
        value: x,
        tail: {
          loops: [
            { index: "i", range: x },
            { index: "j", range: x },
          ],
          guard: x,
        },
      },
    ],
    ["tap y = x", { kind: "Tap", target: { name: "y" }, value: x, tail: none }],
    [
      "weight w: [] ~ x if x",
      { kind: "Weight", name: "w", type: { kind: "AxesType", axes: { items: [] } }, how: "~", init: x, guard: x },
    ],
    ["draw u ~ uniform", { kind: "Draw", target: { name: "u" }, law: "uniform", tail: none }],
    ["state m: [] = x", { kind: "State", name: "m", type: { kind: "AxesType", axes: { items: [] } }, init: x }],
    ["next m = x if x", { kind: "Next", name: "m", value: x, guard: x }],
    ['require x, "no"', { kind: "Require", condition: x, message: "no" }],
    ["part p: Linear", { kind: "Instance", of: "part", name: "p", ref: { name: "Linear" } }],
    [
      "part p(i in x): q { a: x } if x",
      {
        kind: "Instance",
        of: "part",
        name: "p",
        index: { name: "i", range: x },
        ref: { name: "q", settings: [{ name: "a", value: x, offered: false }] },
        guard: x,
      },
    ],
    [
      "fn g[a](y: [a] = x, ..) -> [] = x",
      {
        kind: "Fn",
        name: "g",
        axes: ["a"],
        inputs: [{ name: "y", type: { kind: "AxesType", axes: { items: [{ kind: "axis", name: "a" }] } }, value: x }],
        rest: true,
        result: { kind: "AxesType", axes: { items: [] } },
        body: [{ kind: "Return", value: x }],
      },
    ],
  ];
  for (const [text, node] of cases) it(text, () => deepStrictEqual(readBody(text).map(bare), [node]));

  it("rewires", () => {
    const item = readItem(
      "model m: SiT with {\n  skip long(i): a(i).out -> b.in via Add { k: 1 } for i in 1..2\n  set h(1) = h(0) if x\n}\n",
    );
    deepStrictEqual(item.kind === "Instance" && item.rewires?.map(({ kind, span }) => [kind, spanText(span)]), [
      ["Skip", "skip long(i): a(i).out -> b.in via Add { k: 1 } for i in 1..2"],
      ["Set", "set h(1) = h(0) if x"],
    ]);
  });

  it("minimize", () => {
    const item = readItem(
      "train run {\n  minimize joint\n    by A { lr: 1 } over net except net.b(1..2), head where matrix\n    by b clip 2 {\n    x: a if b\n    y: c\n  }\n}\n",
    );
    const [only] = item.kind === "Plan" ? item.body : [];
    strictEqual(only?.kind, "Minimize");
    if (only?.kind !== "Minimize") return;
    strictEqual(only.name?.text, "joint");
    deepStrictEqual(
      only.by.map((clause) => [
        clause.optimizer.name.text,
        clause.over?.map((select) => select.terms.map(({ path, where }) => [spanText(path.span), where?.text])),
      ]),
      [
        [
          "A",
          [
            [
              ["net", undefined],
              ["net.b(1..2)", undefined],
            ],
            [["head", "matrix"]],
          ],
        ],
        ["b", undefined],
      ],
    );
    deepStrictEqual(
      only.terms.map(({ name, guard }) => [name.text, guard !== undefined]),
      [
        ["x", true],
        ["y", false],
      ],
    );
  });
});

describe("items", () => {
  it("keys and statements of a plan are told apart", () => {
    const item = readItem(
      'train run {\n  data: d, batch: 2\n  let y = x\n  ema: 0.9\n  model\n  stop if y > 1, "no"\n}\n',
    );
    strictEqual(item.kind, "Plan");
    if (item.kind !== "Plan") return;
    deepStrictEqual(
      [item.keys.map(({ name }) => name.text), item.body.map(({ kind }) => kind)],
      [
        ["data", "batch", "ema", "model"],
        ["Let", "Stop"],
      ],
    );
  });
  it("sample and evaluate are plans in braces, instances after a colon, definitions in upper case", () => {
    const kinds = read(
      "sample a: G { x: 1 }\nsample b {\n  return x\n}\nsample C {} () -> [*] = x\nevaluate d {\n  of: a\n}\n",
    ).items.map(({ kind }) => kind);
    deepStrictEqual(kinds, ["Instance", "Plan", "Definition", "Plan"]);
  });
  it("a sweep has rows and lists", () => {
    const item = readItem("sweep s of run {\n  case a { x: 1 }\n  y: [1, 2]\n  case b { x: 2 }\n}\n");
    deepStrictEqual(
      item.kind === "Sweep" && [item.cases.map(({ name }) => name.text), item.settings.map(({ name }) => name.text)],
      [["a", "b"], ["y"]],
    );
  });
  it("a layout name holds expressions with their places", () => {
    const item = readItem(
      'layout L for run {\n  "a.{i - 1}.b{n}" <-> x(i).w[a -> b] as [1, a] for i in 1..2\n  "" <-> self as Torch\n}\n',
    );
    strictEqual(item.kind, "Layout");
    if (item.kind !== "Layout") return;
    strictEqual(item.target.text, "run");
    deepStrictEqual(
      item.entries.map(({ name }) => name.map((part) => (typeof part === "string" ? part : spanText(part.span)))),
      [["a.", "i - 1", ".b", "n"], [""]],
    );
  });
  it("an empty file", () => deepStrictEqual(read("").items, []));
  it("a file of comments", () => strictEqual(read("// a\n\n/// b\n").comments.length, 2));
  it("line ends of any kind, and a byte order mark", () =>
    strictEqual(read("\uFEFFfn f(x) = x\r\nfn g(x) = x\r\n").items.length, 2));
});

describe("checks after reading", () => {
  it("an index that is a parameter in disguise", () => {
    wrong(
      "part P (x: [dim]) -> [dim] {\n  let f(«k») = 2 * k\n  return f(x)\n}\n",
      "let-parameter: `k` is declared nowhere: for a function write `fn f(k) = …`",
    );
  });
  it("but not one of a setting, a size, an import or a loop", () => {
    read(
      "use std.{n}\nparam p: int = 1\npart P { d: int } (x: [dim]) -> [dim] {\n  let a(d) = 1\n  let b(dim) = 1\n  let c(n) = 1\n  let e(p) = 1\n  let g(i) = 1 for i in 1..2\n  return x\n}\n",
    );
  });
  it("and not in a `with`, where the names are those of another file", () => {
    read("model m: SiT with {\n  let h(depth) = 1\n}\n");
  });
});
