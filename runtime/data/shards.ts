/** The files behind latents: safetensors shards, or one array a part as npy. See `latents.ts` for what is in them. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { HostTensor } from "../../compiler/ir/host.js";
import { Safetensors } from "../checkpoint/safetensors.js";
import { hasCode, RuntimeFault, reasonOf } from "../fault.js";
import { Npy } from "./npy.js";

export type Part = "latents" | "labels" | "pixels";

/** Some samples in one file, or in one file a part. */
export interface Shard {
  readonly file: string;
  readonly count: number;
  readonly logvar: boolean;
  readonly shapes: ReadonlyMap<Part, readonly number[]>;
  row(part: Part, number: number): Promise<HostTensor>;
  close(): Promise<void>;
}

/** Something that is closed if what it is a part of cannot be opened. */
interface Closable {
  close(): Promise<void>;
}

/** Opens all shards of a folder; `check` may refuse one. Nothing stays open if it fails. */
export async function openShards(
  root: string,
  parts: readonly Part[],
  check: (shard: Shard) => void,
): Promise<Shard[]> {
  const names = await readdir(root).catch((error: unknown) => {
    const what = hasCode(error, "ENOENT") ? "there is no such folder" : `the folder cannot be read: ${reasonOf(error)}`;
    throw new RuntimeFault(what, root, ["`path` counts from the folder of the spec"], error);
  });
  const files = names.filter((name) => name.endsWith(".safetensors")).sort();
  const opened: Closable[] = [];
  try {
    const shards: Shard[] = [];
    for (const name of files) shards.push(await openShard(join(root, name), parts, opened));
    if (files.length === 0 && existsSync(join(root, "latents.npy"))) shards.push(await openArrays(root, parts, opened));
    if (shards.length === 0) {
      throw new RuntimeFault("no latents here", root, [
        "expected are shards *.safetensors with `latents`, or latents.npy",
      ]);
    }
    for (const shard of shards) check(shard);
    return shards;
  } catch (error) {
    await Promise.all(opened.map((file) => file.close()));
    throw error;
  }
}

async function openShard(file: string, parts: readonly Part[], opened: Closable[]): Promise<Shard> {
  const source = await Safetensors.open(file);
  opened.push(source);
  const shapes = new Map(parts.map((part) => [part, source.entry(part).shape] as const));
  return {
    file,
    count: countOf(file, shapes),
    logvar: source.metadata.moments === "logvar",
    shapes,
    row: (part, number) => source.rows(part, number, 1),
    close: () => source.close(),
  };
}

async function openArrays(root: string, parts: readonly Part[], opened: Closable[]): Promise<Shard> {
  const arrays = new Map<Part, Npy>();
  for (const part of parts) {
    const array = await Npy.open(join(root, `${part}.npy`));
    opened.push(array);
    arrays.set(part, array);
  }
  const shapes = new Map([...arrays].map(([part, array]) => [part, array.shape] as const));
  return {
    file: root,
    count: countOf(root, shapes),
    logvar: false,
    shapes,
    async row(part, number) {
      const array = arrays.get(part);
      if (!array) throw new Error(`${part} was not opened`);
      return array.rows(number, 1);
    },
    async close() {
      await Promise.all([...arrays.values()].map((array) => array.close()));
    },
  };
}

function countOf(file: string, shapes: ReadonlyMap<Part, readonly number[]>): number {
  const count = shapes.get("latents")?.[0] ?? 0;
  for (const [part, shape] of shapes) {
    if (shape[0] !== count)
      throw new RuntimeFault(`${shape[0] ?? 0} ${part} for ${count} latents`, `${file}, key ${part}`);
  }
  return count;
}
