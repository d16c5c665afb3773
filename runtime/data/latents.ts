/**
 * `Latents`: pictures that an autoencoder has encoded before. A folder of
 *   *.safetensors   shards, in the order of their names, each with `latents` [n, ...image], `labels` [n] if there are classes and
 *                   `pixels` [n, 3, row, col] (U8 0..255, or floats 0..1) if `pixels` is asked for; or
 *   latents.npy, labels.npy, pixels.npy   the same as single arrays.
 * With `moments` the first axis of a latent holds means, then standard deviations (or log variances, if the metadata of the shard says
 * `moments: logvar`), and each use of a sample draws anew.
 */
import { sizeOf } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import type { SourceInfo } from "../../compiler/plan/plan.js";
import { RuntimeFault } from "../fault.js";
import { Stream } from "../random.js";
import { labelField } from "./pictures.js";
import { Settings } from "./settings.js";
import { openShards, type Part, type Shard } from "./shards.js";
import type { Collection, OpenOptions, Row } from "./source.js";

export async function openLatents(info: SourceInfo, options: OpenOptions): Promise<Collection> {
  const settings = new Settings(info);
  const root = settings.path(options.base);
  const classes = settings.number("class", 0);
  const scale = settings.number("scale");
  const shift = settings.number("shift", 0);
  const moments = settings.flag("moments", false);
  const shape = settings.shapeOf("image");
  const pixels = settings.number("pixels", 0);
  const parts: Part[] = [
    "latents",
    ...(classes > 0 ? (["labels"] as const) : []),
    ...(pixels > 0 ? (["pixels"] as const) : []),
  ];
  const stored = moments ? [2 * (shape[0] ?? 0), ...shape.slice(1)] : shape;
  const shards = await openShards(root, parts, (shard) => {
    expectShape(
      shard,
      "latents",
      stored,
      moments ? ["`moments: true` wants means and deviations: twice the channels"] : [],
    );
    if (pixels > 0) expectShape(shard, "pixels", [3, pixels, pixels], []);
  });
  const starts: number[] = [];
  let size = 0;
  for (const shard of shards) {
    starts.push(size);
    size += shard.count;
  }
  const find = (number: number): { shard: Shard; row: number } => {
    let i = starts.length - 1;
    while (i > 0 && (starts[i] ?? 0) > number) i--;
    const shard = shards[i];
    if (!shard) throw new Error(`sample ${number} of ${size}`);
    return { shard, row: number - (starts[i] ?? 0) };
  };
  const noise = new Stream(options.seed, `${info.name}.moments`, "augment");

  async function latent({ number, position }: Row, out: Float32Array, at: number): Promise<void> {
    const { shard, row } = find(number);
    const { data } = await shard.row("latents", row);
    const n = sizeOf(shape);
    const normals = new Float64Array(moments && position !== undefined ? n : 0);
    noise.normals(normals, 0, normals.length, position ?? 0, 0);
    for (let i = 0; i < n; i++) {
      const second = data[n + i] ?? 0;
      const std = normals.length === 0 ? 0 : shard.logvar ? Math.exp(0.5 * second) : second;
      out[at + i] = ((data[i] ?? 0) + std * (normals[i] ?? 0) - shift) * scale;
    }
  }

  async function label({ number }: Row): Promise<number> {
    const { shard, row } = find(number);
    const value = (await shard.row("labels", row)).data[0] ?? -1;
    if (value >= 0 && value < classes) return value;
    throw new RuntimeFault(
      `label ${value} of ${classes} classes, counted from 0`,
      `${shard.file}, key labels, row ${row}`,
    );
  }

  async function pixel({ number }: Row, out: Float32Array, at: number): Promise<void> {
    const { shard, row } = find(number);
    const { data, dtype } = await shard.row("pixels", row);
    for (let i = 0; i < data.length; i++) out[at + i] = dtype === "index" ? (data[i] ?? 0) / 255 : (data[i] ?? 0);
  }

  const fields = new Map<string, readonly number[]>([["image", shape]]);
  if (classes > 0) fields.set("label", []);
  if (pixels > 0) fields.set("pixels", [3, pixels, pixels]);
  const table = async (rows: readonly Row[], one: readonly number[], fill: typeof latent): Promise<HostTensor> => {
    const each = sizeOf(one);
    const data = new Float32Array(rows.length * each);
    await Promise.all(rows.map((row, i) => fill(row, data, i * each)));
    return { dtype: "float", shape: [rows.length, ...one], data };
  };
  return {
    size,
    classes,
    fields,
    async read(rows, wanted) {
      const out = new Map<string, HostTensor>();
      if (wanted.has("image")) out.set("image", await table(rows, shape, latent));
      if (wanted.has("label")) out.set("label", labelField(await Promise.all(rows.map(label))));
      if (wanted.has("pixels")) out.set("pixels", await table(rows, [3, pixels, pixels], pixel));
      return out;
    },
    async close() {
      await Promise.all(shards.map((shard) => shard.close()));
    },
  };
}

function expectShape(shard: Shard, part: Part, wanted: readonly number[], help: readonly string[]): void {
  const has = shard.shapes.get(part)?.slice(1) ?? [];
  if (has.join() === wanted.join()) return;
  throw new RuntimeFault(
    `a sample is [${has.join(", ")}], the spec asks for [${wanted.join(", ")}]`,
    `${shard.file}, key ${part}`,
    help,
  );
}
