import type { DType } from "../../ir/graph.js";
import { type Attribute, type Constant, type ElementType, elementType, type Node } from "./messages.js";

type Attributes = Readonly<Record<string, Attribute>>;

/** Collects the nodes of one function. Equal constants and equal nodes are written once. */
export class Writer {
  readonly nodes: Node[] = [];
  private readonly known = new Map<string, string>();
  private count = 0;

  /** `common`: attributes of all nodes. */
  constructor(private readonly common: Attributes = {}) {}

  /** `output`: the name that the op's definition gives to the result. Gives how others refer to it. */
  node(type: string, output: string, inputs: readonly string[], attributes: Attributes): string {
    const key = `${type}(${inputs.join()})${JSON.stringify(attributes)}`;
    const before = this.known.get(key);
    if (before !== undefined) return before;
    const made = `${this.add(type, inputs, attributes)}:${output}:0`;
    this.known.set(key, made);
    return made;
  }

  /** A node with an effect or of several results, never shared. Gives its name. */
  add(type: string, inputs: readonly string[], attributes: Attributes): string {
    this.count += 1;
    const name = `n${this.count}`;
    this.nodes.push({ name, type, inputs, attributes: { ...attributes, ...this.common } });
    return name;
  }

  private constant(tensor: Constant): string {
    const small = tensor.raw.length <= 256;
    const key = small ? `${tensor.type}[${tensor.shape.join()}]${tensor.raw.join()}` : "";
    const before = small ? this.known.get(key) : undefined;
    if (before !== undefined) return before;
    const made = `${this.add("Const", [], { dtype: { type: tensor.type }, value: { tensor } })}:output:0`;
    if (small) this.known.set(key, made);
    return made;
  }

  floats(shape: readonly number[], values: ArrayLike<number>): string {
    const raw = new Uint8Array(4 * values.length);
    const view = new DataView(raw.buffer);
    for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i] ?? 0, true);
    return this.constant({ type: "float", shape, raw });
  }

  ints(shape: readonly number[], values: ArrayLike<number>): string {
    const raw = new Uint8Array(4 * values.length);
    const view = new DataView(raw.buffer);
    for (let i = 0; i < values.length; i++) view.setInt32(4 * i, values[i] ?? 0, true);
    return this.constant({ type: "int32", shape, raw });
  }

  bools(shape: readonly number[], values: ArrayLike<number>): string {
    return this.constant({ type: "bool", shape, raw: Uint8Array.from(values, (v) => (v ? 1 : 0)) });
  }

  values(dtype: DType, shape: readonly number[], values: ArrayLike<number>): string {
    if (dtype === "float") return this.floats(shape, values);
    return dtype === "index" ? this.ints(shape, values) : this.bools(shape, values);
  }

  /** A list of numbers as ops take it: shape, axes, starts. */
  list(values: readonly number[]): string {
    return this.ints([values.length], values);
  }
}

/** Attribute `T`, by which most ops are told their element type. */
export function typed(dtype: DType): { readonly T: { readonly type: ElementType } } {
  return { T: { type: elementType(dtype) } };
}

/** Attribute for the type of sizes and axes, which are always `int32` here. */
export const int32 = { type: "int32" } as const;

export const float = { type: "float" } as const;
export const bfloat16 = { type: "bfloat16" } as const;
