import assert from "node:assert/strict";
import { stalePages } from "../../scripts/pages/main.js";

describe("the pages of docs/ that are made", () => {
  it("are what `npm run pages` writes", () => {
    assert.deepEqual(stalePages(), [], "npm run pages");
  });
});
