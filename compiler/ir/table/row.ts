import type { OpAttrs, OpKind } from "../attrs.js";
import type { FnBuilder } from "../builder.js";
import { IrError } from "../error.js";
import type { OpOf, TensorType, Value } from "../graph.js";
import type { HostTensor } from "../host.js";

/** Every op but `call`, which only means something next to the other functions of its module. Each has exactly one result. */
export type PrimitiveKind = Exclude<OpKind, "call">;
export type Primitive = { readonly [K in PrimitiveKind]: OpOf<K> }[PrimitiveKind];

/**
 * Cotangents of the operands from the cotangent of the result; `undefined` where there is no dependence. `wanted(i)` says whether anybody
 * asks for the one of operand i, so that no op is made in vain. Operands and result may belong to another function than `b.fn`.
 */
export type Vjp<K extends OpKind> = (
  b: FnBuilder,
  op: OpOf<K>,
  cotangent: Value,
  wanted: (operand: number) => boolean,
) => (Value | undefined)[];

/** Tangent of the result from the tangents of the operands (`undefined`: zero), of which at least one is given. */
export type Jvp<K extends OpKind> = (
  b: FnBuilder,
  op: OpOf<K>,
  tangents: readonly (Value | undefined)[],
) => Value | undefined;

/** What there is to know about an op. `"none"`: its derivative is zero everywhere it exists. */
export interface Row<K extends OpKind> {
  /** Type of the result; throws `IrError` if the operands do not fit. */
  infer(types: readonly TensorType[], attrs: OpAttrs[K]): TensorType;
  /**
   * Floating point operations: a multiply-add is two, moving data is none, arithmetic and comparisons are one an element, functions
   * that are evaluated by a series or a table (exp, log, sin, tanh, erf, pow, …) are eight.
   */
  flops(types: readonly TensorType[], attrs: OpAttrs[K], result: TensorType): number;
  /** Computed in bfloat16 where a plan asks for `precision: bf16`; all other ops stay in 32 bits, and so do the sums inside this one. */
  readonly half?: true;
  readonly vjp: Vjp<K> | "none";
  readonly jvp: Jvp<K> | "none";
  /** Reference kernel in float64. Float inputs have any float width, the result is Float64Array; it may share memory with an input. */
  eval(inputs: readonly HostTensor[], attrs: OpAttrs[K], result: TensorType): HostTensor;
}

export type Rows<K extends OpKind> = { readonly [P in K]: Row<P> };

/** Cost of an element of a function without a machine instruction. */
export const TRANSCENDENTAL = 8;

export function operand(op: { readonly kind: OpKind; readonly operands: readonly Value[] }, i: number): Value {
  const v = op.operands[i];
  if (!v) throw new IrError(`${op.kind} has no operand ${i}`);
  return v;
}

export function result(op: { readonly kind: OpKind; readonly results: readonly Value[] }): Value {
  const v = op.results[0];
  if (!v) throw new IrError(`${op.kind} has no result`);
  return v;
}

/** Element `i` of a list that is known to have it. */
export function at<T>(list: ArrayLike<T>, i: number): T {
  const v = list[i];
  if (v === undefined) throw new IrError(`no element ${i} of ${list.length}`);
  return v;
}
