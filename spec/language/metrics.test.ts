/** Eigenvectors in the language, and the metrics of the library where their values are known. */
import assert from "node:assert/strict";
import { assertNear, numbers, sampled } from "./numbers.js";
import { codes, load, sound } from "./specs.js";

const spec = (result: string, body = "", used = "") => `use std.{${used || "sq"}}
sample one {
  like: ones[x: 1], count: 1
  draw z: [*] ~ normal
${body}
  return 0 * z + ${result}
}
`;

/** The number that an expression gives. */
function value(result: string, body = "", used = ""): number {
  return numbers(sampled(sound(spec(result, body, used))))[0] ?? Number.NaN;
}

/** [[2, 1], [1, 2]], whose eigenvalues are 1 and 3. */
const table = "let m = stack[row](stack[col](2, 1), stack[col](1, 2))";

describe("eigenvectors", () => {
  it("are columns of length 1, by rising eigenvalue", () => {
    const v = (row: number, k: number) => value(`eigenvectors[row, col, k](m)[row = ${row}, k = ${k}]`, table);
    const half = Math.SQRT1_2;
    assertNear([v(1, 1), v(2, 1), v(1, 2), v(2, 2)], [half, -half, half, half], 1e-14);
    const w = "eigenvalues[row, col](m)";
    assertNear(
      [1, 2].map((k) => value(`${w}[mode = ${k}]`, table, "eigenvalues")),
      [1, 3],
      1e-14,
    );
  });

  it("give powers of a table: its root, the inverse of that", () => {
    const body = `${table}
  let r = symmetric_power[row, col](m, 0.5)
  let i = symmetric_power[row, col](m, -0.5)
  let square = dot[by](r[col -> by], r[row -> by])
  let unit = dot[by](r[col -> by], i[row -> by])`;
    assertNear([value("sum(sq(square - m))", body, "sq, symmetric_power")], [0], 1e-14);
    assertNear([value("unit[row = 1, col = 1] + unit[row = 1, col = 2]", body, "symmetric_power")], [1], 1e-14);
  });

  it("have derivatives: of the sum of the eigenvalues the unit matrix, of an eigenvalue v v'", () => {
    const body = (f: string) => `${table}
  fn f(a: [row, col]) = ${f}
  let (y, g) = vjp(f, at: m, along: 1)`;
    const entry = (f: string, row: number, col: number) =>
      value(`g[row = ${row}, col = ${col}]`, body(f), "eigenvalues");
    const sum = "sum(eigenvalues[row, col](a))";
    assertNear([entry(sum, 1, 1), entry(sum, 1, 2)], [1, 0], 1e-14);
    const least = "sum(eigenvalues[row, col](a)[mode = 1])";
    assertNear([entry(least, 1, 1), entry(least, 1, 2)], [0.5, -0.5], 1e-14);
    // Through the vectors: (v1)^2 of the first row, whose value does not change along its eigenvectors.
    const part = "sum(sq(eigenvectors[row, col, k](a)[row = 1, k = 1]))";
    assertNear([value("g[row = 1, col = 1]", body(part), "sq")], [-0.25], 1e-14);
  });

  it("are of square tables, along a new axis", () => {
    const said = (brackets: string, m = "ones[row: 2, col: 2]") =>
      codes(spec(`sum(eigenvectors[${brackets}](${m}))`)).filter((c) => c !== "unused-import");
    assert.deepEqual(said("row, col, k", "ones[row: 2, col: 3]"), ["axis-mismatch"]);
    assert.deepEqual(said("row, col"), ["axis-argument"]);
    assert.deepEqual(said("row, col, row"), ["axis-collision"]);
    assert.deepEqual(said("row, column, k"), ["unknown-axis"]);
  });
});

describe("metrics", () => {
  const cloud = (name: string, samples: number, axis = "sample") =>
    `draw ${name}: [${axis}: ${samples}, dim: 3] ~ normal`;

  it("of a set and itself are those of what is the same", () => {
    const two = `${cloud("a", 12)}\n  let b = a[sample -> other]\n  let k = gram[dim](a)`;
    const cases: [expression: string, used: string, expected: number][] = [
      ["Cka { eps: 0 }(k, k)", "Cka, gram", 1],
      ["Cknna { n: 4, eps: 0 }(k, k)", "Cknna, gram", 1],
      ["MutualNeighbours { n: 4 }(k, k)", "MutualNeighbours, gram", 1],
      ["Fid {}(a, b)", "Fid, gram", 0],
      ["Precision {}(a, b)", "Precision, gram", 1],
      ["Recall {}(a, b)", "Recall, gram", 1],
      ["Coverage {}(a, b)", "Coverage, gram", 1],
      ["Retrieval {}(a[dim -> channel], a[dim -> channel])", "Retrieval, gram", 1],
    ];
    for (const [expression, used, expected] of cases)
      assert.ok(
        Math.abs(value(expression, two, used) - expected) < 1e-9,
        `${expression}: ${value(expression, two, used)}`,
      );
  });

  it("know simple sets: directions of features, distance of means, classes that are certain", () => {
    const three = "let x = where(repeat[dim](position[sample: 4], 4) == position[dim: 4], 1, 0)";
    // Four corners of a simplex: three directions alike.
    assertNear([value("EffectiveRank {}(x)", three, "EffectiveRank")], [3], 1e-6);
    const moved = `${cloud("a", 9)}\n  let b = a[sample -> other] + 2`;
    assertNear([value("Fid {}(a, b)", moved, "Fid")], [12], 1e-9);
    const certain = "let x = 100 * where(repeat[class](position[sample: 3], 3) == position[class: 3], 1, 0)";
    assertNear([value("Inception {}(x)", certain, "Inception")], [3], 1e-9);
  });

  it("say what they cannot measure", () => {
    const message = (expression: string, body: string, used: string) =>
      load(spec(expression, body, used)).diagnostics.find((d) => d.severity === "error")?.message ?? "";
    const k = `${cloud("a", 3)}\n  let k = gram[dim](a)`;
    assert.match(message("Cka { by: hsic_unbiased }(k, k)", k, "Cka, gram, hsic_unbiased"), /four samples or more/);
    const grid = "draw u: [token: 9, dim: 2] ~ normal";
    assert.match(message("SimilarityDecay {}(u)", grid, "SimilarityDecay"), /no two tokens are `reach` steps apart/);
    const uneven = `${cloud("a", 5)}\n  ${cloud("b", 4)}`;
    assert.match(message("Kid {}(a, b)", uneven, "Kid"), /`sample` is 4 here and 5 there/);
  });

  it("are of numbers: a share of bools is written", () => {
    const found = load(spec("mean(z > 0)")).diagnostics.find((d) => d.severity === "error");
    assert.equal(found?.code, "operand-kind");
    assert.match(found.message, /`mean` cannot take a tensor of bools/);
    assert.match(found.help?.join() ?? "", /where\(c, 1, 0\)/);
  });
});
