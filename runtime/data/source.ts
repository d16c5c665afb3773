/** What training asks of data, whatever it is read from. */
import type { HostTensor } from "../../compiler/ir/host.js";
import type { SourceInfo } from "../../compiler/plan/plan.js";
import { nearest, RuntimeFault } from "../fault.js";
import { openDigits } from "./digits.js";
import { openFolder } from "./folder.js";
import { openLatents } from "./latents.js";
import { ShuffledOrder } from "./order.js";

/** Fields by name: `image` [batch, channel, row, col] in -1..1, `label` [batch] from 0, `pixels` [batch, 3, row, col] in 0..1. */
export type Batch = Map<string, HostTensor>;

export interface DataSource {
  /** Samples in an epoch. */
  readonly size: number;
  /** Classes; 0 without labels. */
  readonly classes: number;
  /**
   * The samples at `position .. position + count - 1` of the endless stream. Epoch e is positions e * size to (e + 1) * size - 1, in an
   * order that depends on (seed, e) alone; flips, crops and sampled latents depend on (seed, position). So the position is the whole
   * cursor.
   */
  batch(position: number, count: number): Promise<Batch>;
  /** Samples by number, in the order of the files, neither flipped nor cropped at random. */
  rows(numbers: readonly number[]): Promise<Batch>;
  close(): Promise<void>;
}

/** One sample that is asked for. `position` in the stream moves what is random about it; undefined: nothing is. */
export interface Row {
  readonly number: number;
  readonly position: number | undefined;
}

/** What each kind of data has to give; the order is added here. */
export interface Collection {
  readonly size: number;
  readonly classes: number;
  /** The fields it can give, with the shape of one sample. */
  readonly fields: ReadonlyMap<string, readonly number[]>;
  read(rows: readonly Row[], fields: ReadonlySet<string>): Promise<Batch>;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly seed: number;
  /** The folder that relative paths in settings count from; the working folder if not given. */
  readonly base?: string | undefined;
  /** The fields that will be read; all that the plan lists if not given. */
  readonly fields?: ReadonlySet<string> | undefined;
}

type Opener = (info: SourceInfo, options: OpenOptions) => Promise<Collection>;

const openers: Readonly<Record<string, Opener>> = {
  Digits: openDigits,
  Folder: openFolder,
  Latents: openLatents,
};

/** Opens the data behind a `data` declaration and checks that it has what the plan asks for. */
export async function openSource(info: SourceInfo, options: OpenOptions): Promise<DataSource> {
  const opener = Object.hasOwn(openers, info.definition) ? openers[info.definition] : undefined;
  if (!opener) {
    throw new RuntimeFault(`reading \`${info.definition}\` is not implemented yet`, `data ${info.name}`, [
      `what can be read: ${Object.keys(openers).join(", ")}`,
    ]);
  }
  const collection = await opener(info, options);
  const fields = options.fields ?? new Set(info.fields.map((f) => f.field));
  try {
    checkFields(info, collection, fields);
    if (collection.size === 0)
      throw new RuntimeFault("there are no samples", `data ${info.name}`, ["is `path` right?"]);
  } catch (error) {
    await collection.close();
    throw error;
  }
  return shuffled(collection, options.seed, info.name, fields);
}

function checkFields(info: SourceInfo, collection: Collection, wanted: ReadonlySet<string>): void {
  for (const name of wanted) {
    const has = collection.fields.get(name);
    if (!has) {
      const near = nearest(name, collection.fields.keys());
      const help = near ? [`did you mean \`${near}\`?`] : [`it has ${[...collection.fields.keys()].join(", ")}`];
      throw new RuntimeFault(`the data has no field \`${name}\``, `data ${info.name}`, help);
    }
    const declared = info.fields.find((f) => f.field === name)?.shape.slice(1);
    if (declared && declared.join() !== has.join()) {
      throw new RuntimeFault(
        `\`${name}\` is [${has.join(", ")}] in the files and [${declared.join(", ")}] in the spec`,
        `data ${info.name}`,
        ["change the settings of the data, or convert the files"],
      );
    }
  }
}

function shuffled(collection: Collection, seed: number, path: string, fields: ReadonlySet<string>): DataSource {
  const order = new ShuffledOrder(collection.size, seed, path);
  return {
    size: collection.size,
    classes: collection.classes,
    batch(position, count) {
      const rows = Array.from({ length: count }, (_, i) => ({
        number: order.at(position + i),
        position: position + i,
      }));
      return collection.read(rows, fields);
    },
    rows: (numbers) =>
      collection.read(
        numbers.map((number) => ({ number, position: undefined })),
        fields,
      ),
    close: () => collection.close(),
  };
}
