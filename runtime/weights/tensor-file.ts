/** A file of tensors under names, whoever wrote it: safetensors, or a checkpoint of PyTorch. */
import type { HostTensor } from "../../compiler/ir/host.js";
import { Safetensors } from "../checkpoint/safetensors.js";
import { nearest, RuntimeFault } from "../fault.js";
import { openFile, readRange } from "../files.js";
import { TorchFile } from "./torch.js";

export interface TensorFile {
  readonly file: string;
  readonly entries: ReadonlyMap<string, { readonly type: string; readonly shape: readonly number[] }>;
  /** A tensor; floats of 16 bits widen to 32. */
  read(name: string): Promise<HostTensor>;
  close(): Promise<void>;
}

/** A file whose tensors stand in dicts within dicts: their names are the keys with dots between. */
export interface NestedFile extends TensorFile {
  /** The dicts that hold tensors themselves, by their path; `""` is the outermost. */
  readonly groups: readonly string[];
  /** What else there is: a line for each entry of the outermost dict. */
  readonly facts: readonly string[];
}

/** What to call the way into a file. */
export interface Chosen {
  readonly source: TensorFile;
  /** The dict within the file; `""`: the file itself. */
  readonly key: string;
  /** Why this one, where nobody said so. */
  readonly why?: string | undefined;
}

/** Opens a file by its first bytes, whatever it is called. */
export async function openTensorFile(file: string): Promise<NestedFile> {
  const handle = await openFile(file);
  let lead: Buffer;
  try {
    const { size } = await handle.stat();
    lead = await readRange(handle, file, 0, Math.min(size, 9), []);
  } finally {
    await handle.close();
  }
  if (isTorch(lead)) return TorchFile.open(file);
  const source = await Safetensors.open(file);
  return Object.assign(source, { groups: [""], facts: [] });
}

/** A zip, or a pickle. The header of a safetensors file is an object of less than 4 GiB, whatever its length begins with. */
function isTorch(lead: Buffer): boolean {
  if (lead.toString("latin1", 0, 2) === "PK") return true;
  const safetensors = lead.length === 9 && lead.readUInt32LE(4) === 0 && lead[8] === 0x7b;
  return lead[0] === 0x80 && (lead[1] ?? 0) >= 2 && (lead[1] ?? 9) <= 5 && !safetensors;
}

/** Official samplers draw from the average where a file has one. */
const usual = ["ema", "model", "state_dict"];

/** The tensors of a file below a key: the one that is asked for, or the usual one. */
export function choose(file: NestedFile, wanted?: string): Chosen {
  if (wanted !== undefined && wanted !== "") return { source: below(file, wanted), key: wanted };
  if (wanted === "" || file.groups.includes("")) return { source: file, key: "" };
  const first =
    usual.find((key) => file.groups.includes(key)) ?? (file.groups.length === 1 ? file.groups[0] : undefined);
  if (first === undefined) {
    const what = file.groups.length === 0 ? "the file holds no tensors" : "the file holds several dicts of tensors";
    throw new RuntimeFault(
      what,
      file.file,
      file.groups.slice(0, 20).map((key) => `\`--key ${key}\``),
    );
  }
  const others = file.groups.filter((key) => key !== first);
  const means = first === "ema" ? ", the averaged weights, which official samplers draw from" : "";
  const more =
    others.length > 0
      ? `; the file has also ${others
          .slice(0, 6)
          .map((key) => `\`${key}\``)
          .join(", ")}`
      : "";
  return { source: below(file, first), key: first, why: `taking \`${first}\`${means}${more}` };
}

function below(file: TensorFile, key: string): TensorFile {
  const prefix = `${key}.`;
  const entries = new Map(
    [...file.entries].flatMap(([name, entry]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), entry] as const] : [],
    ),
  );
  if (entries.size === 0) {
    const starts = new Set([...file.entries.keys()].map((name) => name.split(".")[0] ?? ""));
    const near = nearest(key, starts);
    throw new RuntimeFault(`no tensor of the file is below \`${key}\``, file.file, [
      near === undefined ? `it has ${[...starts].slice(0, 12).join(", ")}` : `did you mean \`${near}\`?`,
    ]);
  }
  return { file: file.file, entries, read: (name) => file.read(prefix + name), close: () => file.close() };
}
