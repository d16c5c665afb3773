import assert from "node:assert/strict";
import { checkFile } from "../../compiler/names/check.js";
import { loadLibrary } from "../../compiler/names/load.js";
import { blocksOfReference, check, examples, host, lines } from "./load.js";

describe("specs without mistakes", () => {
  for (const [file, text] of [...examples, ...blocksOfReference])
    it(`${file} gives no diagnostic`, () => {
      // `bf16`, `stop if` and the like are not executed yet, and say so.
      assert.deepEqual(lines(check(text).filter((d) => d.code !== "not-yet")), []);
    }).timeout(60_000);

  it("the library knows all its names", () => {
    const library = loadLibrary(host);
    assert.deepEqual(lines(library.diagnostics), []);
    for (const file of library.value.files)
      assert.deepEqual(
        lines(
          checkFile({ ...file, library: false }, library.value, false).filter(
            (d) => d.severity === "error" || d.code.startsWith("unused"),
          ),
        ),
        [],
        file.source.path,
      );
  });
});
