import assert from "node:assert/strict";
import { table } from "../../compiler/ir/table/table.js";
import { cases } from "./cases.js";
import { checkDerivatives, floats, gradientProgram, scalarize, tangentProgram } from "./helpers.js";

describe("derivatives of every op", () => {
  it("has a case for every row", () => {
    for (const kind of Object.keys(table)) assert.ok((cases[kind as keyof typeof cases] ?? []).length > 0, kind);
  });

  for (const list of Object.values(cases))
    for (const c of list)
      it(c.name, () => {
        checkDerivatives(c, c.inputs, 1e-8, c.name);
      });

  for (const list of Object.values(cases))
    for (const c of list)
      it(`${c.name}, second order`, () => {
        checkDerivatives(gradientProgram(scalarize(c)), c.inputs, 1e-7, `${c.name} of vjp`);
        const t = tangentProgram(c);
        const along = c.inputs
          .filter((x) => x.dtype === "float")
          .map((x) =>
            floats(
              x.shape,
              x.data.map((v) => Math.cos(5 * v)),
            ),
          );
        checkDerivatives(t, [...c.inputs, ...along], 1e-7, `${c.name} of jvp`);
      });
});
