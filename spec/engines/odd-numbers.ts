/** What ops make of numbers that are none, or infinite: each tensor holds one, so that there is nothing else to compare. */
import type { BinaryOp, UnaryOp } from "../../compiler/ir/attrs.js";
import { tensor } from "../../compiler/ir/graph.js";
import type { Case } from "../ir/cases.js";
import { floats } from "../ir/helpers.js";

const unary: readonly UnaryOp[] = [
  ...(["neg", "exp", "log", "sin", "cos", "tan", "tanh", "atan", "erf", "sqrt", "abs"] as const),
  ...(["sign", "sigmoid", "floor", "round"] as const),
];
const binary: readonly BinaryOp[] = ["add", "sub", "mul", "div", "mod", "min", "max"];

const shape = [2, 3];
const type = tensor(shape);
const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
const all = (x: number): Case["inputs"][number] => floats(shape, Array(6).fill(x));

export const oddNumbers: readonly Case[] = [
  ...unary.flatMap((kind) =>
    odd.map((v): Case => {
      const build: Case["build"] = (b, [x]) => (x ? [b.emit(kind, [x], {})] : []);
      return { name: `${kind} of ${v}`, inputs: [all(v)], params: [type], build };
    }),
  ),
  ...binary.flatMap((kind) => odd.flatMap((v) => [...odd, 2, -3].map((w) => pair(kind, v, w)))),
  // Not to the power 0, a root or below 0: there devices say infinite or no number as they like.
  ...odd.flatMap((v) => [Number.NaN, 2].map((w) => pair("pow", v, w))),
];

function pair(kind: BinaryOp, v: number, w: number): Case {
  const build: Case["build"] = (b, [x, y]) => (x && y ? [b.emit(kind, [x, y], {})] : []);
  return { name: `${kind} of ${v} and ${w}`, inputs: [all(v), all(w)], params: [type, type], build };
}
