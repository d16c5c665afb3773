import assert from "node:assert/strict";
import { format } from "../../grammar/format.js";
import { SourceFile } from "../../grammar/source.js";
import { costOf, steps } from "./tutorial.js";

describe("docs/tutorial.md", () => {
  const all = steps();

  it("has seven steps after the first spec", () => assert.equal(all.length, 8));

  for (const { heading, added, text, cost } of all) {
    it(`${heading}: a few lines, in canonical form, without a remark, at the cost that stands there`, () => {
      assert.ok(added <= 8, `${added} lines`);
      assert.equal(format(new SourceFile("model.dit", text)).value, text);
      assert.equal(costOf(text), cost);
    });
  }
});
