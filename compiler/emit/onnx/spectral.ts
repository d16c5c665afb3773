/** Eigenvectors: ONNX has no op for them, so they are a loop of products (`emit/jacobi.ts`). */
import { type OpOf, sizeOf } from "../../ir/graph.js";
import { signWeights, tournament } from "../jacobi.js";
import { at, first, resultOf } from "../operands.js";
import type { Graph, Node, Port } from "./model.js";
import type { Scope } from "./scope.js";
import { Writer } from "./writer.js";

export function eigenvectors(ctx: Scope, op: OpOf<"eigenvectors">): void {
  const { write } = ctx;
  const result = resultOf(op);
  const { shape } = result.type;
  const n = at(shape, shape.length - 1);
  const batch = sizeOf(shape.slice(0, -2));
  const game = tournament(n);
  const { size } = game;
  const whole = ctx.reshape(ctx.full(first(op)), shape, [batch, n, n]);
  const turned = write.node("Transpose", [whole], { perm: { ints: [0, 2, 1] } });
  const half = write.floats([], [0.5]);
  const mean = write.node("Mul", [write.node("Add", [whole, turned]), half]);
  const start = size === n ? mean : seated(write, mean, n);
  const unit = write.floats([size, size], unitMatrix(size));
  const vectors = ctx.repeat(unit, [size, size], [batch, size, size]);
  const name = `eigen.${start}`;
  const port = (what: string): Port => ({ name: `${name}.${what}`, type: "float", shape: [batch, size, size] });
  const [matrix, basis] = write.outputs("Loop", [write.ints([], [game.rounds]), "", start, vectors], [true, true], {
    body: { graph: round(name, game, port) },
  });
  const values = write.node("ReduceSum", [write.node("Mul", [matrix ?? "", unit]), write.list([-1])], {
    keepdims: { int: 0 },
  });
  const flags = { axis: { int: -1 }, largest: { int: 0 }, sorted: { int: 1 } };
  const [, order] = write.outputs("TopK", [values, write.list([n])], [true, true], flags);
  const columns = ctx.repeat(write.node("Unsqueeze", [order ?? "", write.list([1])]), [batch, 1, n], [batch, size, n]);
  const sorted = write.node("GatherElements", [basis ?? "", columns], { axis: { int: 2 } });
  const cut = size === n ? sorted : write.node("Slice", [sorted, write.list([0]), write.list([n]), write.list([1])]);
  const side = write.node("MatMul", [write.floats([1, n], signWeights(n)), cut]);
  const other = write.node("Less", [side, write.floats([], [0])]);
  const sign = write.node("Where", [other, write.floats([], [-1]), write.floats([], [1])]);
  ctx.plain(result, ctx.reshape(write.node("Mul", [cut, sign]), [batch, n, n], shape));
}

/** An empty seat at the end: nothing beside the diagonal, and there more than any eigenvalue, so that it is sorted last. */
function seated(write: Writer, matrix: string, n: number): string {
  const largest = write.node("ReduceSum", [write.node("Abs", [matrix]), write.list([-2, -1])], {
    keepdims: { int: 1 },
  });
  const above = write.node("Add", [largest, write.floats([], [1])]);
  const zero = write.floats([], [0]);
  const padded = write.node("Pad", [matrix, write.list([0, 0, 0, 0, 1, 1]), zero]);
  const corner = write.node("Pad", [above, write.list([0, n, n, 0, 0, 0]), zero]);
  return write.node("Add", [padded, corner]);
}

/** The neighbours meet, and change seats. */
function round(name: string, game: ReturnType<typeof tournament>, port: (what: string) => Port): Graph {
  const { size, even, odd, evenNext, oddNext } = game;
  const tables = size / 2;
  const write = new Writer(`${name}.`);
  const [matrix, basis] = [`${name}.matrix`, `${name}.basis`];
  const E = write.floats([tables, size], even);
  const O = write.floats([tables, size], odd);
  const rows = write.node("MatMul", [E, matrix]);
  const met = (row: string, at: string) =>
    write.node("ReduceSum", [write.node("Mul", [row, at]), write.list([-1])], { keepdims: { int: 1 } });
  const first = met(rows, E);
  const between = met(rows, O);
  const second = met(write.node("MatMul", [O, matrix]), O);
  const gap = write.node("Sub", [second, first]);
  const double = write.node("Mul", [between, write.floats([], [2])]);
  const squares = write.node("Add", [write.node("Mul", [gap, gap]), write.node("Mul", [double, double])]);
  const depth = write.node("Add", [write.node("Abs", [gap]), write.node("Sqrt", [squares])]);
  const zero = write.floats([], [0]);
  const one = write.floats([], [1]);
  const sound = write.node("Where", [write.node("Equal", [depth, zero]), one, depth]);
  const side = write.node("Where", [write.node("Less", [gap, zero]), write.floats([], [-1]), one]);
  const tangent = write.node("Div", [write.node("Mul", [double, side]), sound]);
  const length = write.node("Sqrt", [write.node("Add", [write.node("Mul", [tangent, tangent]), one])]);
  const c = write.node("Div", [one, length]);
  const s = write.node("Div", [tangent, length]);
  const [En, On] = [write.floats([tables, size], evenNext), write.floats([tables, size], oddNext)];
  const part = (x: string, y: string, type: "Add" | "Sub") =>
    write.node(type, [write.node("Mul", [c, x]), write.node("Mul", [s, y])]);
  const back = (selector: Float64Array) => write.floats([size, tables], transposed(selector, tables, size));
  const turn = write.node("Add", [
    write.node("MatMul", [back(even), part(En, On, "Add")]),
    write.node("MatMul", [back(odd), part(On, En, "Sub")]),
  ]);
  const left = write.node("MatMul", [write.node("Transpose", [turn], { perm: { ints: [0, 2, 1] } }), matrix]);
  const last = (inputs: readonly string[], type: string, output: string): Node => ({
    type,
    domain: "",
    inputs,
    outputs: [output],
    attributes: {},
  });
  return {
    name,
    nodes: [
      ...write.nodes,
      last([left, turn], "MatMul", `${name}.matrix.next`),
      last([basis, turn], "MatMul", `${name}.basis.next`),
      last([`${name}.more`], "Identity", `${name}.further`),
    ],
    initializers: write.initializers,
    inputs: [
      { name: `${name}.round`, type: "int64", shape: [] },
      { name: `${name}.more`, type: "bool", shape: [] },
      port("matrix"),
      port("basis"),
    ],
    outputs: [{ name: `${name}.further`, type: "bool", shape: [] }, port("matrix.next"), port("basis.next")],
  };
}

function unitMatrix(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
}

function transposed(x: Float64Array, rows: number, cols: number): Float64Array {
  return Float64Array.from({ length: rows * cols }, (_, i) => x[(i % rows) * cols + Math.floor(i / rows)] ?? 0);
}
