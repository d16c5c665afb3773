/** What runs the ops: one copy of tfjs-core with one of its backends, and what that backend is good at. */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { OpKind } from "../../../compiler/ir/attrs.js";
import type { DType, OpOf } from "../../../compiler/ir/graph.js";

/** A namespace and not an import: the native backend brings a copy of tfjs-core of its own. */
export type Tf = typeof import("@tensorflow/tfjs-core");

export interface Target {
  readonly tf: Tf;
  readonly backend: string;
  /** Ops of two operands that are fast where one of them repeats; for the others it is written out before. */
  readonly repeats: ReadonlySet<OpKind> | "all";
  /** The data lies in memory of JavaScript, or a copy away. */
  readonly nearby: boolean;
  /** A matrix product takes operands that lie transposed. Where not, they are transposed before. */
  readonly transposedProducts: boolean;
  /** A column of sums as a product with ones, where that is faster than the kernel for sums. */
  readonly sumByProduct: boolean;
  /** Its sin, cos and tan have fewer digits than 32 bits hold. */
  readonly coarseAngles: boolean;
  /** What went wrong on the device since it was last asked for: such a device goes on, and gives zeros. */
  fault(): string | undefined;
}

/**
 * Where the op gets its operands and leaves its result. A tensor has the rank of its value, and size 1 where the value only repeats: a
 * spread moves nothing until somebody needs the elements. What a cell makes besides its result is freed by who calls it.
 */
export type Cell<K extends OpKind> = (target: Target, op: OpOf<K>, operands: readonly Tensor[]) => Tensor;

export const typeOf = { float: "float32", index: "int32", bool: "bool" } as const satisfies Record<DType, string>;

/** What a pad and a look-up of `none` give: 0, none, false. */
export const nothing = { float: 0, index: -1, bool: 0 } as const satisfies Record<DType, number>;

export function operandAt(operands: readonly Tensor[], i: number): Tensor {
  const x = operands[i];
  if (!x) throw new Error(`no operand ${i} of ${operands.length}`);
  return x;
}
