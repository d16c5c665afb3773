import assert from "node:assert/strict";
import { lowering } from "../../compiler/emit/onnx/lowering.js";
import { type Case, cases } from "../ir/cases.js";
import { compile, draw, generator, gradientProgram, scalarize, tangentProgram } from "../ir/helpers.js";
import { agree } from "./agree.js";
import { extra } from "./cases.js";

const every = new Map<string, readonly Case[]>();
for (const [kind, list] of [...Object.entries(cases), ...Object.entries(extra)])
  every.set(kind, [...(every.get(kind) ?? []), ...list]);

describe("the onnx engine agrees with the reference on every op", () => {
  it("has a case for every cell of the lowering", () => {
    // A call is what the random graphs are made of.
    for (const kind of Object.keys(lowering)) assert.ok(kind === "call" || (every.get(kind) ?? []).length > 0, kind);
  });

  for (const [kind, list] of every)
    it(kind, async () => {
      for (const c of list) await agree(compile(c), c.inputs, c.name);
    });
});

describe("the onnx engine agrees with the reference on the derivatives of every op", () => {
  const random = generator(5);
  for (const [kind, list] of Object.entries(cases))
    it(kind, async () => {
      for (const c of list) {
        await agree(compile(gradientProgram(scalarize(c))), c.inputs, `${c.name}, vjp`, 1e-4);
        const along = c.inputs.filter((t) => t.dtype === "float").map((t) => draw(random, t.shape));
        await agree(compile(tangentProgram(c)), [...c.inputs, ...along], `${c.name}, jvp`, 1e-4);
      }
    });
});
