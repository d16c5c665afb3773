/** The numbers that a spec means: its programs run by the reference interpreter on inputs that depend on nothing but their names. */
import assert from "node:assert/strict";
import { optimized, type Spec } from "../../compiler/index.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import { sizeOf, type TensorType } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import type { Input, Program } from "../../compiler/plan/plan.js";
import { floats, generator, indices } from "../ir/helpers.js";

export interface Numbers {
  /** Fields of the sample, or logged numbers, or new weights, by name. */
  readonly out: ReadonlyMap<string, HostTensor>;
  /** What was fed, by path. */
  readonly fed: ReadonlyMap<string, HostTensor>;
  readonly program: Program;
}

/** Draws as they are for samples `first`, `first + 1`, …: the same sample has the same numbers however many are drawn at once. */
export function sampled(spec: Spec, first = 0, name?: string): Numbers {
  const built = spec.samples.find((s) => name === undefined || s.name === name);
  assert.ok(built, "the spec has such a sample");
  return run(spec, optimized(built.program), first, 0);
}

/** One step of a train plan, at `step`. */
export function stepped(spec: Spec, step = 0): Numbers {
  const phases = spec.trains[0]?.phases ?? [];
  const phase = phases.findLast((p) => p.from <= step);
  assert.ok(phase, "the spec has a train plan");
  return run(spec, optimized(phase.program), 0, step);
}

export function field(n: Numbers, name = ""): HostTensor {
  const t = n.out.get(name);
  assert.ok(t, `${name} is one of ${[...n.out.keys()].join(", ")}`);
  return t;
}

export function numbers(n: Numbers, name = ""): number[] {
  return Array.from(field(n, name).data);
}

export function scalar(n: Numbers, name: string): number {
  return numbers(n, name)[0] ?? Number.NaN;
}

export function assertNear(a: readonly number[], b: readonly number[], tolerance = 1e-10): void {
  assert.equal(a.length, b.length);
  for (const [i, x] of a.entries()) {
    const y = b[i] ?? Number.NaN;
    assert.ok(Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(x), Math.abs(y)), `element ${i}: ${x} and ${y}`);
  }
}

function seedOf(path: string): number {
  let h = 7;
  for (const c of path) h = (Math.imul(h, 31) + c.charCodeAt(0)) >>> 0;
  return h % 65_521;
}

function run(spec: Spec, program: Program, first: number, step: number): Numbers {
  const fed = new Map<string, HostTensor>();
  const inputs = program.inputs.map((input, i) => {
    const type = program.module.main.params[i]?.type;
    assert.ok(type);
    const t = inputOf(spec, program, input, type, first, step);
    if (input.role === "draw" || input.role === "weight") fed.set(input.path, t);
    else if (input.role === "field") fed.set(`${input.instance}.${input.field}`, t);
    return t;
  });
  const results = evaluate(program.module, inputs);
  const out = new Map<string, HostTensor>();
  for (const [i, o] of program.outputs.entries()) {
    const t = results[i];
    const name =
      o.role === "sample" ? o.field : o.role === "log" || o.role === "probe" ? o.name : `${o.role} ${o.path}`;
    if (t) out.set(name, t);
  }
  return { out, fed, program };
}

function inputOf(
  spec: Spec,
  program: Program,
  input: Input,
  type: TensorType,
  first: number,
  step: number,
): HostTensor {
  const { shape } = type;
  switch (input.role) {
    case "weight":
    case "average":
      return floats(
        shape,
        values(shape, input.path, 0, sizeOf(shape), 0).map((x) => x - 0.5),
      );
    case "draw": {
      const d = program.draws.find(({ path }) => path === input.path);
      const per = sizeOf(d?.batch ? shape.slice(1) : shape);
      const top = d?.law === "index" ? (d.size ?? 1) : 0;
      return filled(type, values(shape, input.path, d?.batch ? first : 0, per, top));
    }
    case "field":
      return filled(
        type,
        values(
          shape,
          `${input.instance}.${input.field}`,
          first,
          sizeOf(shape.slice(1)),
          type.dtype === "index" ? classes : 0,
        ),
      );
    case "index":
      return indices(
        shape,
        Array.from({ length: sizeOf(shape) }, (_, k) => first + k),
      );
    case "step":
      return floats([], [step]);
    case "state":
      return floats(shape, new Float64Array(sizeOf(shape)).fill(spec.trains[0]?.states.get(input.path)?.init ?? 0));
  }
}

/** Labels of the specs of these tests. */
const classes = 3;

function filled(type: TensorType, data: readonly number[]): HostTensor {
  return type.dtype === "index" ? indices(type.shape, data) : floats(type.shape, data);
}

/** Element k of sample s depends on the path, s and k; whole numbers below `top`, or reals in 0..1. */
function values(shape: readonly number[], path: string, first: number, per: number, top: number): number[] {
  return Array.from({ length: sizeOf(shape) }, (_, k) => {
    const random = generator(seedOf(`${path} ${first + Math.floor(k / per)} ${k % per}`));
    random();
    return top === 0 ? random() : Math.floor(random() * top);
  });
}
