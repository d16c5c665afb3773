import type { Attribute, ElementType, Graph, Initializer, Node, Port } from "./model.js";

/** Collects the nodes and constants of one ONNX graph. Equal constants and equal nodes are written once. */
export class Writer {
  readonly nodes: Node[] = [];
  readonly initializers: Initializer[] = [];
  private readonly known = new Map<string, string>();
  private count = 0;

  /** `prefix`: of a graph in a graph, whose names must be others. */
  constructor(private readonly prefix = "") {}

  private fresh(): string {
    this.count += 1;
    return `${this.prefix}t${this.count}`;
  }

  node(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    domain: Node["domain"] = "",
  ): string {
    const key = `${type}(${inputs.join()})${JSON.stringify(attributes)}`;
    const before = this.known.get(key);
    if (before !== undefined) return before;
    const output = this.fresh();
    this.nodes.push({ type, domain, inputs, outputs: [output], attributes });
    this.known.set(key, output);
    return output;
  }

  /** As `node`, for ops of several outputs; an empty name stands for one that nobody reads. */
  outputs(
    type: string,
    inputs: readonly string[],
    wanted: readonly boolean[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string[] {
    const outputs = wanted.map((w) => (w ? this.fresh() : ""));
    this.nodes.push({ type, domain: "", inputs, outputs, attributes });
    return outputs;
  }

  private constant(type: ElementType, shape: readonly number[], raw: Uint8Array): string {
    const small = raw.length <= 256;
    const key = small ? `${type}[${shape.join()}]${raw.join()}` : "";
    const before = small ? this.known.get(key) : undefined;
    if (before !== undefined) return before;
    const name = this.fresh();
    this.initializers.push({ name, type, shape, raw });
    if (small) this.known.set(key, name);
    return name;
  }

  floats(shape: readonly number[], values: ArrayLike<number>): string {
    const raw = new Uint8Array(4 * values.length);
    const view = new DataView(raw.buffer);
    for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i] ?? 0, true);
    return this.constant("float", shape, raw);
  }

  ints(shape: readonly number[], values: ArrayLike<number>): string {
    const raw = new Uint8Array(8 * values.length);
    const view = new DataView(raw.buffer);
    for (let i = 0; i < values.length; i++) view.setBigInt64(8 * i, BigInt(values[i] ?? 0), true);
    return this.constant("int64", shape, raw);
  }

  bools(shape: readonly number[], values: ArrayLike<number>): string {
    return this.constant(
      "bool",
      shape,
      Uint8Array.from(values, (v) => (v ? 1 : 0)),
    );
  }

  /** A list of numbers as ops take it: shape, axes, starts. */
  list(values: readonly number[]): string {
    return this.ints([values.length], values);
  }

  /**
   * Gives the values `from[i]` the names of `outputs[i]`. A value that is an input or a constant, or goes out twice, is copied; all others
   * are renamed where they are made. Nodes that nobody reads are left out: onnxruntime would run them.
   */
  bind(inputs: readonly Port[], outputs: readonly Port[], from: readonly string[]): Node[] {
    const made = new Set(this.nodes.flatMap((n) => n.outputs));
    for (const p of inputs) made.delete(p.name);
    const renamed = new Map<string, string>();
    const copies: Node[] = [];
    outputs.forEach((port, i) => {
      const name = from[i] ?? "";
      if (made.has(name) && !renamed.has(name)) renamed.set(name, port.name);
      else copies.push({ type: "Identity", domain: "", inputs: [name], outputs: [port.name], attributes: {} });
    });
    const rename = (name: string): string => renamed.get(name) ?? name;
    return this.needed([...copies.flatMap((n) => n.inputs), ...renamed.keys()])
      .concat(copies)
      .map((n) => renamedIn(n, rename));
  }

  private needed(names: readonly string[]): Node[] {
    const read = new Set(names);
    const kept: Node[] = [];
    for (const n of this.nodes.toReversed()) {
      if (!n.outputs.some((o) => read.has(o))) continue;
      for (const i of readBy(n)) read.add(i);
      kept.push(n);
    }
    return kept.reverse();
  }

  /** The constants that some of `nodes` read. */
  constantsOf(nodes: readonly Node[]): Initializer[] {
    const read = new Set(nodes.flatMap(readBy));
    return this.initializers.filter((i) => read.has(i.name));
  }
}

/** The graphs that a node runs. */
function graphsOf(n: Node): Graph[] {
  return Object.values(n.attributes).flatMap((a) => ("graph" in a ? [a.graph] : []));
}

/** What a node reads, in the graphs that it runs too: they see the names of the graph around them. */
function readBy(n: Node): string[] {
  return [...n.inputs, ...graphsOf(n).flatMap((g) => g.nodes.flatMap(readBy))];
}

function renamedIn(n: Node, rename: (name: string) => string): Node {
  const attributes = Object.entries(n.attributes).map(([key, a]): [string, Attribute] =>
    "graph" in a ? [key, { graph: { ...a.graph, nodes: a.graph.nodes.map((x) => renamedIn(x, rename)) } }] : [key, a],
  );
  return {
    ...n,
    inputs: n.inputs.map(rename),
    outputs: n.outputs.map(rename),
    attributes: Object.fromEntries(attributes),
  };
}
