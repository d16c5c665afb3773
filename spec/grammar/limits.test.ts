import { deepStrictEqual, doesNotThrow, ok } from "node:assert";
import { format } from "../../grammar/format.js";
import { parse } from "../../grammar/parse.js";
import { DitParser } from "../../grammar/parser.js";
import { corpus, read, sourceOf } from "./read.js";

describe("the grammar", () => {
  it("passes the analysis that production skips", () => {
    doesNotThrow(() => new DitParser(false));
  });
});

/** Milliseconds of this process, not of the machine, which others share. */
function cost(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe("time", () => {
  const library = corpus.filter(({ name }) => /^s10-[1-7]\.dit$/.test(name)).map(({ text }) => text);
  it("the library is read in a blink", () => {
    const text = library.join("\n");
    read(text);
    const best = Math.min(...[1, 2, 3].map(() => cost(() => void parse(sourceOf(text)))));
    ok(best < 120, `${best} ms for ${text.split("\n").length} lines`);
  });
  it("making the parser costs little", () => {
    const best = Math.min(...[1, 2, 3].map(() => cost(() => void new DitParser(true))));
    ok(best < 120, `${best} ms`);
  });
});

describe("hostile files", () => {
  const many = 20_000;
  const cases: [what: string, text: string, first: string | undefined][] = [
    ["open brackets", `fn f(x) = ${"(".repeat(many)}`, "too-deep"],
    ["closed brackets", `fn f(x) = ${")".repeat(many)}`, "unexpected"],
    ["braces", "fn f(x) {".repeat(many), "too-deep"],
    ["choices", `fn f(x) = ${"if x then y else ".repeat(many)}z`, "too-deep"],
    ["conditions", `fn f(x) = ${"if ".repeat(many)}`, "too-deep"],
    ["a sum", `fn f(x) = x${" + x".repeat(many)}`, "too-deep"],
    ["a tower", `fn f(x) = x${"^x".repeat(many)}`, "too-deep"],
    ["minus", `fn f(x) = ${"-".repeat(many)}x`, "too-deep"],
    ["members", `fn f(x) = x${".y".repeat(many)}`, "too-deep"],
    ["types", `fn f(x: ${"fn(z) -> ".repeat(many)}[]) = x`, "too-deep"],
    ["quotes", '"\n'.repeat(many), "unclosed-string"],
    ["wrong brackets", `fn f(x) {\n${"let x = f(]\n".repeat(2000)}}`, "wrong-bracket"],
    ["misspelt words", "modle a: B\n".repeat(2000), "unknown-keyword"],
    ["a hundred levels", `fn f(x) = ${"(".repeat(99)}x${")".repeat(99)}\n`, undefined],
    ["a hundred choices", `fn f(x) = ${"if x then y else ".repeat(100)}z\n`, undefined],
    ["a long sum", `fn f(x) = x${" + x".repeat(1000)}\n`, undefined],
    ["a high tower", `fn f(x) = x${"^x".repeat(1000)}\n`, undefined],
  ];
  for (const [what, text, first] of cases) {
    it(what, () => {
      ok(cost(() => deepStrictEqual(parse(sourceOf(text)).diagnostics[0]?.code, first)) < 4000);
      ok(cost(() => void format(sourceOf(text))) < 4000);
    });
  }
});
