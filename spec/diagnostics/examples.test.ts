import assert from "node:assert/strict";
import { pages } from "../../compiler/diagnostics/catalog.js";
import { parse } from "../../grammar/parse.js";
import { SourceFile } from "../../grammar/source.js";

describe("examples of the catalog", () => {
  for (const { code, area, example } of pages().values()) {
    if (area !== "syntax" || example === undefined) continue;
    it(`${code} is raised by its example, inside of it`, () => {
      const source = new SourceFile("example.dit", example);
      const { diagnostics } = parse(source);
      assert.ok(
        diagnostics.some((d) => d.code === code),
        `raised: ${diagnostics.map((d) => d.code).join(", ") || "nothing"}`,
      );
      for (const { span } of diagnostics)
        assert.ok(span.pos >= 0 && span.pos <= span.end && span.end <= example.length);
    });
  }
});
