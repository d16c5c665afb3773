/**
 * The library as trees that were read once, when the command line was built: a check of a short spec would spend most of its time on
 * reading a thousand lines that never change. Spans are stored without their text and get it back here.
 */
import { SourceFile } from "../../grammar/source.js";
import type { FileNode } from "../../grammar/tree.js";

export interface StoredFile {
  readonly text: string;
  /** A `FileNode` as JSON has it. */
  readonly tree: unknown;
}

/** By name of the file, as `parts.dit`. */
export type StoredLibrary = Readonly<Record<string, StoredFile>>;

/** What `restore` reads. The file must be free of mistakes. */
export function stored(tree: FileNode): StoredFile {
  const { source } = tree.span;
  const plain: unknown = JSON.parse(
    JSON.stringify(tree, (_, value: unknown) => (value === source ? undefined : value)),
  );
  return { text: source.text, tree: plain };
}

export function restore(path: string, { text, tree }: StoredFile): FileNode {
  place(tree, new SourceFile(path, text));
  return tree as FileNode;
}

function place(value: unknown, source: SourceFile): void {
  if (Array.isArray(value)) {
    for (const one of value) if (typeof one === "object") place(one, source);
  } else if (typeof value === "object" && value !== null) {
    const node = value as Record<string, unknown>;
    if ("pos" in node && "end" in node) node.source = source;
    else for (const key in node) if (typeof node[key] === "object") place(node[key], source);
  }
}
