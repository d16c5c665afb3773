import assert from "node:assert/strict";
import { flat } from "../../compiler/emit/flat.js";
import { emitOnnx } from "../../compiler/emit/onnx/emit.js";
import { compile, gradientProgram, scalarize } from "../ir/helpers.js";
import { randomProgram } from "../ir/random-graph.js";
import { subjects } from "./engines.js";
import { randomGraphsAgree, randomLayoutsAgree } from "./random.js";

for (const { name, engine } of subjects)
  describe(`${name} on random graphs with calls`, () => {
    it("agrees with the reference", () => randomGraphsAgree(engine, 25, 6));

    it("agrees with the reference on ops that move and repeat", () => randomLayoutsAgree(engine, 60, 20));
  });

describe("an ONNX model", () => {
  it("has the same bytes for the same graph", () => {
    const bytes = (): Uint8Array => emitOnnx(flat(compile(gradientProgram(scalarize(randomProgram(5, "smooth", 12))))));
    assert.deepEqual(bytes(), bytes());
  });
});
