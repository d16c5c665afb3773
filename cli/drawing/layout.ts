/**
 * Places a directed acyclic graph in layers, as Sugiyama does: each node below all it depends on, long edges bent around what lies between,
 * the order within a layer chosen so that few edges cross.
 */
import type { Picture } from "./picture.js";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Centres. */
  readonly places: ReadonlyMap<string, Point>;
  /** The way of each edge of the picture, from border to border. */
  readonly ways: readonly (readonly Point[])[];
}

export interface Sizes {
  readonly widthOf: (id: string) => number;
  readonly height: number;
  readonly gapX: number;
  readonly gapY: number;
}

interface Cell {
  readonly id: string;
  readonly width: number;
  /** Neighbours in the layer above and below. */
  readonly up: Cell[];
  readonly down: Cell[];
  x: number;
}

export function layOut(picture: Picture, sizes: Sizes): Layout {
  const ranks = rank(picture);
  const layers: Cell[][] = [];
  const put = (cell: Cell, layer: number) => {
    layers[layer] ??= [];
    layers[layer].push(cell);
    return cell;
  };
  const cells = new Map<string, Cell>();
  for (const { id } of picture.nodes)
    cells.set(id, put({ id, width: sizes.widthOf(id), up: [], down: [], x: 0 }, ranks.get(id) ?? 0));
  // Edges that leave one node run together as long as they go the same way.
  const bends = new Map<string, Cell>();
  const routes = picture.edges.map(({ from, to }) => {
    const [start, end] = [cells.get(from), cells.get(to)];
    if (!start || !end) return [];
    const route = [start];
    for (let layer = (ranks.get(from) ?? 0) + 1; layer < (ranks.get(to) ?? 0); layer++) {
      const key = `${layer} ${from}`;
      const bend = bends.get(key) ?? put({ id: "", width: 4, up: [], down: [], x: 0 }, layer);
      bends.set(key, bend);
      route.push(bend);
    }
    route.push(end);
    route.forEach((cell, i) => {
      const next = route[i + 1];
      if (next && !cell.down.includes(next)) link(cell, next);
    });
    return route;
  });
  order(layers);
  spread(layers, sizes.gapX);
  return measured(picture, layers, cells, routes, sizes);
}

function link(above: Cell, below: Cell): void {
  above.down.push(below);
  below.up.push(above);
}

/** The longest way from a node without predecessors; sources then move down to just above their first reader. */
function rank(picture: Picture): Map<string, number> {
  const ranks = new Map(picture.nodes.map(({ id }) => [id, 0]));
  for (let round = 0, moved = true; moved && round <= picture.nodes.length; round++) {
    moved = false;
    for (const { from, to } of picture.edges) {
      const least = (ranks.get(from) ?? 0) + 1;
      if ((ranks.get(to) ?? 0) < least) {
        ranks.set(to, least);
        moved = true;
      }
    }
  }
  const targets = new Set(picture.edges.map(({ to }) => to));
  for (const { id } of picture.nodes) {
    const readers = picture.edges.filter(({ from }) => from === id).map(({ to }) => ranks.get(to) ?? 0);
    if (!targets.has(id) && readers.length) ranks.set(id, Math.min(...readers) - 1);
  }
  return ranks;
}

/** Sweeps down and up, each layer sorted by the mean place of its neighbours. */
function order(layers: readonly Cell[][]): void {
  const index = (layer: readonly Cell[]) => {
    for (const [i, cell] of layer.entries()) cell.x = i;
  };
  for (const layer of layers) index(layer);
  const sort = (layer: Cell[], side: "up" | "down") => {
    const wish = new Map(layer.map((cell) => [cell, mean(cell[side].map((other) => other.x)) ?? cell.x]));
    layer.sort((a, b) => (wish.get(a) ?? 0) - (wish.get(b) ?? 0));
    index(layer);
  };
  for (let sweep = 0; sweep < 8; sweep++) {
    for (const layer of layers.slice(1)) sort(layer, "up");
    for (const layer of layers.slice(0, -1).reverse()) sort(layer, "down");
  }
}

/** Gives the x of each cell: near its neighbours, in order, `gap` apart. */
function spread(layers: readonly Cell[][], gap: number): void {
  for (const layer of layers) {
    let x = 0;
    for (const cell of layer) {
      cell.x = x + cell.width / 2;
      x += cell.width + gap;
    }
    const shift = (x - gap) / 2;
    for (const cell of layer) cell.x -= shift;
  }
  for (let round = 0; round < 24; round++) {
    const down = round % 2 === 0;
    for (const layer of down ? layers : [...layers].reverse()) {
      const wishes = layer.map((cell) => mean((down ? cell.up : cell.down).map((other) => other.x)) ?? cell.x);
      settle(layer, wishes, gap);
    }
  }
}

/** As near to the wishes as order and distance allow: pushed to the right from the left, then back; the mean of both. */
function settle(layer: readonly Cell[], wishes: readonly number[], gap: number): void {
  const distance = (i: number) => ((layer[i]?.width ?? 0) + (layer[i + 1]?.width ?? 0)) / 2 + gap;
  const right = [...wishes];
  for (let i = 0; i + 1 < right.length; i++) right[i + 1] = Math.max(right[i + 1] ?? 0, (right[i] ?? 0) + distance(i));
  const left = [...wishes];
  for (let i = left.length - 2; i >= 0; i--) left[i] = Math.min(left[i] ?? 0, (left[i + 1] ?? 0) - distance(i));
  layer.forEach((cell, i) => {
    cell.x = ((right[i] ?? 0) + (left[i] ?? 0)) / 2;
  });
}

function measured(
  picture: Picture,
  layers: readonly Cell[][],
  cells: ReadonlyMap<string, Cell>,
  routes: readonly (readonly Cell[])[],
  { height, gapX, gapY }: Sizes,
): Layout {
  const all = layers.flat();
  const left = Math.min(...all.map((cell) => cell.x - cell.width / 2)) - gapX;
  const right = Math.max(...all.map((cell) => cell.x + cell.width / 2)) + gapX;
  const rowOf = new Map(layers.flatMap((layer, row) => layer.map((cell): [Cell, number] => [cell, row])));
  const place = (cell: Cell): Point => ({
    x: cell.x - left,
    y: gapY + (rowOf.get(cell) ?? 0) * (height + gapY) + height / 2,
  });
  const ways = routes.map((route) =>
    route.flatMap((cell, i) => {
      const { x, y } = place(cell);
      if (i === 0) return [{ x, y: y + height / 2 }];
      if (i === route.length - 1) return [{ x, y: y - height / 2 }];
      return [
        { x, y: y - height / 2 },
        { x, y: y + height / 2 },
      ];
    }),
  );
  const places = new Map(
    picture.nodes.flatMap(({ id }) => {
      const cell = cells.get(id);
      return cell ? [[id, place(cell)] as const] : [];
    }),
  );
  return { width: right - left, height: layers.length * (height + gapY) + gapY, places, ways };
}

function mean(values: readonly number[]): number | undefined {
  return values.length ? values.reduce((sum, x) => sum + x, 0) / values.length : undefined;
}
