import assert from "node:assert/strict";
import { emitOnnx } from "../../compiler/emit/onnx/emit.js";
import { flat } from "../../compiler/emit/onnx/program.js";
import { compile, gradientProgram, scalarize } from "../ir/helpers.js";
import { randomProgram } from "../ir/random-graph.js";
import { randomGraphsAgree, randomLayoutsAgree } from "./random.js";

describe("the onnx engine on random graphs with calls", () => {
  it("agrees with the reference", () => randomGraphsAgree(25, 6));

  it("agrees with the reference on ops that move and repeat", () => randomLayoutsAgree(60, 20));

  it("writes the same bytes for the same graph", () => {
    const bytes = (): Uint8Array => emitOnnx(flat(compile(gradientProgram(scalarize(randomProgram(5, "smooth", 12))))));
    assert.deepEqual(bytes(), bytes());
  });
});
