import { ok, strictEqual } from "node:assert";
import { type SyntaxCode, syntaxCatalog } from "../../grammar/messages.js";
import { parse } from "../../grammar/parse.js";
import { sourceOf } from "./read.js";

describe("the syntax catalog", () => {
  for (const code of Object.keys(syntaxCatalog) as SyntaxCode[]) {
    const { example, explain } = syntaxCatalog[code];
    it(`${code} has a page and an example that raises it alone`, () => {
      ok(/^[a-z]+(-[a-z]+)*$/.test(code));
      ok(explain.length > 40 && explain.split("\n").length <= 10);
      const found = parse(sourceOf(example ?? "")).diagnostics;
      strictEqual(found.map((diagnostic) => diagnostic.code).join(), code);
      for (const { message } of found) {
        ok(!/-->|Token|EOF|undefined|\[object/.test(message), message);
        ok(!message.endsWith("."), message);
      }
    });
  }
});
