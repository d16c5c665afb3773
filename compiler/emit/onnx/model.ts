/** The messages of an ONNX file, with the field numbers of `onnx.proto3`. */
import type { DType } from "../../ir/graph.js";
import { Message } from "../protobuf.js";

export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly text: string }
  | { readonly ints: readonly number[] }
  | { readonly graph: Graph };

export interface Node {
  readonly type: string;
  readonly domain: "" | "com.microsoft";
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** `int64` is our `index`; the others are as they are called. */
export type ElementType = "float" | "int32" | "int64" | "bool";

export interface Initializer {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Row-major, little endian. */
  readonly raw: Uint8Array;
}

export interface Port {
  readonly name: string;
  readonly type: ElementType;
  /** A name stands for a size that each run chooses. */
  readonly shape: readonly (number | string)[];
}

export interface FixedPort extends Port {
  readonly shape: readonly number[];
}

/** Of a model, or of a node that runs a graph of its own, which then may also read names of the graph around it. */
export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly initializers: readonly Initializer[];
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** Opset 20: the oldest with everything the lowering uses; runtimes from onnxruntime 1.17 on, the web one included, read it. */
const opset = 20;
const irVersion = 9;

const elementCodes: { readonly [T in ElementType]: number } = { float: 1, int32: 6, int64: 7, bool: 9 };
const attributeCodes = { float: 1, int: 2, text: 3, graph: 5, ints: 7 } as const;

export function elementType(dtype: DType): ElementType {
  return dtype === "index" ? "int64" : dtype;
}

function attribute(name: string, value: Attribute): Message {
  const m = new Message().string(1, name);
  if ("int" in value) return m.int(3, value.int).int(20, attributeCodes.int);
  if ("float" in value) return m.float(2, value.float).int(20, attributeCodes.float);
  if ("text" in value) return m.string(4, value.text).int(20, attributeCodes.text);
  if ("graph" in value) return m.message(6, graphMessage(value.graph)).int(20, attributeCodes.graph);
  return m.ints(8, value.ints).int(20, attributeCodes.ints);
}

function node(n: Node, index: number): Message {
  const m = new Message();
  for (const i of n.inputs) m.string(1, i);
  for (const o of n.outputs) m.string(2, o);
  m.string(3, `n${index}`).string(4, n.type);
  for (const [name, value] of Object.entries(n.attributes)) m.message(5, attribute(name, value));
  return n.domain === "" ? m : m.string(7, n.domain);
}

function initializer(i: Initializer): Message {
  return new Message().ints(1, i.shape).int(2, elementCodes[i.type]).string(8, i.name).bytes(9, i.raw);
}

function port(p: Port): Message {
  const shape = new Message();
  for (const d of p.shape)
    shape.message(1, typeof d === "number" ? new Message().int(1, d) : new Message().string(2, d));
  const tensor = new Message().int(1, elementCodes[p.type]).message(2, shape);
  return new Message().string(1, p.name).message(2, new Message().message(1, tensor));
}

function opsetImport(domain: string, version: number): Message {
  return new Message().string(1, domain).int(2, version);
}

function graphMessage({ name, nodes, initializers, inputs, outputs }: Graph): Message {
  const graph = new Message();
  nodes.forEach((n, i) => {
    graph.message(1, node(n, i));
  });
  graph.string(2, name);
  for (const i of initializers) graph.message(5, initializer(i));
  for (const p of inputs) graph.message(11, port(p));
  for (const p of outputs) graph.message(12, port(p));
  return graph;
}

function extended({ nodes }: Graph): boolean {
  return nodes.some(
    (n) => n.domain !== "" || Object.values(n.attributes).some((a) => "graph" in a && extended(a.graph)),
  );
}

export function encodeModel(graph: Graph): Uint8Array {
  const file = new Message()
    .int(1, irVersion)
    .string(2, "dit")
    .message(7, graphMessage(graph))
    .message(8, opsetImport("", opset));
  return (extended(graph) ? file.message(8, opsetImport("com.microsoft", 1)) : file).finish();
}
