/** Rotary position embedding and the gated perceptron: the library's parts against the formulas written out. */
import assert from "node:assert/strict";
import { assertNear, numbers, sampled } from "./numbers.js";
import { codes, sound } from "./specs.js";

function drawn(tokens: number, feat: number, body: string): { x: number[]; y: number[] } {
  const n = sampled(
    sound(`use std.{AxialRope, sq}
sample one {
  like: ones[token: ${tokens}, feat: ${feat}], count: 1
  draw x: [*] ~ normal
${body}
}
`),
  );
  const x = n.fed.get("one.x");
  assert.ok(x, `x is one of ${[...n.fed.keys()].join(", ")}`);
  return { x: Array.from(x.data), y: numbers(n) };
}

/** Rotates pair `p` of token `n`, whose angle is `angle(n, p)`. */
function turned(x: readonly number[], feat: number, angle: (token: number, pair: number) => number): number[] {
  return x.map((v, k) => {
    const token = Math.floor(k / feat);
    const channel = k % feat;
    const a = angle(token, Math.floor(channel / 2));
    return channel % 2 === 0
      ? v * Math.cos(a) - (x[k + 1] ?? 0) * Math.sin(a)
      : v * Math.cos(a) + (x[k - 1] ?? 0) * Math.sin(a);
  });
}

/** Angles on a grid of `cols` columns for heads of 8 channels: rates 1 and 0.01, rows first. */
function onGrid(cols: number, scale = 1): (token: number, pair: number) => number {
  return (token, pair) =>
    scale * (pair < 2 ? Math.floor(token / cols) : token % cols) * (pair % 2 === 0 ? 1 : 10_000 ** -0.5);
}

describe("AxialRope", () => {
  it("turns pairs of neighbouring channels: half of them by the row, half by the column", () => {
    const { x, y } = drawn(9, 8, "  return AxialRope {}(x)");
    assertNear(y, turned(x, 8, onGrid(3)));
  });

  it("takes grids that are not square, and another size in training", () => {
    const { x, y } = drawn(8, 8, "  return AxialRope { rows: 2, trained_on: 1 }(x)");
    assertNear(y, turned(x, 8, onGrid(4, 0.5)));
  });

  it("leaves the first tokens as they are", () => {
    const { x, y } = drawn(7, 8, "  return AxialRope { still: 3 }(x)");
    const grid = onGrid(2);
    assertNear(
      y,
      turned(x, 8, (token, pair) => (token < 3 ? 0 : grid(token - 3, pair))),
    );
  });

  it("turns some of the tokens by their places in the whole sequence", () => {
    const all = drawn(5, 8, "  return AxialRope { still: 1 }(x)[token = [1, 5, 2, 4, 3]]");
    const some = drawn(
      5,
      8,
      `  let u = 0 - sq(position[place: 5] - 3.1)
  let at = argsort[place](u)[place -> token]
  return AxialRope { still: 1 }(x[token -> place].at(place: at), at)`,
    );
    assertNear(some.y, all.y);
  });

  it("asks for heads of whole pairs on both axes", () => {
    const narrow = `use std.{AxialRope}
sample one {
  like: ones[token: 4, feat: 6], count: 1
  draw x: [*] ~ normal
  return AxialRope {}(x)
}
`;
    assert.ok(codes(narrow).includes("require"));
  });
});

describe("SwiGlu", () => {
  const model = (settings: string) => `use std.{SwiGlu}
part mlp: SwiGlu { ${settings} }
sample one {
  like: ones[dim: 2], count: 1
  draw x: [*] ~ normal
  return mlp(x)
}
`;
  const wide = (settings: string) => sampled(sound(model(settings))).fed.get("mlp.fc2.w")?.shape[0];

  it("is two thirds as wide as the plain perceptron, cut and not rounded to a multiple", () => {
    assert.equal(wide("hidden: 16"), 10);
    assert.equal(wide("hidden: 16, wide: 12"), 12);
  });

  it("is silu of the first half of one map, times the second half", () => {
    const n = sampled(sound(model("hidden: 3, bias: false")));
    const of = (path: string) => Array.from(n.fed.get(path)?.data ?? []);
    const [x, w1, w2] = [of("one.x"), of("mlp.fc1.w"), of("mlp.fc2.w")];
    assert.equal(w1.length, 2 * 2 * 2);
    // from, half, wide
    const wire = (half: number, k: number) =>
      (x[0] ?? 0) * (w1[2 * half + k] ?? 0) + (x[1] ?? 0) * (w1[4 + 2 * half + k] ?? 0);
    const gated = [0, 1].map((k) => (wire(0, k) / (1 + Math.exp(-wire(0, k)))) * wire(1, k));
    const y = [0, 1].map((to) => (gated[0] ?? 0) * (w2[to] ?? 0) + (gated[1] ?? 0) * (w2[2 + to] ?? 0));
    assertNear(numbers(n), y);
  });
});
