import { IrError } from "../error.js";
import { sizeOf, type TensorType } from "../graph.js";
import type { HostTensor } from "../host.js";
import { blank } from "../kernels/memory.js";
import { check, checkArity, checkDType, elements, sameShape, typeText } from "../types.js";
import { at, operand, type Rows } from "./row.js";

/** Sizes of `[...batch, n, ...rest]` looked up at `[...batch, ...wanted]`. */
interface Lookup {
  readonly batch: number;
  readonly wanted: number;
  readonly n: number;
  readonly rest: number;
}

/** Calls `move` with the offset of a row of the table and of the row that was wanted from it; rows of `none` are left out. */
function eachRow(
  kind: string,
  index: HostTensor["data"],
  { batch, wanted, n, rest }: Lookup,
  move: (table: number, row: number) => void,
): void {
  for (let b = 0; b < batch; b++)
    for (let w = 0; w < wanted; w++) {
      const i = index[b * wanted + w] as number;
      if (i === -1) continue;
      if (i < 0 || i >= n) throw new IrError(`${kind}: position ${i} of ${n}`);
      move((b * n + i) * rest, (b * wanted + w) * rest);
    }
}

function inferTake(types: readonly TensorType[], batch: number): TensorType {
  checkArity("take", types, 2);
  const x = at(types, 0);
  const i = at(types, 1);
  checkDType("positions of take", i, "index");
  const ok =
    batch >= 0 &&
    batch < x.shape.length &&
    sameShape(x.shape.slice(0, batch), i.shape.slice(0, batch)) &&
    i.shape.length >= batch;
  check(ok, () => `take of ${typeText(x)} at ${typeText(i)}, ${batch} shared`);
  return {
    dtype: x.dtype,
    shape: [...i.shape, ...x.shape.slice(batch + 1)],
    axes: [...i.axes, ...x.axes.slice(batch + 1)],
  };
}

function inferScatter(types: readonly TensorType[], batch: number, size: number, axisName: string): TensorType {
  checkArity("scatter_add", types, 2);
  const i = at(types, 0);
  const y = at(types, 1);
  checkDType("positions of scatter_add", i, "index");
  checkDType("scatter_add", y, "float");
  const rank = i.shape.length;
  const ok = batch >= 0 && batch <= rank && size >= 0 && sameShape(i.shape, y.shape.slice(0, rank));
  check(ok, () => `scatter_add of ${typeText(y)} at ${typeText(i)}, ${batch} shared`);
  return {
    dtype: "float",
    shape: [...y.shape.slice(0, batch), size, ...y.shape.slice(rank)],
    axes: [...y.axes.slice(0, batch), axisName, ...y.axes.slice(rank)],
  };
}

export const indexingRows: Rows<"take" | "scatter_add" | "argsort"> = {
  take: {
    infer: (types, { batch }) => inferTake(types, batch),
    flops: () => 0,
    vjp: (b, op, ct) => {
      const x = operand(op, 0).type;
      const { batch } = op.attrs;
      const attrs = { batch, size: at(x.shape, batch), axisName: at(x.axes, batch) };
      return [b.emit("scatter_add", [operand(op, 1), ct], attrs), undefined];
    },
    jvp: (b, op, [t]) => t && b.emit("take", [t, operand(op, 1)], op.attrs),
    eval: (inputs, { batch }, type) => {
      const x = at(inputs, 0);
      const i = at(inputs, 1);
      const rest = sizeOf(x.shape.slice(batch + 1));
      const out = blank(type.dtype, sizeOf(type.shape));
      const sizes = {
        batch: sizeOf(x.shape.slice(0, batch)),
        wanted: sizeOf(i.shape.slice(batch)),
        n: at(x.shape, batch),
        rest,
      };
      eachRow("take", i.data, sizes, (from, to) => {
        for (let r = 0; r < rest; r++) out[to + r] = x.data[from + r] as number;
      });
      return { dtype: type.dtype, shape: type.shape, data: out };
    },
  },

  scatter_add: {
    infer: (types, { batch, size, axisName }) => inferScatter(types, batch, size, axisName),
    flops: (types) => elements(at(types, 1)),
    vjp: (b, op, ct) => [undefined, b.emit("take", [ct, operand(op, 0)], { batch: op.attrs.batch })],
    jvp: (b, op, [, t]) => t && b.emit("scatter_add", [operand(op, 0), t], op.attrs),
    eval: (inputs, { batch, size }, type) => {
      const i = at(inputs, 0);
      const y = at(inputs, 1);
      const rest = sizeOf(y.shape.slice(i.shape.length));
      const out = new Float64Array(sizeOf(type.shape));
      const sizes = { batch: sizeOf(i.shape.slice(0, batch)), wanted: sizeOf(i.shape.slice(batch)), n: size, rest };
      eachRow("scatter_add", i.data, sizes, (to, from) => {
        for (let r = 0; r < rest; r++) out[to + r] = (out[to + r] as number) + (y.data[from + r] as number);
      });
      return { dtype: "float", shape: type.shape, data: out };
    },
  },

  argsort: {
    infer: (types) => {
      checkArity("argsort", types, 1);
      const t = at(types, 0);
      checkDType("argsort", t, "float");
      check(t.shape.length > 0, () => "argsort of a scalar");
      return { ...t, dtype: "index" };
    },
    flops: (_types, _attrs, type) => elements(type) * Math.ceil(Math.log2(Math.max(2, type.shape.at(-1) ?? 1))),
    vjp: "none",
    jvp: "none",
    eval: (inputs, { descending }, type) => {
      const x = at(inputs, 0).data;
      const n = type.shape.at(-1) ?? 1;
      const out = new Int32Array(x.length);
      const order = Array.from({ length: n }, (_, i) => i);
      for (let row = 0; row < x.length; row += n) {
        const sorted = order.slice().sort((i, j) => rank(x[row + i] as number, x[row + j] as number, descending));
        out.set(sorted, row);
      }
      return { dtype: "index", shape: type.shape, data: out };
    },
  },
};

/** Order of two numbers; what is not a number comes last either way. */
function rank(a: number, b: number, descending: boolean): number {
  if (a === b) return 0;
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return a < b === descending ? 1 : -1;
}
