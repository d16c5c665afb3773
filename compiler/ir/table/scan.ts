import { broadcast, compare, iota, like, select, sum } from "../build.js";
import type { FnBuilder } from "../builder.js";
import { type OpOf, sizeOf, type TensorType, type Value } from "../graph.js";
import type { HostTensor } from "../host.js";
import { check, checkArity, checkDType, elements, range, typeText } from "../types.js";
import { guarded, guardedTangent } from "./guard.js";
import { at, operand, type Rows } from "./row.js";

type Scan = "cumsum" | "cumprod";
type Attrs = OpOf<Scan>["attrs"];

function infer(kind: Scan, types: readonly TensorType[], { axis }: Attrs): TensorType {
  checkArity(kind, types, 1);
  const t = at(types, 0);
  checkDType(kind, t, "float");
  check(axis >= 0 && axis < t.shape.length, () => `${kind} of ${typeText(t)} along dimension ${axis}`);
  return t;
}

function scan(
  x: HostTensor,
  { axis, exclusive, reverse }: Attrs,
  start: number,
  step: (acc: number, v: number) => number,
): HostTensor {
  const n = at(x.shape, axis);
  const inner = sizeOf(x.shape.slice(axis + 1));
  const outer = sizeOf(x.shape.slice(0, axis));
  const out = new Float64Array(x.data.length);
  const stride = reverse ? -inner : inner;
  for (let o = 0; o < outer; o++)
    for (let j = 0; j < inner; j++) {
      let p = (o * n + (reverse ? n - 1 : 0)) * inner + j;
      let acc = start;
      for (let i = 0; i < n; i++, p += stride) {
        const next = step(acc, x.data[p] as number);
        out[p] = exclusive ? acc : next;
        acc = next;
      }
    }
  return { dtype: "float", shape: x.shape, data: out };
}

/**
 * d y_i / d x_k of a cumulative product: the product of the same factors without x_k, with dimension k (`source`) put before the scanned
 * one and 0 where x_k is no factor of y_i. No division, so zeros among the factors are no special case. Quadratic in the length.
 */
function partials(
  b: FnBuilder,
  op: OpOf<"cumprod">,
): { matrix: Value; source: number; scanned: number; lift: (v: Value, keep: "source" | "scanned") => Value } {
  const x = operand(op, 0);
  const { axis, exclusive, reverse } = op.attrs;
  const rank = x.type.shape.length;
  const n = at(x.type.shape, axis);
  const shape = x.type.shape.toSpliced(axis, 0, n);
  const axes = x.type.axes.toSpliced(axis, 0, at(x.type.axes, axis));
  const type: TensorType = { dtype: "float", shape, axes };
  const lift = (v: Value, keep: "source" | "scanned"): Value => {
    const dropped = keep === "scanned" ? axis : axis + 1;
    return broadcast(
      b,
      v,
      { ...type, dtype: v.type.dtype },
      range(rank + 1).filter((d) => d !== dropped),
    );
  };
  const k = iota(b, type, axis);
  const i = iota(b, type, axis + 1);
  const factors = lift(x, "scanned");
  const without = select(b, compare(b, "eq", k, i), like(b, factors, 1), factors);
  const products = b.emit("cumprod", [without], { axis: axis + 1, exclusive, reverse });
  const belongs = reverse ? compare(b, exclusive ? "gt" : "ge", k, i) : compare(b, exclusive ? "lt" : "le", k, i);
  return { matrix: select(b, belongs, products, like(b, products, 0)), source: axis, scanned: axis + 1, lift };
}

export const scanRows: Rows<Scan> = {
  cumsum: {
    infer: (types, attrs) => infer("cumsum", types, attrs),
    flops: (_types, _attrs, type) => elements(type),
    vjp: (b, op, ct) => [b.emit("cumsum", [ct], { ...op.attrs, reverse: !op.attrs.reverse })],
    jvp: (b, op, [t]) => t && b.emit("cumsum", [t], op.attrs),
    eval: (inputs, attrs) => scan(at(inputs, 0), attrs, 0, (acc, v) => acc + v),
  },
  cumprod: {
    infer: (types, attrs) => infer("cumprod", types, attrs),
    flops: (_types, _attrs, type) => elements(type),
    vjp: (b, op, ct) => {
      const { matrix, scanned, lift } = partials(b, op);
      return [sum(b, guarded(b, lift(ct, "scanned"), matrix), [scanned])];
    },
    jvp: (b, op, [t]) => {
      if (!t) return undefined;
      const { matrix, source, lift } = partials(b, op);
      return sum(b, guardedTangent(b, lift(t, "source"), matrix), [source]);
    },
    eval: (inputs, attrs) => scan(at(inputs, 0), attrs, 1, (acc, v) => acc * v),
  },
};
