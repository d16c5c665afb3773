import { memory } from "../../compiler/passes/liveness.js";
import { optimize } from "../../compiler/passes/optimize.js";
import { rematerialise } from "../../compiler/passes/rematerialise.js";
import { compile, gradientProgram, scalarize } from "../ir/helpers.js";
import { randomProgram } from "../ir/random-graph.js";
import { agree } from "./agree.js";
import { subjects } from "./engines.js";

for (const { name, engine } of subjects)
  describe(`${name} on rematerialised graphs`, () => {
    it("agrees with the reference", async () => {
      for (let seed = 0; seed < 12; seed++) {
        const program = randomProgram(seed, "smooth", 14);
        const module = optimize(compile(gradientProgram(scalarize(program))));
        const { module: lower } = rematerialise(module, { budget: memory(module).peak * 0.6, extra: 1 });
        await agree(engine, lower, program.inputs, `graph ${seed}`);
      }
    });
  });
