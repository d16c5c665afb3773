/** The messages of a TensorFlow SavedModel, with the field numbers of `saved_model.proto`, `graph.proto` and `function.proto`. */
import type { DType } from "../../ir/graph.js";
import { Message } from "../protobuf.js";

/** Element types with the numbers of `types.proto`; `index` of ours is `int32`. */
const elementCodes = { float: 1, int32: 3, bool: 10, bfloat16: 14, resource: 20 } as const;

export type ElementType = keyof typeof elementCodes;

export type Attribute =
  | { readonly type: ElementType }
  | { readonly types: readonly ElementType[] }
  | { readonly int: number }
  | { readonly float: number }
  | { readonly bool: boolean }
  | { readonly text: string }
  | { readonly shape: readonly number[] }
  | { readonly tensor: Constant }
  | { readonly fn: string };

export interface Constant {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Row-major, little endian. */
  readonly raw: Uint8Array;
}

export interface Node {
  readonly name: string;
  readonly type: string;
  /** `name:i` in a graph, `name:output:i` or the name of an argument in a function, `^name` after a node. */
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface Argument {
  readonly name: string;
  readonly type: ElementType;
}

/** A function of the graph's library. */
export interface FunctionDef {
  readonly name: string;
  readonly inputs: readonly Argument[];
  readonly outputs: readonly (Argument & { readonly from: string })[];
  readonly nodes: readonly Node[];
  /** Nodes that are run although nobody reads them. */
  readonly effects: readonly string[];
}

export interface GraphDef {
  readonly nodes: readonly Node[];
  readonly functions: readonly FunctionDef[];
}

/** Of the graph, not of the program: with it, defaults and meanings of ops are those of TensorFlow 2.9, the oldest library that is run. */
const producer = 1087;

export const servingTag = "serve";

export function elementType(dtype: DType): ElementType {
  return dtype === "index" ? "int32" : dtype;
}

function shapeMessage(shape: readonly number[]): Message {
  const m = new Message();
  for (const d of shape) m.message(2, new Message().int(1, d));
  return m;
}

function attributeMessage(a: Attribute): Message {
  const m = new Message();
  if ("type" in a) return m.int(6, elementCodes[a.type]);
  if ("types" in a)
    return m.message(
      1,
      new Message().ints(
        6,
        a.types.map((t) => elementCodes[t]),
      ),
    );
  if ("int" in a) return m.int(3, a.int);
  if ("float" in a) return m.float(4, a.float);
  if ("bool" in a) return m.int(5, Number(a.bool));
  if ("text" in a) return m.string(2, a.text);
  if ("shape" in a) return m.message(7, shapeMessage(a.shape));
  if ("fn" in a) return m.message(10, new Message().string(1, a.fn));
  const { type, shape, raw } = a.tensor;
  return m.message(8, new Message().int(1, elementCodes[type]).message(2, shapeMessage(shape)).bytes(4, raw));
}

function entry(key: string, value: Message): Message {
  return new Message().string(1, key).message(2, value);
}

function nodeMessage({ name, type, inputs, attributes }: Node): Message {
  const m = new Message().string(1, name).string(2, type);
  for (const i of inputs) m.string(3, i);
  for (const [key, value] of Object.entries(attributes)) m.message(5, entry(key, attributeMessage(value)));
  return m;
}

function argumentMessage({ name, type }: Argument): Message {
  return new Message().string(1, name).int(3, elementCodes[type]);
}

function functionMessage({ name, inputs, outputs, nodes, effects }: FunctionDef): Message {
  const signature = new Message().string(1, name);
  for (const i of inputs) signature.message(2, argumentMessage(i));
  for (const o of outputs) signature.message(3, argumentMessage(o));
  if (effects.length > 0) signature.int(17, 1);
  for (const e of effects) signature.string(20, e);
  const m = new Message().message(1, signature);
  for (const n of nodes) m.message(3, nodeMessage(n));
  for (const o of outputs) m.message(4, new Message().string(1, o.name).string(2, o.from));
  for (const e of effects) m.message(6, new Message().string(1, e).string(2, e));
  return m;
}

/** A `saved_model.pb` that stands for itself: no variables beside it, and no signatures, as its nodes are run by name. */
export function encodeSavedModel({ nodes, functions }: GraphDef): Uint8Array {
  const library = new Message();
  for (const f of functions) library.message(1, functionMessage(f));
  const graph = new Message();
  for (const n of nodes) graph.message(1, nodeMessage(n));
  graph.message(2, library).message(4, new Message().int(1, producer));
  const info = new Message().string(4, servingTag).string(5, "2.9.0");
  const meta = new Message().message(1, info).message(2, graph);
  return new Message().int(1, 1).message(2, meta).finish();
}
