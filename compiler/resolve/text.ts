/** Values and pieces of a spec as text. */

import type { Span } from "../../grammar/source.js";
import type { FileNode } from "../../grammar/tree.js";
import { plain } from "../elaborate/evaluation.js";
import type { Val } from "../elaborate/values.js";

/** `2_000`, `0.1`, `1e-3`: numbers as the language writes them. */
export function numberText(n: number): string {
  if (Number.isInteger(n) && Math.abs(n) < 1e15) {
    const digits = String(Math.abs(n));
    const grouped = digits.length > 3 ? digits.replace(/\B(?=(\d{3})+$)/g, "_") : digits;
    return n < 0 ? `-${grouped}` : grouped;
  }
  const text = Math.abs(n) < 0.01 ? n.toExponential() : String(n);
  return text.replace("e+", "e");
}

/** What stands in a spec for a static value; `undefined` for what cannot be written there. `name` answers for definitions and functions. */
export function valueText(value: Val, name: (v: Val) => string | undefined): string | undefined {
  const v = plain(value);
  const all = (items: readonly Val[]): string | undefined => {
    const texts = items.map((item) => valueText(item, name));
    return texts.every((text) => text !== undefined) ? texts.join(", ") : undefined;
  };
  const wrapped = (open: string, inside: string | undefined, close: string) =>
    inside === undefined ? undefined : `${open}${inside}${close}`;
  switch (v.kind) {
    case "number":
      return numberText(v.value);
    case "bool":
      return String(v.value);
    case "string":
      return JSON.stringify(v.value);
    case "none":
      return "none";
    case "word":
      return v.word;
    case "range":
      return `${numberText(v.from)}..${numberText(v.to)}`;
    case "list":
      return wrapped("[", all(v.items), "]");
    case "tuple":
      return wrapped("(", all(v.items), ")");
    case "record": {
      const fields = [...v.fields].map(([key, field]) => wrapped(`${key}: `, valueText(field, name), ""));
      return fields.every((text) => text !== undefined) ? `(${fields.join(", ")})` : undefined;
    }
    case "axes":
      return `[${v.axes.map((a) => (a.size === undefined ? a.name : `${a.name}: ${numberText(a.size)}`)).join(", ")}]`;
    case "init":
      return initText(v.rule);
    default:
      return name(v);
  }
}

function initText(rule: Extract<Val, { kind: "init" }>["rule"]): string | undefined {
  switch (rule.law) {
    case "normal":
      return `normal(${numberText(rule.std)})`;
    case "uniform":
      return `uniform(${numberText(rule.bound)})`;
    case "constant":
      return rule.value === 0 ? "zeros" : rule.value === 1 ? "ones" : undefined;
    default:
      return rule.law;
  }
}

export interface Edit {
  readonly pos: number;
  readonly end: number;
  readonly text: string;
}

/** The text of a place without its comments, after edits inside of it. Edits do not overlap; the outer one of two nested ones wins. */
export function editedText(span: Span, tree: FileNode, edits: readonly Edit[] = []): string {
  const { text } = span.source;
  const removed = tree.comments.map(({ span: { pos, end } }): Edit => ({ pos, end, text: "" }));
  const inside = [...edits, ...removed].filter(({ pos, end }) => pos >= span.pos && end <= span.end);
  inside.sort((a, b) => a.pos - b.pos || b.end - a.end);
  let out = "";
  let at = span.pos;
  for (const { pos, end, text: put } of inside) {
    if (pos < at) continue;
    out += text.slice(at, pos) + put;
    at = end;
  }
  return (out + text.slice(at, span.end)).replaceAll(/[ \t]+$/gm, "").replaceAll(/\n{2,}/g, "\n");
}

/** On one line. */
export function flat(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** Pieces side by side on as few lines as hold them. */
export function packed(pieces: readonly string[], width = 110): string[] {
  const lines: string[] = [];
  for (const piece of pieces) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + piece.length + 2 <= width) lines[lines.length - 1] = `${last}, ${piece}`;
    else lines.push(piece);
  }
  return lines;
}
