/**
 * The typed op graph. A module holds functions in SSA form; a function is a list of ops over values with static shapes. Values know
 * their axis names, which are for reading and for messages: ops work on positions. Shapes of elementwise operands are equal; every
 * broadcast is an op of its own.
 */
import type { Span } from "../../grammar/source.js";
import type { OpAttrs, OpKind } from "./attrs.js";

/** `float` has the precision of the engine (64 bits in the reference); `index` is a position from 0, -1 for `none`. */
export type DType = "float" | "bool" | "index";

export interface TensorType {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** One name a dimension. Not part of type equality. */
  readonly axes: readonly string[];
}

/** One result of an op, or a parameter. Compared by identity; `id` is unique in its function. */
export interface Value {
  readonly id: number;
  readonly type: TensorType;
  /** The op that gives it; `undefined` for a parameter. */
  readonly op: Op | undefined;
  /** For parameters and for values somebody named: shown in the text form. */
  name?: string | undefined;
}

export type Op = { readonly [K in OpKind]: OpOf<K> }[OpKind];

export interface OpOf<K extends OpKind> {
  readonly kind: K;
  operands: Value[];
  readonly attrs: OpAttrs[K];
  /** One value; a `call` has up to as many as its function has results (trailing results nobody reads may be missing). */
  readonly results: Value[];
  /** The line of the spec that asked for it. */
  readonly origin?: Span | undefined;
}

export interface Fn {
  readonly name: string;
  readonly params: Value[];
  readonly ops: Op[];
  /** Grows: a tap or a residual of the backward pass is one more result at the end. */
  readonly results: Value[];
  nextId: number;
}

export interface Module {
  /** Called functions come before their callers. */
  readonly fns: Map<string, Fn>;
  readonly main: Fn;
}

export function sizeOf(shape: readonly number[]): number {
  let n = 1;
  for (const d of shape) n *= d;
  return n;
}

export function tensor(shape: readonly number[], axes: readonly string[] = [], dtype: DType = "float"): TensorType {
  return { dtype, shape, axes: shape.map((_, i) => axes[i] ?? `d${i}`) };
}
