import assert from "node:assert/strict";
import fc from "fast-check";
import { evaluate } from "../../compiler/ir/evaluate.js";
import type { Module } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import { print } from "../../compiler/ir/print.js";
import { read } from "../../compiler/ir/read.js";
import { verify } from "../../compiler/ir/verify.js";
import { cse } from "../../compiler/passes/cse.js";
import { dce } from "../../compiler/passes/dce.js";
import { fold } from "../../compiler/passes/fold.js";
import { inline } from "../../compiler/passes/inline.js";
import { optimize } from "../../compiler/passes/optimize.js";
import { simplify } from "../../compiler/passes/simplify.js";
import {
  assertClose,
  checkDerivatives,
  compile,
  draw,
  floatParams,
  generator,
  gradientProgram,
  type Program,
  scalarize,
  tangentProgram,
} from "./helpers.js";
import { randomProgram } from "./random-graph.js";

const seeds = fc.integer({ min: 0, max: 1_000_000 });

/** The program with all its calls inlined before anything is done to it. */
function inlined(program: Program): Program {
  return {
    params: program.params,
    build: (b, params) => {
      const module = inline(compile(program));
      const map = new Map(module.main.params.map((p, i) => [p, params[i] ?? p]));
      for (const op of module.main.ops) {
        const v = op.results[0];
        assert.ok(v && op.kind !== "call");
        map.set(
          v,
          b.emit(
            op.kind,
            op.operands.map((x) => map.get(x) ?? x),
            op.attrs,
          ),
        );
      }
      return module.main.results.map((r) => map.get(r) ?? r);
    },
  };
}

function same(a: Module, b: Module, inputs: readonly HostTensor[], tolerance: number, what: string): void {
  assert.deepEqual(verify(a), [], what);
  assert.deepEqual(verify(b), [], what);
  const x = evaluate(a, inputs);
  const y = evaluate(b, inputs);
  assert.equal(x.length, y.length);
  for (const [i, t] of x.entries()) assertClose(y[i]?.data ?? [], t.data, tolerance, `${what}, result ${i}`);
}

/** All ways in which the tests differentiate a program, each with inputs. */
function derived(
  program: Program,
  inputs: readonly HostTensor[],
): (readonly [string, Program, readonly HostTensor[]])[] {
  const random = generator(5);
  const along = (p: Program): HostTensor[] => floatParams(p).map((i) => draw(random, p.params[i]?.shape ?? []));
  const scalar = scalarize(program);
  const gradient = gradientProgram(scalar);
  const tangent = tangentProgram(program);
  const t = along(program);
  const both = [...inputs, ...t];
  return [
    ["value", program, inputs],
    ["vjp", gradient, inputs],
    ["jvp", tangent, both],
    ["vjp of jvp", gradientProgram(scalarize(tangent)), both],
    ["jvp of vjp", tangentProgram(gradient), both],
    ["vjp of vjp", gradientProgram(scalarize(gradient)), inputs],
  ];
}

/** What holds of random graphs, each on `numRuns` of them. */
export const properties: Readonly<Record<string, (numRuns: number) => void>> = {
  "give the same as functions and inlined, differentiated in every way": (numRuns) => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const program = randomProgram(seed, "broken");
        const flat = derived(inlined(program), program.inputs);
        for (const [i, [what, outlined, inputs]] of derived(program, program.inputs).entries()) {
          const other = flat[i]?.[1];
          assert.ok(other);
          same(compile(outlined), compile(other), inputs, 1e-9, what);
        }
      }),
      { numRuns, seed: 1 },
    );
  },

  "agree with differences to second order": (numRuns) => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const program = randomProgram(seed, "smooth", 4);
        for (const [what, p, inputs] of derived(program, program.inputs).slice(0, 3))
          checkDerivatives(p, inputs, 1e-6, what);
      }),
      { numRuns, seed: 2 },
    );
  },

  "keep their numbers in every pass": (numRuns) => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const program = randomProgram(seed, "broken");
        for (const [what, p, inputs] of derived(program, program.inputs)) {
          const module = compile(p);
          const passes = {
            fold,
            cse,
            dce,
            inline,
            simplify,
            optimize,
            "one inlined": (m: Module) => inline(m, (fn) => fn.name === "f"),
          };
          for (const [name, pass] of Object.entries(passes)) {
            const before = print(module);
            same(module, pass(module), inputs, 1e-10, `${name} of ${what}`);
            assert.equal(print(module), before, `${name} leaves its input as it was`);
          }
          same(module, optimize(inline(optimize(module)), { final: true }), inputs, 1e-10, `all of ${what}`);
        }
      }),
      { numRuns, seed: 3 },
    );
  },

  "are read as they were printed": (numRuns) => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const program = randomProgram(seed, "broken");
        for (const [what, p, inputs] of derived(program, program.inputs)) {
          const module = compile(p);
          const text = print(module);
          const back = read(text);
          assert.equal(print(back), text);
          same(module, back, inputs, 0, what);
        }
      }),
      { numRuns, seed: 4 },
    );
  },
};
