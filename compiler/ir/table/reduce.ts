import { compare, like, reshape, select, sum, transpose, unreduce } from "../build.js";
import type { FnBuilder } from "../builder.js";
import { none } from "../constant.js";
import { type DType, type OpOf, sizeOf, type TensorType, type Value } from "../graph.js";
import { allocate, type Data, strides } from "../kernels/memory.js";
import { walk } from "../kernels/strided.js";
import { check, checkArity, checkDType, elements, inverse, others, typeText } from "../types.js";
import { at, operand, type Row, type Rows, result } from "./row.js";

type Extreme = "reduce_max" | "reduce_min";

function infer(kind: string, types: readonly TensorType[], axes: readonly number[], ...allowed: DType[]): TensorType {
  checkArity(kind, types, 1);
  const t = at(types, 0);
  checkDType(kind, t, ...allowed);
  const ok = axes.every((a, i) => a < t.shape.length && (i === 0 ? a >= 0 : a > at(axes, i - 1)));
  check(ok, () => `${kind} of ${typeText(t)} over [${axes}]`);
  const rest = others(t.shape.length, axes);
  return { dtype: t.dtype, shape: rest.map((d) => at(t.shape, d)), axes: rest.map((d) => at(t.axes, d)) };
}

/** Strides of the result seen from the operand: 0 along what is reduced. */
function reducedStrides(shape: readonly number[], axes: readonly number[]): number[] {
  const rest = others(shape.length, axes);
  const inner = strides(rest.map((d) => at(shape, d)));
  const out = shape.map(() => 0);
  rest.forEach((d, i) => {
    out[d] = at(inner, i);
  });
  return out;
}

function addUp(shape: readonly number[], x: Data, axes: readonly number[], out: Data): void {
  walk(shape, reducedStrides(shape, axes), 0, strides(shape), 0, (a, sa, b, sb, n) => {
    if (sa === 0) {
      let acc = 0;
      for (let i = 0; i < n; i++, b += sb) acc += x[b] as number;
      out[a] = (out[a] as number) + acc;
    } else for (let i = 0; i < n; i++, a += sa, b += sb) out[a] = (out[a] as number) + (x[b] as number);
  });
}

/** `sign` 1: the largest, -1: the smallest; not a number wins over both. */
function extreme(shape: readonly number[], x: Data, axes: readonly number[], out: Data, sign: number): void {
  walk(shape, reducedStrides(shape, axes), 0, strides(shape), 0, (a, sa, b, sb, n) => {
    for (let i = 0; i < n; i++, a += sa, b += sb) {
      const v = x[b] as number;
      if (!(sign * v <= sign * (out[a] as number)) && !Number.isNaN(out[a])) out[a] = v;
    }
  });
}

/** Where the operand first has the value that was chosen: bool, of the operand's shape. */
function firstChosen(b: FnBuilder, op: OpOf<Extreme>): Value {
  const x = operand(op, 0);
  const { axes } = op.attrs;
  const rank = x.type.shape.length;
  const hit = compare(b, "eq", x, unreduce(b, result(op), x.type, axes));
  if (axes.length === 0) return hit;
  const rest = others(rank, axes);
  const perm = [...rest, ...axes];
  const single = axes.length === 1;
  const count = b.emit("cast", [hit], { to: "float" });
  // Over several axes "first" is in row-major order: they become one.
  const flat = single
    ? count
    : reshape(b, transpose(b, count, perm), [
        ...rest.map((d) => at(x.type.shape, d)),
        sizeOf(axes.map((d) => at(x.type.shape, d))),
      ]);
  const axis = single ? at(axes, 0) : rest.length;
  const before = b.emit("cumsum", [flat], { axis, exclusive: true, reverse: false });
  const back = single
    ? before
    : transpose(
        b,
        reshape(
          b,
          before,
          perm.map((d) => at(x.type.shape, d)),
          perm.map((d) => at(x.type.axes, d)),
        ),
        inverse(perm),
      );
  return b.emit("and", [hit, compare(b, "eq", back, like(b, back, 0))], none);
}

function extremeRow<K extends Extreme>(kind: K, sign: number): Row<K> {
  return {
    infer: (types, { axes }) => infer(kind, types, axes, "float", "bool"),
    flops: (types) => elements(at(types, 0)),
    vjp: (b, op, ct) => {
      const spread = unreduce(b, ct, operand(op, 0).type, op.attrs.axes);
      return [select(b, firstChosen(b, op), spread, like(b, spread, 0))];
    },
    jvp: (b, op, [t]) => t && sum(b, select(b, firstChosen(b, op), t, like(b, t, 0)), op.attrs.axes),
    eval: (inputs, { axes }, type) => {
      const x = at(inputs, 0);
      const out = allocate(type.dtype, sizeOf(type.shape));
      // `any` starts at false and `all` at true.
      out.fill(type.dtype === "bool" ? (sign > 0 ? 0 : 1) : -sign * Number.POSITIVE_INFINITY);
      extreme(x.shape, x.data, axes, out, sign);
      return { dtype: type.dtype, shape: type.shape, data: out };
    },
  };
}

export const reduceRows: Rows<"reduce_sum" | Extreme> = {
  reduce_sum: {
    infer: (types, { axes }) => infer("reduce_sum", types, axes, "float"),
    flops: (types) => elements(at(types, 0)),
    vjp: (b, op, ct) => [unreduce(b, ct, operand(op, 0).type, op.attrs.axes)],
    jvp: (b, op, [t]) => t && sum(b, t, op.attrs.axes),
    eval: (inputs, { axes }, type) => {
      const x = at(inputs, 0);
      const out = allocate("float", sizeOf(type.shape));
      addUp(x.shape, x.data, axes, out);
      return { dtype: "float", shape: type.shape, data: out };
    },
  },
  reduce_max: extremeRow("reduce_max", 1),
  reduce_min: extremeRow("reduce_min", -1),
};
