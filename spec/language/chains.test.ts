/** The chains of ticks that DDPM and DDIM visit, against those of the official code (improved-diffusion `respace.py`); static lists. */
import assert from "node:assert/strict";
import { numbers, sampled } from "./numbers.js";
import { codes, sound } from "./specs.js";

function visiting(steps: number, spacing: string, sections: string, total = 1000): string {
  return `use std.{kept_ticks}
part Visited { spacing: even | strided } () -> [tick: ${steps}] =
  position[tick: ${total}][tick = kept_ticks(${total}, ${steps}, spacing, ${sections})] - 1
sample ticks {
  like: zeros[tick: ${steps}], count: 1
  draw z: [*] ~ normal
  return 0 * z + Visited { spacing: ${spacing} }()
}
`;
}

function ticks(steps: number, spacing: string, sections = `[${steps}]`, total = 1000): number[] {
  return numbers(sampled(sound(visiting(steps, spacing, sections, total))));
}

describe("ticks of a respaced chain", () => {
  it("are evenly rounded, from the first to the last", () => {
    assert.deepEqual(ticks(8, "even"), [0, 143, 285, 428, 571, 714, 856, 999]);
    assert.deepEqual(ticks(1, "even"), [0]);
  });

  it("are rounded where the code's sum of strides is, not where the stride times the place would be", () => {
    assert.equal(ticks(21, "even")[10], 499);
    assert.equal(ticks(11, "even")[5], 500);
  });

  it("have the smallest whole stride with this many", () => {
    assert.deepEqual(ticks(7, "strided"), [0, 143, 286, 429, 572, 715, 858]);
    assert.deepEqual(ticks(8, "strided"), [0, 125, 250, 375, 500, 625, 750, 875]);
  });

  it("are those of each section", () => {
    assert.deepEqual(ticks(9, "even", "[4, 3, 2]", 50), [0, 5, 11, 16, 17, 25, 33, 34, 49]);
  });

  it("are refused where there are none such", () => {
    for (const bad of [
      visiting(400, "strided", "[400]"),
      visiting(9, "even", "[4, 3]"),
      visiting(5, "even", "[4, 3]"),
      visiting(12, "even", "[10, 2]", 16),
      visiting(20, "even", "[20]", 16),
    ])
      assert.deepEqual([...new Set(codes(bad))], ["require"], bad);
  });
});

describe("items of a static list", () => {
  const text = (i: string) => `sample one {
  like: zeros[tick: 2], count: 1
  draw z: [*] ~ normal
  return 0 * z + item([3, 5, 8], ${i})
}
`;
  it("count from 1", () => assert.deepEqual(numbers(sampled(sound(text("2")))), [5, 5]));
  it("are refused outside", () => {
    assert.deepEqual(codes(text("0")), ["index-range"]);
    assert.deepEqual(codes(text("4")), ["index-range"]);
  });
});
