import assert from "node:assert/strict";
import { areas, pages } from "../../compiler/diagnostics/catalog.js";

describe("the catalog", () => {
  it("gives every code to one area", () => {
    const codes = areas.flatMap((area) => Object.keys(area.entries));
    assert.deepEqual(
      codes.filter((code, i) => codes.indexOf(code) !== i),
      [],
    );
    assert.equal(pages().size, codes.length);
  });

  it("names codes in kebab case and explains each in a few lines", () => {
    for (const { code, explain } of pages().values()) {
      assert.match(code, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
      const lines = explain.trim().split("\n").length;
      assert.ok(lines >= 1 && lines <= 20, `${code}: ${lines} lines`);
    }
  });
});
