import assert from "node:assert/strict";
import { applyFixes } from "../../compiler/diagnostics/apply-fixes.js";
import { pages } from "../../compiler/diagnostics/catalog.js";
import { check, lines, name } from "./load.js";

/** Raised by files of recorded numbers and weights, which no text of a spec can bring along. */
const needFiles = new Set([
  "layout-path",
  "layout-missing",
  "layout-not-constant",
  "layout-axes",
  "fixture-group",
  "fixture-input",
  "fixture-state",
]);

describe("pages of the catalog", () => {
  for (const { code, area, example, explain } of pages().values()) {
    if (area === "syntax") continue;
    it(`${code}: a text, and an example that raises it`, () => {
      assert.ok(explain.trim().length > 40, "the page teaches nothing");
      if (example === undefined) return assert.ok(needFiles.has(code), "no example");
      const found = check(example);
      const own = found.filter((d) => d.code === code);
      assert.ok(own.length > 0, `raised: ${lines(found).join("\n")}`);
      for (const d of found) {
        assert.equal(d.span.source.path, name, `${d.code} is shown in another file`);
        assert.ok(
          d.span.pos >= 0 && d.span.pos <= d.span.end && d.span.end <= example.length,
          `${d.code} stands outside`,
        );
      }
    });
  }

  for (const { code, area, example } of pages().values()) {
    if (area === "syntax" || example === undefined) continue;
    it(`${code}: a fix mends it`, () => {
      for (const d of check(example))
        for (const fix of d.fixes) {
          const { texts } = applyFixes([{ ...d, fixes: [fix] }]);
          const [mended] = texts.values();
          assert.ok(mended !== undefined, `\`${fix.title}\` changes nothing`);
          const left = check(mended).filter((x) => x.code === d.code && x.message === d.message);
          assert.deepEqual(lines(left), [], `\`${fix.title}\` leaves it there`);
        }
    });
  }
});
