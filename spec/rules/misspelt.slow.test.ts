import assert from "node:assert/strict";
import { blocksOfReference, examples } from "./load.js";
import { tryMisspelt, wordsOf } from "./misspelt.js";

describe("one wrong letter", () => {
  for (const [file, text] of [...examples, ...blocksOfReference])
    it(`in any key, setting or choice word of ${file} is an error that names the right one`, () => {
      const failures: string[] = [];
      for (const word of wordsOf(text))
        for (let seed = 1; seed <= 8; seed++) {
          const failed = tryMisspelt(text, word, seed);
          if (failed) failures.push(failed);
        }
      assert.deepEqual(failures, []);
    }).timeout(300_000);
});
