import assert from "node:assert/strict";
import { mul, sum } from "../../compiler/ir/build.js";
import { FnBuilder } from "../../compiler/ir/builder.js";
import { evaluator } from "../../compiler/ir/evaluate.js";
import type { Fn, Module, TensorType, Value } from "../../compiler/ir/graph.js";
import { sizeOf, tensor } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import { jvp } from "../../compiler/passes/jvp.js";
import { vjp } from "../../compiler/passes/vjp.js";

export function floats(shape: readonly number[], data: ArrayLike<number>): HostTensor {
  return { dtype: "float", shape, data: Float64Array.from(data) };
}

export function indices(shape: readonly number[], data: ArrayLike<number>): HostTensor {
  return { dtype: "index", shape, data: Int32Array.from(data) };
}

/** A small generator, so that every run draws the same. */
export function generator(seed: number): () => number {
  let s = (seed * 2654435761 + 12345) >>> 0;
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return s / 2 ** 32;
  };
}

export function draw(random: () => number, shape: readonly number[], lo = -2, hi = 2): HostTensor {
  return floats(
    shape,
    Float64Array.from({ length: sizeOf(shape) }, () => lo + (hi - lo) * random()),
  );
}

export function scalarOf(t: HostTensor | undefined): number {
  assert.ok(t);
  return t.data[0] as number;
}

export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  relative: number,
  what: string,
): void {
  assert.equal(actual.length, expected.length, what);
  let scale = 0;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i] as number));
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i] as number;
    const e = expected[i] as number;
    const ok = Object.is(a, e) || Math.abs(a - e) <= relative * Math.max(scale, 1e-3);
    assert.ok(ok, `${what}: element ${i} is ${a}, expected ${e}`);
  }
}

/** A function of parameters, to be differentiated. */
export interface Program {
  readonly params: readonly TensorType[];
  build(b: FnBuilder, params: readonly Value[]): Value[];
}

export function compile(program: Program, fns = new Map<string, Fn>()): Module {
  const b = new FnBuilder("main", fns);
  const params = program.params.map((t, i) => b.param(t, `x${i}`));
  return b.finishMain(program.build(b, params));
}

/** Σ result · weight over the float results, as a scalar. */
export function weighted(b: FnBuilder, results: readonly Value[], weights: readonly Value[]): Value {
  let total = b.scalar(0);
  results.forEach((r, i) => {
    const w = weights[i];
    if (!w) return;
    const s = sum(
      b,
      mul(b, r, w),
      r.type.shape.map((_, d) => d),
    );
    total = b.emit("add", [total, s], {});
  });
  return total;
}

/** The scalar Σ result · weight of a program, with weights as constants drawn at random. */
export function scalarize(program: Program, seed = 1): Program {
  return {
    params: program.params,
    build: (b, params) => {
      const results = program.build(b, params);
      const random = generator(seed);
      const weights = results.map((r) => b.constant(r.type, draw(random, r.type.shape, 0.5, 1.5).data));
      return [weighted(b, results, weights)];
    },
  };
}

export function floatParams(program: Program): number[] {
  return program.params.flatMap((t, i) => (t.dtype === "float" ? [i] : []));
}

/** Gradients of a scalar program by its float parameters, `vjp` over the main function. */
export function gradientProgram(program: Program): Program {
  return {
    params: program.params,
    build: (b, params) => {
      const [y] = program.build(b, params);
      assert.ok(y);
      const wrt = floatParams(program).map((i) => params[i] as Value);
      const g = vjp(b, [{ value: y, cotangent: b.scalar(1) }], wrt);
      return g.map((v, i) => v ?? b.splat((wrt[i] as Value).type, 0));
    },
  };
}

/** Derivative of the results of a program along parameters that are appended, one for each float parameter. */
export function tangentProgram(program: Program): Program {
  const active = floatParams(program);
  return {
    params: [...program.params, ...active.map((i) => program.params[i] as TensorType)],
    build: (b, params) => {
      const inputs = params.slice(0, program.params.length);
      const along = params.slice(program.params.length);
      const results = program.build(b, inputs);
      const at = active.map((p, i) => ({ value: inputs[p] as Value, tangent: along[i] as Value }));
      const t = jvp(b, at, results);
      return t.map((v, i) => v ?? b.splat((results[i] as Value).type, 0));
    },
  };
}

/** Derivative of a scalar program by each element of its float parameters, by five-point differences. */
export function differences(program: Program, inputs: readonly HostTensor[], h = 1e-3): Float64Array[] {
  const run = evaluator(compile(program));
  return floatParams(program).map((p) => {
    const x = inputs[p] as HostTensor;
    return Float64Array.from({ length: x.data.length }, (_, i) => {
      const at = (d: number): number => {
        const data = Float64Array.from(x.data);
        data[i] = (data[i] as number) + d;
        return scalarOf(run(inputs.with(p, { ...x, data }))[0]);
      };
      return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    });
  });
}

/** Both modes against differences. */
export function checkDerivatives(
  program: Program,
  inputs: readonly HostTensor[],
  tolerance: number,
  what: string,
  h?: number,
): void {
  const scalar = scalarize(program);
  const expected = differences(scalar, inputs, h);
  const reverse = evaluator(compile(gradientProgram(scalar)))(inputs);
  reverse.forEach((g, i) => {
    assertClose(g.data, expected[i] as Float64Array, tolerance, `${what}, vjp by float parameter ${i}`);
  });
  const random = generator(77);
  const along = floatParams(program).map((p) => draw(random, (inputs[p] as HostTensor).shape));
  const forward = evaluator(compile(tangentProgram(scalar)))([...inputs, ...along]);
  let dot = 0;
  along.forEach((t, i) => {
    t.data.forEach((v, j) => {
      dot += v * ((expected[i] as Float64Array)[j] as number);
    });
  });
  assertClose([scalarOf(forward[0])], [dot], tolerance * 10, `${what}, jvp`);
}

export const vec = (n: number): TensorType => tensor([n], ["a"]);
