/** Random programs with functions that call functions. */
import * as build from "../../compiler/ir/build.js";
import { FnBuilder } from "../../compiler/ir/builder.js";
import { type Fn, type TensorType, tensor, type Value } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import { draw, generator, type Program } from "./helpers.js";

const matrix = tensor([2, 3], ["row", "col"]);
const square = tensor([3, 3], ["from", "to"]);
const vector = tensor([3], ["col"]);

type Step = (b: FnBuilder, x: Value, y: Value, w: Value, v: Value) => Value;

const both = (b: FnBuilder, x: Value): Value => build.broadcast(b, x, matrix, [1]);

/** All take and give [2, 3]; none grows fast, none has a kink near where it is used. */
const smooth: Step[] = [
  (b, x, y) => build.add(b, x, y),
  (b, x, y) => build.mul(b, build.unary(b, "tanh", x), y),
  (b, x, y) => build.sub(b, build.unary(b, "sin", x), build.scale(b, y, 0.5)),
  (b, x, y) => build.div(b, x, build.shift(b, build.mul(b, y, y), 1)),
  (b, x) => build.div(b, x, build.unary(b, "sqrt", build.shift(b, build.mul(b, x, x), 0.5))),
  (b, x) => b.emit("softmax", [x], {}),
  (b, x, _y, w) => b.emit("dot", [x, w], { batch: [], contract: [[1, 0]] }),
  (b, x, _y, w) => build.transpose(b, b.emit("dot", [w, x], { batch: [], contract: [[1, 1]] }), [1, 0]),
  (b, x, _y, _w, v) => build.mul(b, x, both(b, v)),
  (b, x) => build.sub(b, x, build.unreduce(b, build.scale(b, build.sum(b, x, [1]), 1 / 3), x.type, [1])),
  (b, x, y) => {
    const part = (z: Value, from: number, to: number): Value =>
      b.emit("slice", [z], { start: [0, from], stop: [2, to] });
    return b.emit("concat", [part(x, 1, 3), part(y, 0, 1)], { axis: 1 });
  },
  (b, x) => build.scale(b, b.emit("cumsum", [x], { axis: 1, exclusive: false, reverse: true }), 0.5),
  (b, x) => build.unary(b, "exp", build.neg(b, build.mul(b, x, x))),
  (b, x) =>
    build.unary(
      b,
      "sigmoid",
      build.reshape(b, build.transpose(b, build.reshape(b, x, [3, 2]), [1, 0]), [2, 3], ["row", "col"]),
    ),
];

/** With derivatives that jump or lie: fine between graphs that must agree, not for differences. */
const broken: Step[] = [
  (b, x, y) => build.add(b, x, b.emit("stop_gradient", [y], {})),
  (b, x, y) => build.select(b, build.compare(b, "lt", x, y), x, build.mul(b, y, y)),
  (b, x, y) => build.binary(b, "max", x, y),
  (b, x) => build.unreduce(b, b.emit("reduce_max", [x], { axes: [0] }), x.type, [0]),
  (b, x) =>
    build.mul(b, build.unary(b, "abs", x), build.unary(b, "log", build.shift(b, build.unary(b, "abs", x), 1e-3))),
];

interface Callee {
  readonly fn: Fn;
  readonly results: number;
}

function body(
  b: FnBuilder,
  random: () => number,
  steps: readonly Step[],
  length: number,
  params: readonly Value[],
  callees: readonly Callee[],
): Value[] {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const values = params.filter((p) => p.type.shape.length === 2 && p.type.shape[0] === 2);
  const weights = params.filter((p) => p.type.shape[0] === 3 && p.type.shape.length === 2);
  const vectors = params.filter((p) => p.type.shape.length === 1);
  for (let i = 0; i < length; i++) {
    const x = pick(values);
    const y = pick(values);
    if (callees.length > 0 && random() < 0.4) {
      const { fn, results } = pick(callees);
      const call = b.call(fn, [x, y, pick(weights), pick(vectors)]);
      for (let r = 0; r < results; r++) values.push(b.resultOf(call, r));
    } else values.push(pick(steps)(b, x, y, pick(weights), pick(vectors)));
  }
  return [values.at(-1) as Value, pick(values.slice(2))];
}

export interface RandomProgram extends Program {
  readonly inputs: readonly HostTensor[];
}

/** Parameters: two matrices, two weights, a vector. `build` adds the functions it needs to those of the builder. */
export function randomProgram(seed: number, kind: "smooth" | "broken", length = 6): RandomProgram {
  const steps = kind === "smooth" ? smooth : [...smooth, ...broken];
  const params: TensorType[] = [matrix, matrix, square, square, vector];
  const random = generator(seed + 1000);
  return {
    params,
    build: (b, values) => {
      const random = generator(seed);
      const callees: Callee[] = [];
      for (const name of ["f", "g"]) {
        const inner = new FnBuilder(name, b.fns);
        const own = [matrix, matrix, square, vector].map((t, i) => inner.param(t, `p${i}`));
        const results = body(inner, random, steps, 4, own, callees);
        callees.push({ fn: inner.finish(results), results: results.length });
      }
      return body(b, random, steps, length, values, callees);
    },
    inputs: params.map((t) => draw(random, t.shape, -1, 1)),
  };
}
