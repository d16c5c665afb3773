import { strictEqual } from "node:assert";
import { nearest } from "../../grammar/nearest.js";

describe("nearest", () => {
  const words = ["model", "metric", "minimize", "let", "hidden", "heads", "depth", "SiT", "x"];
  for (const [word, found] of [
    ["modle", "model"],
    ["mdel", "model"],
    ["lett", "let"],
    ["hiden", "hidden"],
    ["hdden", "hidden"],
    ["head", "heads"],
    ["minimise", "minimize"],
    ["sit", "SiT"],
    ["Depth", "depth"],
    ["y", undefined],
    ["patch", undefined],
    ["", undefined],
    ["completely_else", undefined],
  ] as const) {
    it(`${word} → ${found}`, () => strictEqual(nearest(word, words), found));
  }
});
