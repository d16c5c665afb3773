import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { format } from "../../grammar/format.js";
import { parse } from "../../grammar/parse.js";
import { SourceFile } from "../../grammar/source.js";
import { libraryPage, page } from "./reference.js";
import { library } from "./specs.js";

const reference = readFileSync(new URL("../language.md", import.meta.url), "utf8");
const index = reference.slice(reference.indexOf("### 10.1 Index"), reference.indexOf("### 10.2"));
const externs = reference.slice(reference.indexOf("### 9.3"), reference.indexOf("## 10."));

describe("the library", () => {
  for (const [name, text] of library) {
    it(`${name} is in canonical form`, () => {
      assert.equal(format(new SourceFile(name, text)).value, text);
      for (const line of text.split("\n")) assert.ok(line.length <= 140, line);
    });

    it(`${name} says where it is from, and the reference lists what it has`, () => {
      assert.match(text, /^\/\/ \S/);
      for (const item of parse(new SourceFile(name, text)).value.items) {
        if (item.kind === "Use") continue;
        const listed = item.kind === "Preset" ? `${item.of.text}.${item.name.text}` : item.name.text;
        const known = new RegExp(`(?<![\\w.])${listed.replace(".", "\\.")}(?!\\w)`);
        assert.match(index + externs, known, `${listed} is not in the index`);
      }
    });
  }

  it("is printed whole in library.md: `npx tsx spec/language/reference.ts` writes it", () => {
    assert.equal(readFileSync(page, "utf8"), libraryPage());
  });
});
