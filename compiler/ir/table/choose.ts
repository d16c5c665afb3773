/** select, cast, stop_gradient, after, constant: what neither computes nor moves. */
import { like, select } from "../build.js";
import { constantTensor } from "../constant.js";
import { sizeOf } from "../graph.js";
import { allocate } from "../kernels/memory.js";
import { roundEven } from "../kernels/special.js";
import { check, checkArity, checkDType, elements, sameShape, sameType, typeText } from "../types.js";
import { at, operand, type Rows } from "./row.js";

export const chooseRows: Rows<"constant" | "select" | "cast" | "stop_gradient" | "after"> = {
  constant: {
    infer: (types, { dtype, shape, axes, data }) => {
      checkArity("constant", types, 0);
      check(
        typeof data === "number" || data.length === sizeOf(shape),
        () => `constant of ${sizeOf(shape)} elements with other data`,
      );
      check(axes.length === shape.length, () => `constant of ${shape.length} dimensions with ${axes.length} names`);
      return { dtype, shape, axes };
    },
    flops: () => 0,
    vjp: "none",
    jvp: "none",
    eval: (_inputs, attrs, type) => constantTensor(attrs, type),
  },

  select: {
    infer: (types) => {
      checkArity("select", types, 3);
      const c = at(types, 0);
      const x = at(types, 1);
      const y = at(types, 2);
      checkDType("select", c, "bool");
      check(
        sameShape(c.shape, x.shape) && sameType(x, y),
        () => `select of ${typeText(c)}, ${typeText(x)} and ${typeText(y)}`,
      );
      return x;
    },
    flops: (_types, _attrs, type) => elements(type),
    vjp: (b, op, ct, wanted) => {
      const c = operand(op, 0);
      const zero = like(b, ct, 0);
      return [
        undefined,
        wanted(1) ? select(b, c, ct, zero) : undefined,
        wanted(2) ? select(b, c, zero, ct) : undefined,
      ];
    },
    jvp: (b, op, [, tx, ty]) => {
      const t = tx ?? ty;
      if (!t) return undefined;
      const zero = like(b, t, 0);
      return select(b, operand(op, 0), tx ?? zero, ty ?? zero);
    },
    eval: (inputs, _attrs, type) => {
      const n = sizeOf(type.shape);
      const c = at(inputs, 0).data;
      const x = at(inputs, 1).data;
      const y = at(inputs, 2).data;
      const z = allocate(type.dtype, n);
      for (let i = 0; i < n; i++) z[i] = (c[i] ? x[i] : y[i]) as number;
      return { dtype: type.dtype, shape: type.shape, data: z };
    },
  },

  cast: {
    infer: (types, { to }) => {
      checkArity("cast", types, 1);
      const t = at(types, 0);
      checkDType(`cast to ${to}`, t, ...(to === "float" ? (["bool", "index"] as const) : (["float"] as const)));
      return { ...t, dtype: to };
    },
    flops: (_types, _attrs, type) => elements(type),
    vjp: "none",
    jvp: "none",
    eval: (inputs, { to }, type) => {
      const x = at(inputs, 0).data;
      const data = to === "float" ? Float64Array.from(x) : Int32Array.from(x, roundEven);
      return { dtype: to, shape: type.shape, data };
    },
  },

  stop_gradient: {
    infer: (types) => {
      checkArity("stop_gradient", types, 1);
      return at(types, 0);
    },
    flops: () => 0,
    vjp: "none",
    jvp: "none",
    eval: (inputs) => at(inputs, 0),
  },

  after: {
    infer: (types) => {
      checkArity("after", types, 2);
      return at(types, 0);
    },
    flops: () => 0,
    vjp: (_b, _op, ct) => [ct, undefined],
    jvp: (_b, _op, [t]) => t,
    eval: (inputs) => at(inputs, 0),
  },
};
