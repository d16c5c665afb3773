import type { DType, Op, Value } from "../../ir/graph.js";
import { bfloat16, float, int32, typed, type Writer } from "./writer.js";

/**
 * How a value lies in the TensorFlow graph: each dimension as large as that of the value, or of size 1 where the value only repeats; no
 * dimensions where all its elements are equal. Elementwise nodes repeat such operands themselves.
 */
export interface Form {
  readonly ref: string;
  readonly shape: readonly number[];
}

/**
 * What XLA compiles: the function as a whole; what lies between its products, which have faster kernels of their own on a CPU; nothing, all
 * ops are run one by one.
 */
export type Xla = "whole" | "islands" | "off";

/** How the graph will be run. */
export interface Build {
  readonly xla: Xla;
  /** Parts of the batch that are computed side by side, between islands: for threads that each run ops by themselves. */
  readonly parts: number;
  /** Ops whose row says `half` in bfloat16; all else, the weights too, stays in 32 bits. */
  readonly half: boolean;
}

type TypeAttribute = ReturnType<typeof typed>["T"];

/** What the lowering of one function knows while it walks over the ops. */
export class Scope {
  private readonly forms = new Map<Value, Form>();
  private readonly halves = new Map<Value, string>();

  /**
   * `compiled`: XLA makes one program of the nodes. `view`: writes an op that costs nothing, whose readers come before it is written.
   */
  constructor(
    readonly write: Writer,
    readonly build: Build,
    readonly compiled: boolean,
    private readonly view?: (ctx: Scope, op: Op) => void,
  ) {}

  set(value: Value, form: Form): void {
    this.forms.set(value, form);
  }

  /** As its type says, but in bfloat16. */
  setHalf(value: Value, ref: string): void {
    this.halves.set(value, ref);
  }

  /** Whether the value is there in bfloat16 only. */
  isHalf(value: Value): boolean {
    return this.halves.has(value) && !this.forms.has(value);
  }

  form(value: Value): Form {
    const before = this.forms.get(value);
    if (before) return before;
    const half = this.halves.get(value);
    if (half !== undefined) this.plain(value, this.convert(half, bfloat16, float));
    else if (value.op && this.view) this.view(this, value.op);
    const form = this.forms.get(value);
    if (!form) throw new Error(`value ${value.id} is read before it is made`);
    return form;
  }

  /** As its type says, nothing left out, in bfloat16. */
  half(value: Value): string {
    const before = this.halves.get(value);
    if (before !== undefined) return before;
    const [from] = value.op?.kind === "reshape" && this.view ? value.op.operands : [];
    const ref = from
      ? this.write.node("Reshape", "output", [this.half(from), this.write.list(value.type.shape)], {
          T: bfloat16,
          Tshape: int32,
        })
      : this.convert(this.full(value), float, bfloat16);
    this.halves.set(value, ref);
    return ref;
  }

  convert(ref: string, from: TypeAttribute, to: TypeAttribute): string {
    return this.write.node("Cast", "y", [ref], { SrcT: from, DstT: to, Truncate: { bool: false } });
  }

  /** As its type says. */
  plain(value: Value, ref: string): void {
    this.set(value, { ref, shape: value.type.shape });
  }

  /** As its type says, nothing left out. */
  full(value: Value): string {
    return this.repeat(this.form(value), value.type.dtype, value.type.shape);
  }

  repeat({ ref, shape }: Form, dtype: DType, to: readonly number[]): string {
    if (same(shape, to)) return ref;
    return this.write.node("BroadcastTo", "output", [ref, this.write.list(to)], { ...typed(dtype), Tidx: int32 });
  }

  /** With dimensions `dims` written out, and as many as the value has. */
  solid(value: Value, dims: readonly number[]): Form {
    const { dtype, shape } = value.type;
    const form = this.ranked(value);
    const wanted = form.shape.map((n, d) => (dims.includes(d) ? (shape[d] ?? 1) : n));
    return { ref: this.repeat(form, dtype, wanted), shape: wanted };
  }

  /** With as many dimensions as the value has. */
  ranked(value: Value): Form {
    const form = this.form(value);
    if (form.shape.length === value.type.shape.length) return form;
    const shape = value.type.shape.map(() => 1);
    return { ref: this.reshape(form.ref, value.type.dtype, form.shape, shape), shape };
  }

  reshape(ref: string, dtype: DType, from: readonly number[], to: readonly number[]): string {
    if (same(from, to)) return ref;
    return this.write.node("Reshape", "output", [ref, this.write.list(to)], { ...typed(dtype), Tshape: int32 });
  }

  scalar(dtype: DType, value: number): string {
    return this.write.values(dtype, [], [value]);
  }
}

export function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((x, i) => x === b[i]);
}

/** The shape that operands of these shapes give together. Those without dimensions fit any. */
export function joint(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, d) => {
    const sizes = shapes.filter((s) => s.length === rank).map((s) => s[d] ?? 1);
    return sizes.find((n) => n !== 1) ?? 1;
  });
}

/** No dimension: every element is the same. */
export function isSplat(form: Form): boolean {
  return form.shape.length === 0;
}
