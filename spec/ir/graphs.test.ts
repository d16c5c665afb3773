import assert from "node:assert/strict";
import { dce } from "../../compiler/passes/dce.js";
import { compile, gradientProgram, scalarize } from "./helpers.js";
import { properties } from "./properties.js";
import { randomProgram } from "./random-graph.js";

describe("random graphs with calls", () => {
  for (const [what, holds] of Object.entries(properties)) it(what, () => holds(6));

  it("keep one backward a function, however many calls", () => {
    const program = randomProgram(12, "smooth", 30);
    const module = dce(compile(gradientProgram(scalarize(program))));
    const calls = module.main.ops.filter((op) => op.kind === "call").length;
    assert.ok(calls > 12);
    assert.ok(module.fns.size < 16, [...module.fns.keys()].join());
  });
});
