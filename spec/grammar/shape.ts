/** Trees without what the canonical form may change: places, comments, order of imported names, empty braces, `{ return e }`. */
import type { FileNode } from "../../grammar/tree.js";

export function shapeOf(file: FileNode): unknown {
  return bare({ ...file, comments: [] });
}

/** A node without its places. */
export function bare(value: unknown): unknown {
  if (isName(value)) return value.text;
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== "object" || value === null) return value;
  const node = value as { readonly [key: string]: unknown };
  const result: { [key: string]: unknown } = {};
  for (const [key, entry] of Object.entries(node)) {
    if (key === "span" || key === "nameSpan" || key === "short" || entry === undefined) continue;
    if (key === "settings" && Array.isArray(entry) && entry.length === 0) continue;
    result[key] = bare(entry);
  }
  if (node.kind === "Use" && Array.isArray(node.names)) result.names = node.names.map(({ text }) => text).sort();
  return result;
}

function isName(entry: unknown): entry is { readonly text: string } {
  return typeof entry === "object" && entry !== null && Object.keys(entry).sort().join() === "span,text";
}
