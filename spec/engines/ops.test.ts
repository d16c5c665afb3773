import assert from "node:assert/strict";
import { table } from "../../compiler/ir/table/table.js";
import { type Case, cases } from "../ir/cases.js";
import { compile, draw, generator, gradientProgram, scalarize, tangentProgram } from "../ir/helpers.js";
import { agree } from "./agree.js";
import { extra } from "./cases.js";
import { subjects } from "./engines.js";

const every = new Map<string, readonly Case[]>();
for (const [kind, list] of [...Object.entries(cases), ...Object.entries(extra)])
  every.set(kind, [...(every.get(kind) ?? []), ...list]);

it("every op has a case for the engines", () => {
  // A call is what the random graphs are made of.
  for (const kind of Object.keys(table)) assert.ok((every.get(kind) ?? []).length > 0, kind);
});

for (const { name, engine } of subjects) {
  describe(`${name} agrees with the reference on every op`, () => {
    for (const [kind, list] of every)
      it(kind, async () => {
        for (const c of list) await agree(engine, compile(c), c.inputs, c.name);
      });
  });

  describe(`${name} agrees with the reference on the derivatives of every op`, () => {
    const random = generator(5);
    for (const [kind, list] of Object.entries(cases))
      it(kind, async () => {
        for (const c of list) {
          await agree(engine, compile(gradientProgram(scalarize(c))), c.inputs, `${c.name}, vjp`, 1e-4);
          const along = c.inputs.filter((t) => t.dtype === "float").map((t) => draw(random, t.shape));
          await agree(engine, compile(tangentProgram(c)), [...c.inputs, ...along], `${c.name}, jvp`, 1e-4);
        }
      });
  });
}
