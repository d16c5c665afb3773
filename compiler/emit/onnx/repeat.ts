/** A function that is called for one part of its operands after the other (`passes/roll.ts`): one `Loop` node. */
import type { OpOf } from "../../ir/graph.js";
import { at } from "../../ir/table/row.js";
import type { Repeat } from "../../passes/roll.js";
import type { OnnxOptions } from "./emit.js";
import type { FixedPort, Graph, Node, Port } from "./model.js";
import type { Scope } from "./scope.js";

type Lower = (fn: Repeat["fn"], options: OnnxOptions) => Graph & { readonly outputs: readonly FixedPort[] };

/** `lower`: makes the graph of the function. `number` tells the loops of a model apart. */
export function repeated(ctx: Scope, op: OpOf<"call">, repeat: Repeat, number: number, lower: Lower): void {
  const { fn, times, dealt, fates } = repeat;
  const { write } = ctx;
  const name = (what: string): string => `loop${number}.${what}`;
  const first: Node[] = [];
  // What all rounds get whole is read from the graph around.
  const inputs = op.operands.map((v, p) => {
    const axis = dealt[p];
    const whole = ctx.full(v);
    if (axis === undefined) return whole;
    const { shape } = v.type;
    const rows = ctx.reshape(
      whole,
      shape,
      shape.flatMap((n, d) => (d === axis ? [times, n / times] : [n])),
    );
    first.push(node("Gather", [rows, name("round")], [name(`in${p}`)], { axis: { int: axis } }));
    return name(`in${p}`);
  });
  const made = fn.results.map((_, i) => name(`made${i}`));
  const body = lower(fn, { inputs, outputs: made, prefix: name(""), extensions: ctx.options.extensions });
  const last: Node[] = [];
  const carried: { readonly start: string; readonly input: Port; readonly output: Port }[] = [];
  const rows: Port[] = [];
  const order: { readonly result: number; readonly row: boolean }[] = [];
  fates.forEach((fate, i) => {
    const port = at(body.outputs, i);
    if (fate === "rows") {
      rows.push(port);
      order.push({ result: i, row: true });
      return;
    }
    const { type } = at(fn.results, i);
    const input = { ...port, name: name(`before${i}`) };
    const sum = { ...port, name: name(`sum${i}`) };
    if (fate === "sum") last.push(node("Add", [input.name, port.name], [sum.name]));
    const start = ctx.repeat(ctx.scalar({ splat: 0 }, type.dtype).name, [], type.shape);
    carried.push({ start, input, output: fate === "sum" ? sum : port });
    order.push({ result: i, row: false });
  });
  const more: Port = { name: name("more"), type: "bool", shape: [] };
  const further: Port = { name: name("further"), type: "bool", shape: [] };
  const graph: Graph = {
    name: fn.name,
    nodes: [...first, ...body.nodes, ...last, node("Identity", [more.name], [further.name])],
    initializers: body.initializers,
    inputs: [{ name: name("round"), type: "int64", shape: [] }, more, ...carried.map((c) => c.input)],
    outputs: [further, ...carried.map((c) => c.output), ...rows],
  };
  const given = write.outputs(
    "Loop",
    [write.ints([], [times]), "", ...carried.map((c) => c.start)],
    order.map(() => true),
    { body: { graph } },
  );
  const sorted = [...order.filter((o) => !o.row), ...order.filter((o) => o.row)];
  sorted.forEach(({ result, row }, i) => {
    const value = at(op.results, result);
    const { shape } = value.type;
    const output = at(given, i);
    ctx.plain(value, row ? ctx.reshape(output, [times, ...at(fn.results, result).type.shape], shape) : output);
  });
}

function node(
  type: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Node["attributes"] = {},
): Node {
  return { type, domain: "", inputs, outputs, attributes };
}
