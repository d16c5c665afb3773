import { add, as, broadcast, compare, div, like, mul, scale, select, sub, sum, transpose } from "../build.js";
import type { FnBuilder } from "../builder.js";
import { sizeOf, type TensorType, type Value } from "../graph.js";
import { eigenvectors } from "../kernels/eigen.js";
import { check, checkArity, checkDType, elements, range, typeText } from "../types.js";
import { at, operand, type Rows, result } from "./row.js";

/** The product of the last two dimensions, matrix by matrix. */
function product(b: FnBuilder, x: Value, y: Value): Value {
  const rank = x.type.shape.length;
  const batch = range(rank - 2).map((d) => [d, d] as const);
  return b.emit("dot", [x, y], { batch, contract: [[rank - 1, rank - 2]] });
}

function flipped(b: FnBuilder, x: Value): Value {
  const rank = x.type.shape.length;
  return transpose(b, x, [...range(rank - 2), rank - 1, rank - 2]);
}

/** (x + x') / 2 */
function symmetric(b: FnBuilder, x: Value): Value {
  return scale(b, add(b, x, as(b, flipped(b, x), x.type)), 0.5);
}

/** 1 / (λj - λi) at i, j; 0 on the diagonal, and where two eigenvalues are equal: their vectors have no derivative. */
function gaps(b: FnBuilder, x: Value, v: Value): Value {
  const rank = x.type.shape.length;
  const values = sum(b, mul(b, v, as(b, product(b, x, v), v.type)), [rank - 2]);
  const along = (d: number): Value => broadcast(b, values, v.type, [...range(rank - 2), d]);
  const gap = sub(b, along(rank - 1), along(rank - 2));
  const equal = compare(b, "eq", gap, like(b, gap, 0));
  return select(b, equal, like(b, gap, 0), div(b, like(b, gap, 1), select(b, equal, like(b, gap, 1), gap)));
}

function infer(types: readonly TensorType[]): TensorType {
  checkArity("eigenvectors", types, 1);
  const t = at(types, 0);
  checkDType("eigenvectors", t, "float");
  const [rows, cols] = t.shape.slice(-2);
  check(t.shape.length >= 2 && rows === cols, () => `eigenvectors of ${typeText(t)}`);
  return t;
}

export const spectralRows: Rows<"eigenvectors"> = {
  eigenvectors: {
    infer,
    flops: (_types, _attrs, type) => 9 * elements(type) * (type.shape.at(-1) ?? 1),
    vjp: (b, op, ct) => {
      const [x, v] = [operand(op, 0), result(op)];
      const turned = flipped(b, v);
      const inner = mul(b, gaps(b, x, v), as(b, product(b, turned, ct), v.type));
      return [symmetric(b, as(b, product(b, product(b, v, inner), turned), x.type))];
    },
    jvp: (b, op, [t]) => {
      const [x, v] = [operand(op, 0), result(op)];
      const moved = t && product(b, product(b, flipped(b, v), symmetric(b, t)), v);
      return moved && as(b, product(b, v, mul(b, gaps(b, x, v), as(b, moved, v.type))), v.type);
    },
    eval: (inputs, _attrs, type) => {
      const x = at(inputs, 0).data;
      const n = at(type.shape, type.shape.length - 1);
      const out = new Float64Array(sizeOf(type.shape));
      for (let from = 0; from < out.length; from += n * n) eigenvectors(n, x, from, out);
      return { dtype: "float", shape: type.shape, data: out };
    },
  },
};
