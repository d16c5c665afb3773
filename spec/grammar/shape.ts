/** Trees without what the canonical form may change: places, comments, order of imported names, empty braces, `{ return e }`. */
import type { FileNode } from "../../grammar/tree.js";

export function shapeOf(file: FileNode): unknown {
  return strip({ ...file, comments: [] });
}

function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (typeof value !== "object" || value === null) return value;
  const node = value as Record<string, unknown>;
  const result: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(node)) {
    if (key === "span" || key === "nameSpan" || key === "short" || entry === undefined) continue;
    if (key === "settings" && Array.isArray(entry) && entry.length === 0) continue;
    result[key] = strip(entry);
  }
  if (node["kind"] === "Use") result["names"] = (result["names"] as { text: string }[]).map(({ text }) => text).sort();
  return result;
}

/** A tree as one line of brackets, to be compared with what a test says: kinds and texts only. */
export function brief(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(brief).join(" ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const node = value as Record<string, unknown>;
  const keys = Object.keys(node).filter((key) => key !== "kind");
  if (keys.length === 1 && keys[0] === "text") return String(node["text"]);
  const inside = keys.map((key) => `${key}:${brief(node[key])}`).join(" ");
  return node["kind"] === undefined ? `{${inside}}` : `(${String(node["kind"])}${inside === "" ? "" : ` ${inside}`})`;
}
