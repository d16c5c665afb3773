import type { Picture, PictureNode } from "./picture.js";

const shapes: Readonly<Record<PictureNode["kind"], string>> = {
  input: "ellipse",
  draw: "ellipse",
  part: "box",
  value: "plain",
  output: "doubleoctagon",
};

/** The language of Graphviz. */
export function dotOf(picture: Picture): string {
  const nodes = picture.nodes.map((node) => {
    const label = node.detail ? `${node.label}\n${node.detail}` : node.label;
    return `  ${quoted(node.id)} [label=${quoted(label)}, shape=${shapes[node.kind]}];`;
  });
  const edges = picture.edges.map((edge) => `  ${quoted(edge.from)} -> ${quoted(edge.to)};`);
  return [`digraph ${quoted(picture.title)} {`, "  rankdir=TB;", ...nodes, ...edges, "}", ""].join("\n");
}

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
