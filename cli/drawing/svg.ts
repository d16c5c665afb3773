import { layOut, type Point } from "./layout.js";
import type { Picture, PictureNode } from "./picture.js";

const height = 40;
const colours: Readonly<Record<PictureNode["kind"], { fill: string; line: string }>> = {
  input: { fill: "#eef4ff", line: "#5b7fb9" },
  draw: { fill: "#fff6e5", line: "#c08a2b" },
  part: { fill: "#f3f7f1", line: "#5d8a4a" },
  value: { fill: "#ffffff", line: "#999999" },
  output: { fill: "#fdeeee", line: "#b95b5b" },
};

/** A drawing that stands alone. */
export function svgOf(picture: Picture): string {
  const nodes = new Map(picture.nodes.map((node) => [node.id, node]));
  const widthOf = (id: string) => {
    const node = nodes.get(id);
    return Math.max(56, 7.4 * (node?.label.length ?? 0), 6 * (node?.detail?.length ?? 0)) + 18;
  };
  const layout = layOut(picture, { widthOf, height, gapX: 26, gapY: 34 });
  const [width, tall] = [Math.ceil(layout.width), Math.ceil(layout.height)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${tall}" viewBox="0 0 ${width} ${tall}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif">`,
    `<title>${escaped(picture.title)}</title>`,
    `<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#777777"/></marker></defs>`,
    `<rect width="${width}" height="${tall}" fill="white"/>`,
    ...layout.ways.map((way) => `<path d="${curve(way)}" fill="none" stroke="#777777" marker-end="url(#tip)"/>`),
    ...picture.nodes.map((node) => box(node, layout.places.get(node.id) ?? { x: 0, y: 0 }, widthOf(node.id))),
    "</svg>",
    "",
  ].join("\n");
}

function box(node: PictureNode, { x, y }: Point, width: number): string {
  const { fill, line } = colours[node.kind];
  const round = node.kind === "input" || node.kind === "draw" ? height / 2 : 5;
  const label = `<text x="${n(x)}" y="${n(node.detail ? y - 2 : y + 4)}" font-size="12" text-anchor="middle" fill="#222222">${escaped(node.label)}</text>`;
  const detail = node.detail
    ? `<text x="${n(x)}" y="${n(y + 12)}" font-size="10" text-anchor="middle" fill="#777777">${escaped(node.detail)}</text>`
    : "";
  return `<g><rect x="${n(x - width / 2)}" y="${n(y - height / 2)}" width="${n(width)}" height="${height}" rx="${round}" fill="${fill}" stroke="${line}"/>${label}${detail}</g>`;
}

/** Leaves and arrives upright. */
function curve([first, ...rest]: readonly Point[]): string {
  let from = first ?? { x: 0, y: 0 };
  let path = `M${n(from.x)} ${n(from.y)}`;
  for (const to of rest) {
    const bend = (to.y - from.y) / 2;
    path += ` C${n(from.x)} ${n(from.y + bend)} ${n(to.x)} ${n(to.y - bend)} ${n(to.x)} ${n(to.y)}`;
    from = to;
  }
  return path;
}

function n(x: number): string {
  return String(Math.round(x * 10) / 10);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
