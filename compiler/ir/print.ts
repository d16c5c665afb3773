/**
 * The text form of a graph. One line an op; `read` gives the same graph back, but for origins. Numbers are written in full; constants of
 * more than a few elements as base64 of their float64 bytes (little endian).
 */
import { encode } from "./base64.js";
import type { Fn, Module, Op, TensorType, Value } from "./graph.js";

/** Constants up to this many elements are written as numbers. */
const READABLE = 16;

export function print(module: Module): string {
  const parts = [...module.fns.values()].map((fn) => printFn(fn, `fn ${word(fn.name)}`));
  parts.push(printFn(module.main, `main ${word(module.main.name)}`));
  return `${parts.join("\n\n")}\n`;
}

function printFn(fn: Fn, head: string): string {
  let next = 0;
  for (const p of fn.params) next = Math.max(next, p.id + 1);
  for (const op of fn.ops) for (const r of op.results) next = Math.max(next, r.id + 1);
  const counter = fn.nextId === next ? "" : ` #${fn.nextId}`;
  const params = fn.params.map((p) => `${definition(p)}: ${typeOf(p.type)}`).join(", ");
  const lines = fn.ops.map((op) => `  ${printOp(op)}`);
  const results = fn.results.map((r) => ` ${use(r)}`).join(",");
  return `${head}${counter}(${params}) {\n${lines.map((l) => `${l}\n`).join("")}  return${results}\n}`;
}

/** One op as in the text form, for messages. */
export function printOp(op: Op): string {
  const left = op.results.map(definition).join(", ");
  const operands = op.operands.map(use).join(", ");
  const types = op.results.map((r) => typeOf(r.type)).join(", ");
  return `${left}${left ? " = " : ""}${op.kind} ${settings(op)}(${operands})${types ? `: ${types}` : ""}`;
}

/** Attributes that the types do not tell, each followed by a blank. */
function settings(op: Op): string {
  switch (op.kind) {
    case "constant":
      return `${dataText(op.attrs.data)} `;
    case "call":
      return `${word(op.attrs.fn)} `;
    case "broadcast":
      return `dims=${JSON.stringify(op.attrs.dims)} `;
    case "reshape":
      return "";
    default:
      return Object.entries(op.attrs)
        .map(([key, value]) => `${key}=${JSON.stringify(value)} `)
        .join("");
  }
}

function dataText(data: number | ArrayLike<number>): string {
  if (typeof data === "number") return numberText(data);
  if (data.length <= READABLE) return `[${Array.from(data, numberText).join(", ")}]`;
  const floats = data instanceof Float64Array ? data : Float64Array.from(data);
  const view = new DataView(new ArrayBuffer(8 * floats.length));
  floats.forEach((x, i) => {
    view.setFloat64(8 * i, x, true);
  });
  return `base64:${encode(new Uint8Array(view.buffer))}`;
}

function numberText(x: number): string {
  return Object.is(x, -0) ? "-0" : String(x);
}

function definition(v: Value): string {
  return v.name === undefined ? use(v) : `${use(v)} ${word(v.name)}`;
}

function use(v: Value): string {
  return `%${v.id}`;
}

function typeOf(t: TensorType): string {
  return `${t.dtype}[${t.shape.map((n, i) => `${word(t.axes[i] ?? "")}: ${n}`).join(", ")}]`;
}

/** A name, in quotes unless it is plain. */
function word(text: string): string {
  return /^[A-Za-z_][\w.]*$/.test(text) ? text : JSON.stringify(text);
}
