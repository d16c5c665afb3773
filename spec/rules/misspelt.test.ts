import assert from "node:assert/strict";
import { blocksOfReference, examples } from "./load.js";
import { tryMisspelt, wordsOf } from "./misspelt.js";

describe("one wrong letter", () => {
  it("in a key, setting or choice word is an error that names the right one: a sample", () => {
    const failures: string[] = [];
    let tried = 0;
    for (const [file, text] of [...examples, ...blocksOfReference]) {
      const words = wordsOf(text);
      for (let i = tried % 7; i < words.length; i += 7) {
        const word = words[i];
        const failed = word && tryMisspelt(text, word, 1 + i);
        tried += 1;
        if (failed) failures.push(`${file}: ${failed}`);
      }
    }
    assert.ok(tried > 30, `only ${tried} words`);
    assert.deepEqual(failures, []);
  }).timeout(60_000);
});
