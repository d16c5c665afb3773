/** Ops that only move elements; the derivative of each moves them back. */
import { as, broadcast, reshape, sum, transpose, untranspose } from "../build.js";
import { sizeOf, type TensorType } from "../graph.js";
import { allocate, blank, host, strides } from "../kernels/memory.js";
import { copy } from "../kernels/strided.js";
import { check, checkArity, others, range, sameShape, typeText } from "../types.js";
import { at, operand, type Rows, result } from "./row.js";

type ShapeOp = "broadcast" | "reshape" | "transpose" | "slice" | "pad" | "concat";

function only(kind: string, types: readonly TensorType[]): TensorType {
  checkArity(kind, types, 1);
  return at(types, 0);
}

const free = (): number => 0;

export const shapeRows: Rows<ShapeOp> = {
  broadcast: {
    infer: (types, { shape, axes, dims }) => {
      const t = only("broadcast", types);
      check(axes.length === shape.length, () => `broadcast to ${shape.length} dimensions with ${axes.length} names`);
      const ok =
        dims.length === t.shape.length &&
        dims.every((d, i) => t.shape[i] === shape[d] && (i === 0 ? d >= 0 : d > at(dims, i - 1)));
      check(ok, () => `broadcast of ${typeText(t)} to [${shape}] at [${dims}]`);
      return { dtype: t.dtype, shape, axes };
    },
    flops: free,
    vjp: (b, op, ct) => {
      const x = operand(op, 0).type;
      return [as(b, sum(b, ct, others(op.attrs.shape.length, op.attrs.dims)), x)];
    },
    jvp: (b, op, [t]) => t && broadcast(b, t, result(op).type, op.attrs.dims),
    eval: (inputs, { shape, dims }, type) => {
      const x = at(inputs, 0);
      const from = strides(x.shape);
      const spread = shape.map(() => 0);
      dims.forEach((d, i) => {
        spread[d] = at(from, i);
      });
      const out = allocate(type.dtype, sizeOf(shape));
      copy(shape, out, strides(shape), 0, x.data, spread, 0);
      return host(type.dtype, shape, out);
    },
  },

  reshape: {
    infer: (types, { shape, axes }) => {
      const t = only("reshape", types);
      check(axes.length === shape.length, () => `reshape to ${shape.length} dimensions with ${axes.length} names`);
      check(sizeOf(t.shape) === sizeOf(shape), () => `reshape of ${typeText(t)} to [${shape}]`);
      return { dtype: t.dtype, shape, axes };
    },
    flops: free,
    vjp: (b, op, ct) => {
      const x = operand(op, 0).type;
      return [reshape(b, ct, x.shape, x.axes)];
    },
    jvp: (b, op, [t]) => t && reshape(b, t, op.attrs.shape, op.attrs.axes),
    eval: (inputs, { shape }, type) => host(type.dtype, shape, at(inputs, 0).data),
  },

  transpose: {
    infer: (types, { perm }) => {
      const t = only("transpose", types);
      const ok = perm.length === t.shape.length && others(perm.length, perm).length === 0;
      check(ok, () => `transpose of ${typeText(t)} by [${perm}]`);
      return { dtype: t.dtype, shape: perm.map((p) => at(t.shape, p)), axes: perm.map((p) => at(t.axes, p)) };
    },
    flops: free,
    vjp: (b, op, ct) => [untranspose(b, ct, op.attrs.perm)],
    jvp: (b, op, [t]) => t && transpose(b, t, op.attrs.perm),
    eval: (inputs, { perm }, type) => {
      const x = at(inputs, 0);
      const from = strides(x.shape);
      const out = allocate(type.dtype, sizeOf(type.shape));
      copy(
        type.shape,
        out,
        strides(type.shape),
        0,
        x.data,
        perm.map((p) => at(from, p)),
        0,
      );
      return host(type.dtype, type.shape, out);
    },
  },

  slice: {
    infer: (types, { start, stop }) => {
      const t = only("slice", types);
      const rank = t.shape.length;
      const ok =
        start.length === rank &&
        stop.length === rank &&
        t.shape.every((n, i) => at(start, i) >= 0 && at(start, i) <= at(stop, i) && at(stop, i) <= n);
      check(ok, () => `slice of ${typeText(t)} from [${start}] to [${stop}]`);
      return { dtype: t.dtype, shape: stop.map((s, i) => s - at(start, i)), axes: t.axes };
    },
    flops: free,
    vjp: (b, op, ct) => {
      const { start, stop } = op.attrs;
      const high = operand(op, 0).type.shape.map((n, i) => n - at(stop, i));
      return [b.emit("pad", [ct], { low: start, high })];
    },
    jvp: (b, op, [t]) => t && b.emit("slice", [t], op.attrs),
    eval: (inputs, { start }, type) => {
      const x = at(inputs, 0);
      const from = strides(x.shape);
      const offset = start.reduce((sum, s, i) => sum + s * at(from, i), 0);
      const out = allocate(type.dtype, sizeOf(type.shape));
      copy(type.shape, out, strides(type.shape), 0, x.data, from, offset);
      return host(type.dtype, type.shape, out);
    },
  },

  pad: {
    infer: (types, { low, high }) => {
      const t = only("pad", types);
      const rank = t.shape.length;
      const ok = low.length === rank && high.length === rank && [...low, ...high].every((n) => n >= 0);
      check(ok, () => `pad of ${typeText(t)} by [${low}] and [${high}]`);
      return { dtype: t.dtype, shape: t.shape.map((n, i) => at(low, i) + n + at(high, i)), axes: t.axes };
    },
    flops: free,
    vjp: (b, op, ct) => {
      const { low } = op.attrs;
      const stop = operand(op, 0).type.shape.map((n, i) => at(low, i) + n);
      return [b.emit("slice", [ct], { start: low, stop })];
    },
    jvp: (b, op, [t]) => t && b.emit("pad", [t], op.attrs),
    eval: (inputs, { low }, type) => {
      const x = at(inputs, 0);
      const to = strides(type.shape);
      const offset = low.reduce((sum, n, i) => sum + n * at(to, i), 0);
      const out = blank(type.dtype, sizeOf(type.shape));
      copy(x.shape, out, to, offset, x.data, strides(x.shape), 0);
      return host(type.dtype, type.shape, out);
    },
  },

  concat: {
    infer: (types, { axis }) => {
      check(types.length > 0, () => "concat of nothing");
      const first = at(types, 0);
      check(axis >= 0 && axis < first.shape.length, () => `concat along dimension ${axis} of ${typeText(first)}`);
      let n = 0;
      for (const t of types) {
        const ok = t.dtype === first.dtype && sameShape(t.shape.with(axis, 0), first.shape.with(axis, 0));
        check(ok, () => `concat of ${typeText(first)} and ${typeText(t)} along dimension ${axis}`);
        n += at(t.shape, axis);
      }
      return { dtype: first.dtype, shape: first.shape.with(axis, n), axes: first.axes };
    },
    flops: free,
    vjp: (b, op, ct, wanted) => {
      const { axis } = op.attrs;
      const rank = ct.type.shape.length;
      let from = 0;
      return op.operands.map((x, i) => {
        const to = from + at(x.type.shape, axis);
        const start = range(rank).map((d) => (d === axis ? from : 0));
        const stop = ct.type.shape.with(axis, to);
        from = to;
        return wanted(i) ? b.emit("slice", [ct], { start, stop }) : undefined;
      });
    },
    jvp: (b, op, tangents) =>
      b.emit(
        "concat",
        op.operands.map((x, i) => tangents[i] ?? b.splat(x.type, 0)),
        op.attrs,
      ),
    eval: (inputs, { axis }, type) => {
      const to = strides(type.shape);
      const out = allocate(type.dtype, sizeOf(type.shape));
      let offset = 0;
      for (const x of inputs) {
        copy(x.shape, out, to, offset, x.data, strides(x.shape), 0);
        offset += at(x.shape, axis) * at(to, axis);
      }
      return host(type.dtype, type.shape, out);
    },
  },
};
