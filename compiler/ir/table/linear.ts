import type { OpAttrs } from "../attrs.js";
import { compare, like, select, sub, sum, transpose, unary, unreduce } from "../build.js";
import type { FnBuilder } from "../builder.js";
import { sizeOf, type TensorType, type Value } from "../graph.js";
import type { HostTensor } from "../host.js";
import { gemm } from "../kernels/gemm.js";
import { doubles, strides } from "../kernels/memory.js";
import { copy } from "../kernels/strided.js";
import { check, checkArity, checkDType, elements, inverse, isIdentity, others, typeText } from "../types.js";
import { guarded, guardedTangent, type Times } from "./guard.js";
import { at, operand, type Rows, result, TRANSCENDENTAL } from "./row.js";

type DotAttrs = OpAttrs["dot"];
type Pairs = DotAttrs["batch"];

const lefts = (pairs: Pairs): number[] => pairs.map(([l]) => l);
const rights = (pairs: Pairs): number[] => pairs.map(([, r]) => r);

/** Where each dimension of the two operands goes. */
interface DotDims {
  readonly leftRest: number[];
  readonly rightRest: number[];
}

function dotDims(left: TensorType, right: TensorType, { batch, contract }: DotAttrs): DotDims {
  return {
    leftRest: others(left.shape.length, lefts([...batch, ...contract])),
    rightRest: others(right.shape.length, rights([...batch, ...contract])),
  };
}

function inferDot(types: readonly TensorType[], attrs: DotAttrs): TensorType {
  checkArity("dot", types, 2);
  const left = at(types, 0);
  const right = at(types, 1);
  checkDType("dot", left, "float");
  checkDType("dot", right, "float");
  const pairs = [...attrs.batch, ...attrs.contract];
  const distinct = new Set(lefts(pairs)).size === pairs.length && new Set(rights(pairs)).size === pairs.length;
  const fits = pairs.every(([l, r]) => left.shape[l] !== undefined && left.shape[l] === right.shape[r]);
  check(distinct && fits, () => `dot of ${typeText(left)} and ${typeText(right)} over ${JSON.stringify(attrs)}`);
  const { leftRest, rightRest } = dotDims(left, right, attrs);
  const keep = [...lefts(attrs.batch), ...leftRest];
  return {
    dtype: "float",
    shape: [...keep.map((d) => at(left.shape, d)), ...rightRest.map((d) => at(right.shape, d))],
    axes: [...keep.map((d) => at(left.axes, d)), ...rightRest.map((d) => at(right.axes, d))],
  };
}

function contracted(types: readonly TensorType[], { contract }: DotAttrs): number {
  return sizeOf(lefts(contract).map((d) => at(at(types, 0).shape, d)));
}

/** Contiguous float64 data in the order of `perm`. */
function permuted(x: HostTensor, perm: readonly number[]): Float64Array {
  if (isIdentity(perm)) return doubles(x);
  const shape = perm.map((p) => at(x.shape, p));
  const from = strides(x.shape);
  const out = new Float64Array(x.data.length);
  copy(
    shape,
    out,
    strides(shape),
    0,
    x.data,
    perm.map((p) => at(from, p)),
    0,
  );
  return out;
}

function evalDot(left: HostTensor, right: HostTensor, attrs: DotAttrs, type: TensorType): HostTensor {
  const { batch, contract } = attrs;
  const leftRest = others(left.shape.length, lefts([...batch, ...contract]));
  const rightRest = others(right.shape.length, rights([...batch, ...contract]));
  const size = (x: HostTensor, dims: readonly number[]): number => sizeOf(dims.map((d) => at(x.shape, d)));
  const count = size(left, lefts(batch));
  const m = size(left, leftRest);
  const n = size(right, rightRest);
  const k = size(left, lefts(contract));
  const a = permuted(left, [...lefts(batch), ...leftRest, ...lefts(contract)]);
  const b = permuted(right, [...rights(batch), ...rights(contract), ...rightRest]);
  const c = new Float64Array(count * m * n);
  for (let i = 0; i < count; i++) gemm(m, n, k, a, i * m * k, b, i * k * n, c, i * m * n);
  return { dtype: "float", shape: type.shape, data: c };
}

/** `product(t, f)` is a sum of products of elements; those where t is 0 count as 0 also where f is not finite. */
function guardedProduct(b: FnBuilder, t: Value, f: Value, product: (t: Value, f: Value) => Value): Value {
  if (b.facts(f).finite) return product(t, f);
  const finite = unary(b, "is_finite", f);
  const clean = select(b, finite, f, like(b, f, 0));
  const nonzero = b.emit("cast", [compare(b, "ne", t, like(b, t, 0))], { to: "float" });
  const broken = b.emit("cast", [unary(b, "not", finite)], { to: "float" });
  const met = product(nonzero, broken);
  return select(b, compare(b, "gt", met, like(b, met, 0)), product(t, f), product(t, clean));
}

/**
 * Cotangent of one side of a dot: the cotangent of the result contracted with the other side over what came from it. Of the two orders
 * of operands the one is taken whose result needs no transposition, where there is one.
 */
function dotCotangent(
  b: FnBuilder,
  ct: Value,
  left: TensorType,
  right: TensorType,
  attrs: DotAttrs,
  side: 0 | 1,
  other: Value,
): Value {
  const { leftRest, rightRest } = dotDims(left, right, attrs);
  const nb = attrs.batch.length;
  const mine = side === 0 ? lefts : rights;
  const theirs = side === 0 ? rights : lefts;
  const myRest = side === 0 ? leftRest : rightRest;
  const theirRest = side === 0 ? rightRest : leftRest;
  // Positions in the cotangent of what came from either side.
  const theirStart = side === 0 ? nb + leftRest.length : nb;
  const batch = theirs(attrs.batch).map((d, i) => [i, d] as const);
  const contract = theirRest.map((d, i) => [theirStart + i, d] as const);
  // What is left of the other side is what was contracted, in its own order.
  const freed = [...attrs.contract].sort((p, q) => at(theirs([p]), 0) - at(theirs([q]), 0));
  const order = (ctFirst: boolean): number[] =>
    ctFirst ? [...mine(attrs.batch), ...myRest, ...mine(freed)] : [...mine(attrs.batch), ...mine(freed), ...myRest];
  const ctFirst = isIdentity(order(true)) || !isIdentity(order(false));
  const swap = (pairs: Pairs): Pairs => pairs.map(([l, r]) => [r, l] as const);
  const raw = guardedProduct(b, ct, other, (t, f) =>
    ctFirst
      ? b.emit("dot", [t, f], { batch, contract })
      : b.emit("dot", [f, t], { batch: swap(batch), contract: swap(contract) }),
  );
  return transpose(b, raw, inverse(order(ctFirst)));
}

/** y · (t - Σ t y), which is the derivative of a softmax in both modes. */
function softmaxSlope(b: FnBuilder, y: Value, t: Value, times: Times): Value {
  const last = y.type.shape.length - 1;
  const weighted = times(b, t, y);
  const mean = unreduce(b, sum(b, weighted, [last]), y.type, [last]);
  return sub(b, weighted, times(b, mean, y));
}

export const linearRows: Rows<"dot" | "softmax"> = {
  dot: {
    half: true,
    infer: inferDot,
    flops: (types, attrs, type) => 2 * elements(type) * contracted(types, attrs),
    vjp: (b, op, ct, wanted) => {
      const left = operand(op, 0);
      const right = operand(op, 1);
      return [
        wanted(0) ? dotCotangent(b, ct, left.type, right.type, op.attrs, 0, right) : undefined,
        wanted(1) ? dotCotangent(b, ct, left.type, right.type, op.attrs, 1, left) : undefined,
      ];
    },
    jvp: (b, op, [tl, tr]) => {
      const left = operand(op, 0);
      const right = operand(op, 1);
      const byLeft = tl && guardedProduct(b, tl, right, (t, f) => b.emit("dot", [t, f], op.attrs));
      const byRight = tr && guardedProduct(b, tr, left, (t, f) => b.emit("dot", [f, t], op.attrs));
      return byLeft && byRight ? b.emit("add", [byLeft, byRight], {}) : (byLeft ?? byRight);
    },
    eval: (inputs, attrs, type) => evalDot(at(inputs, 0), at(inputs, 1), attrs, type),
  },

  softmax: {
    infer: (types) => {
      checkArity("softmax", types, 1);
      const t = at(types, 0);
      checkDType("softmax", t, "float");
      check(t.shape.length > 0, () => "softmax of a scalar");
      return t;
    },
    flops: (_types, _attrs, type) => (TRANSCENDENTAL + 4) * elements(type),
    vjp: (b, op, ct) => [softmaxSlope(b, result(op), ct, guarded)],
    jvp: (b, op, [t]) => t && softmaxSlope(b, result(op), t, guardedTangent),
    eval: (inputs, _attrs, type) => {
      const x = at(inputs, 0).data;
      const n = at(type.shape, type.shape.length - 1);
      const out = new Float64Array(x.length);
      for (let row = 0; row < x.length; row += n) {
        let top = Number.NEGATIVE_INFINITY;
        for (let i = row; i < row + n; i++) top = Math.max(top, x[i] as number);
        let total = 0;
        for (let i = row; i < row + n; i++) {
          const e = Math.exp((x[i] as number) - top);
          out[i] = e;
          total += e;
        }
        for (let i = row; i < row + n; i++) out[i] = (out[i] as number) / total;
      }
      return { dtype: "float", shape: type.shape, data: out };
    },
  },
};
