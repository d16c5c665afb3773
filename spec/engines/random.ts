import fc from "fast-check";
import type { HostTensor } from "../../compiler/ir/host.js";
import { memory } from "../../compiler/passes/liveness.js";
import { optimize } from "../../compiler/passes/optimize.js";
import { rematerialise } from "../../compiler/passes/rematerialise.js";
import type { Engine } from "../../runtime/engines/engine.js";
import {
  compile,
  draw,
  floatParams,
  generator,
  gradientProgram,
  type Program,
  scalarize,
  tangentProgram,
} from "../ir/helpers.js";
import { randomProgram } from "../ir/random-graph.js";
import { agree } from "./agree.js";
import { layoutProgram } from "./layout-graph.js";

/**
 * Values and derivatives of random graphs with calls. The graphs have no choices: a number that is rounded otherwise would take the other
 * branch.
 */
export async function randomGraphsAgree(engine: Engine, numRuns: number, length: number): Promise<void> {
  const random = generator(9);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 1_000_000 }), async (seed) => {
      const program = randomProgram(seed, "smooth", length);
      const along = floatParams(program).map((i) => draw(random, program.params[i]?.shape ?? [], -1, 1));
      const all: readonly (readonly [string, Program, readonly HostTensor[]])[] = [
        ["value", program, program.inputs],
        ["vjp", gradientProgram(scalarize(program)), program.inputs],
        ["jvp", tangentProgram(program), [...program.inputs, ...along]],
      ];
      for (const [what, p, inputs] of all) await agree(engine, compile(p), inputs, `${what} of graph ${seed}`, 5e-4);
    }),
    { numRuns, seed: 1 },
  );
}

/** One generator draws shapes and ops, so a program is built once for each use of its seed. */
export async function randomLayoutsAgree(engine: Engine, numRuns: number, length: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 1_000_000 }), async (seed) => {
      const program = layoutProgram(seed, length);
      await agree(engine, compile(program), program.inputs, `layouts ${seed}`, 1e-4);
      const again = layoutProgram(seed, length);
      await agree(engine, compile(gradientProgram(scalarize(again))), again.inputs, `layouts ${seed}, vjp`, 1e-3);
    }),
    { numRuns, seed: 1 },
  );
}

/** Gradients of random graphs, some of their values computed twice. */
export async function rematerialisedAgree(engine: Engine): Promise<void> {
  for (let seed = 0; seed < 12; seed++) {
    const program = randomProgram(seed, "smooth", 14);
    const module = optimize(compile(gradientProgram(scalarize(program))));
    const { module: lower } = rematerialise(module, { budget: memory(module).peak * 0.6, extra: 1 });
    await agree(engine, lower, program.inputs, `graph ${seed}`);
  }
}
