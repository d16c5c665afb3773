/**
 * What the builder sees at a glance: constants, and ops that change nothing. A rule never looks behind an operand that is no constant: the
 * result must depend on the operands as written, or a derivative by one of them would be lost. `simplify` looks further.
 */
import type { OpAttrs } from "./attrs.js";
import { as } from "./build.js";
import type { FnBuilder } from "./builder.js";
import { constantOf, constantTensor, none, splatOf } from "./constant.js";
import { type TensorType, tensor, type Value } from "./graph.js";
import type { HostTensor } from "./host.js";
import { type PrimitiveKind, rowOf } from "./table/table.js";
import { elements, isIdentity, sameNamedType, sameShape } from "./types.js";

/** Results larger than this are not computed by the compiler. */
const FOLD_LIMIT = 4096;
/** Nor from operands larger than this. */
const FOLD_OPERAND_LIMIT = 1 << 16;

type Draft = { readonly [K in PrimitiveKind]: { readonly kind: K; readonly attrs: OpAttrs[K] } }[PrimitiveKind];

/** A value equal to the op's result, if one can be had for less; it has the type of the result, names included. */
export function simplified<K extends PrimitiveKind>(
  b: FnBuilder,
  kind: K,
  operands: readonly Value[],
  attrs: OpAttrs[K],
  type: TensorType,
): Value | undefined {
  if (kind === "constant") return undefined;
  if (operands.every((v) => v.op?.kind === "constant")) {
    const folded = fold(b, kind, operands, attrs, type);
    if (folded) return folded;
  }
  const same = identity(b, { kind, attrs } as unknown as Draft, operands, type);
  return same && as(b, same, type);
}

function fold<K extends PrimitiveKind>(
  b: FnBuilder,
  kind: K,
  operands: readonly Value[],
  attrs: OpAttrs[K],
  type: TensorType,
): Value | undefined {
  if (kind === "stop_gradient" || kind === "after") return operands[0];
  const numbers = operands.map(splatOf);
  if (numbers.length > 0 && numbers.every((n) => n !== undefined)) {
    const n = foldSplats(kind, operands, numbers, attrs, type);
    if (n !== undefined) return b.splat(type, n);
  }
  if (elements(type) > FOLD_LIMIT) return undefined;
  const inputs: HostTensor[] = [];
  for (const v of operands) {
    const c = constantOf(v);
    if (!c || elements(v.type) > FOLD_OPERAND_LIMIT) return undefined;
    inputs.push(constantTensor(c.attrs, v.type));
  }
  return b.constant(type, rowOf(kind).eval(inputs, attrs, type).data);
}

/** The number that all elements of the result are, where all operands are such. */
function foldSplats<K extends PrimitiveKind>(
  kind: K,
  operands: readonly Value[],
  numbers: readonly number[],
  attrs: OpAttrs[K],
  type: TensorType,
): number | undefined {
  const [first] = numbers;
  switch (kind) {
    case "broadcast":
    case "reshape":
    case "transpose":
    case "slice":
      return first;
    case "reduce_max":
    case "reduce_min":
      return elements(operands[0]?.type ?? type) > 0 ? first : undefined;
    case "concat":
      return numbers.every((n) => Object.is(n, first)) ? first : undefined;
    case "reduce_sum": {
      const n = elements(type);
      return n > 0 && first !== undefined ? (first * elements(operands[0]?.type ?? type)) / n : undefined;
    }
    case "pad":
    case "cumsum":
    case "cumprod":
    case "softmax":
    case "dot":
    case "take":
    case "scatter_add":
    case "argsort":
    case "eigenvectors":
      return undefined;
    default: {
      // Elementwise: one element stands for all.
      const scalar = tensor([]);
      const inputs = operands.map((v, i): HostTensor => {
        const t = { ...scalar, dtype: v.type.dtype };
        return constantTensor({ ...t, data: numbers[i] ?? 0 }, t);
      });
      return rowOf(kind).eval(inputs, attrs, { ...scalar, dtype: type.dtype }).data[0];
    }
  }
}

function identity(b: FnBuilder, op: Draft, operands: readonly Value[], type: TensorType): Value | undefined {
  const [x, y, z] = operands;
  if (!x) return undefined;
  switch (op.kind) {
    case "add":
      if (y && splatOf(y) === 0) return x;
      return splatOf(x) === 0 ? y : undefined;
    case "sub":
      if (y && splatOf(y) === 0) return x;
      return y && splatOf(x) === 0 ? b.emit("neg", [y], none) : undefined;
    case "mul":
      return y && (times(b, x, splatOf(y)) ?? times(b, y, splatOf(x)));
    case "div":
      return y && splatOf(y) === 1 ? x : undefined;
    case "pow":
      return y && power(b, x, splatOf(y));
    case "and":
      return y && (logic(x, y, 1) ?? logic(y, x, 1));
    case "or":
      return y && (logic(x, y, 0) ?? logic(y, x, 0));
    case "min":
    case "max":
      return x === y ? x : undefined;
    case "select": {
      const c = splatOf(x);
      return c !== undefined ? (c ? y : z) : y === z ? y : undefined;
    }
    case "reshape":
      return sameNamedType(x.type, type) ? x : undefined;
    case "transpose":
      return isIdentity(op.attrs.perm) ? x : undefined;
    case "broadcast":
      return op.attrs.dims.length === type.shape.length ? x : undefined;
    case "slice":
    case "pad":
      return sameShape(x.type.shape, type.shape) ? x : undefined;
    case "concat":
      return operands.length === 1 ? x : undefined;
    case "reduce_sum":
    case "reduce_max":
    case "reduce_min":
      return op.attrs.axes.length === 0 ? x : undefined;
    default:
      return undefined;
  }
}

/** x · n for the n that need no multiplication. Not 0: x may be infinite. */
function times(b: FnBuilder, x: Value, n: number | undefined): Value | undefined {
  if (n === 1) return x;
  return n === -1 ? b.emit("neg", [x], none) : undefined;
}

/** Small whole powers are products: faster everywhere, exact for negative bases, and seen to be positive when even. */
function power(b: FnBuilder, x: Value, p: number | undefined): Value | undefined {
  switch (p) {
    case 0:
      return b.splat(x.type, 1);
    case 1:
      return x;
    case 2:
      return b.emit("mul", [x, x], none);
    case 3:
      return b.emit("mul", [b.emit("mul", [x, x], none), x], none);
    case 0.5:
      return b.emit("sqrt", [x], none);
    case -1:
      return b.emit("div", [b.splat(x.type, 1), x], none);
    default:
      return undefined;
  }
}

/** x combined with a constant that decides it (`neutral`: gives the other operand). */
function logic(x: Value, y: Value, neutral: 0 | 1): Value | undefined {
  if (x === y) return x;
  const n = splatOf(y);
  if (n === undefined) return undefined;
  return (n !== 0) === (neutral === 1) ? x : y;
}
