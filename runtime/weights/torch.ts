/**
 * Checkpoints of PyTorch: a zip of one pickle and of the bytes of each storage (1.6 and later), or several pickles and the storages one after
 * the other (before). Only the pickle is read into memory, and by a reader that runs nothing (`pickle.ts`); a tensor is read when it is
 * asked for.
 */
import type { FileHandle } from "node:fs/promises";
import { sizeOf } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import { decode, type FileType, widths } from "../checkpoint/safetensors.js";
import { nearest, RuntimeFault } from "../fault.js";
import { openFile, readRange } from "../files.js";
import { Dict, Inert, Known, type Pickled, Thing, Tuple, unpickle, type Vocabulary } from "./pickle.js";
import type { NestedFile } from "./tensor-file.js";
import { readZip } from "./zip.js";

const damaged = ["the file is damaged or was cut off: copy or make it again"];

/** A pickle of a checkpoint has some hundred bytes a tensor. */
const pickleLimit = 100_000_000;

/** Values that a checkpoint may hold, and characters of all their names: nothing is looked at beyond. */
const valueLimit = 1_000_000;
const letterLimit = 200_000_000;

/** Storages by the class that a pickle names, with the type that files call it by. */
const storages: Readonly<Record<string, FileType | "I16" | "I8">> = {
  DoubleStorage: "F64",
  FloatStorage: "F32",
  HalfStorage: "F16",
  BFloat16Storage: "BF16",
  LongStorage: "I64",
  IntStorage: "I32",
  ShortStorage: "I16",
  CharStorage: "I8",
  ByteStorage: "U8",
  BoolStorage: "BOOL",
};

const storageWidths = { ...widths, I16: 2, I8: 1 } as const;

const dtypes = "float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 bool".split(" ");

class Storage extends Thing {
  /** Where its bytes are. */
  begin = 0;

  constructor(
    readonly key: string,
    readonly type: keyof typeof storageWidths,
    readonly elements: number,
  ) {
    super();
  }
}

class Tensor extends Thing {
  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {
    super();
  }

  get type(): Storage["type"] {
    return this.storage.type;
  }
}

/** The names that checkpoints are made of, and the storages that a pickle asks for. */
class TorchVocabulary implements Vocabulary {
  readonly storages = new Map<string, Storage>();
  private readonly names = new Map<string, Known>();

  constructor() {
    const add = (name: string, call?: Known["call"], make?: Known["make"]) =>
      this.names.set(name, new Known(name, call, make));
    add("collections.OrderedDict", dictOf);
    add("torch._utils._rebuild_tensor_v2", tensorOf);
    // Whether a gradient was asked for does not matter here.
    add("torch._utils._rebuild_parameter", ([tensor]) => (tensor instanceof Tensor ? tensor : undefined));
    add("torch.Size", ([sizes]) => (sizes instanceof Tuple ? sizes : undefined));
    add("argparse.Namespace", undefined, () => new Inert("argparse.Namespace"));
    for (const name of Object.keys(storages)) add(`torch.${name}`);
    for (const name of dtypes) add(`torch.${name}`);
  }

  known(name: string): Known | undefined {
    return this.names.get(name);
  }

  /** `("storage", class, key, where it was, elements)`; before 1.6 a sixth, `None`. */
  persistent(id: Pickled): Storage | undefined {
    const [word, type, key, , elements, view] = id instanceof Tuple ? id.items : [];
    const of = type instanceof Known ? storages[type.name.replace(/^torch\./, "")] : undefined;
    if (word !== "storage" || !of || typeof key !== "string" || !isCount(elements) || (view ?? null) !== null)
      return undefined;
    const known = this.storages.get(key);
    if (known) return known.type === of && known.elements === elements ? known : undefined;
    const made = new Storage(key, of, elements);
    this.storages.set(key, made);
    return made;
  }
}

function dictOf(args: readonly Pickled[]): Dict | undefined {
  const dict = new Dict();
  const [pairs = []] = args;
  if (args.length > 1 || !Array.isArray(pairs)) return undefined;
  for (const pair of pairs) {
    const [key = null, value = null] = pair instanceof Tuple ? pair.items : Array.isArray(pair) ? pair : [];
    dict.entries.set(key, value);
  }
  return dict;
}

/** `(storage, offset, size, stride, …)` */
function tensorOf([storage, offset, size, stride]: readonly Pickled[]): Tensor | undefined {
  if (!(storage instanceof Storage) || !isCount(offset) || !(size instanceof Tuple) || !(stride instanceof Tuple))
    return undefined;
  const [shape, strides] = [size.items, stride.items];
  if (!shape.every(isCount) || !strides.every(isCount) || shape.length !== strides.length) return undefined;
  return new Tensor(storage, offset, shape, strides);
}

export class TorchFile implements NestedFile {
  readonly entries: ReadonlyMap<string, Tensor>;
  readonly groups: readonly string[];
  readonly facts: readonly string[];

  private constructor(
    readonly file: string,
    private readonly handle: FileHandle,
    /** What the file holds. */
    root: Pickled,
  ) {
    const { entries, groups } = flatten(file, root);
    for (const [name, tensor] of entries) checkTensor(file, name, tensor);
    this.entries = entries;
    this.groups = groups;
    this.facts =
      root instanceof Dict ? [...root.entries].map(([key, value]) => `${shown(key)}: ${described(value)}`) : [];
  }

  static async open(file: string): Promise<TorchFile> {
    const handle = await openFile(file);
    try {
      const { size } = await handle.stat();
      const lead = await readRange(handle, file, 0, Math.min(2, size), damaged);
      const zipped = lead.toString("latin1") === "PK";
      const root = await (zipped ? readZipped : readOld)(handle, file, size);
      return new TorchFile(file, handle, root);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async read(name: string): Promise<HostTensor> {
    const tensor = this.entries.get(name);
    if (!tensor) {
      const near = nearest(name, this.entries.keys());
      throw new RuntimeFault(
        `there is no tensor \`${name}\` in the file`,
        this.file,
        near ? [`did you mean \`${near}\`?`] : [],
      );
    }
    const { storage, offset, shape, strides } = tensor;
    const { type } = storage;
    if (!(type in widths))
      throw new RuntimeFault(`tensor \`${name}\`: type ${type} is not supported`, `${this.file}, key ${name}`, [
        `supported are ${Object.keys(widths).join(", ")}`,
      ]);
    const width = storageWidths[type];
    const begin = storage.begin + offset * width;
    const raw = await readRange(this.handle, this.file, begin, spanOf(shape, strides) * width, damaged);
    const bytes = isDense(shape, strides) ? raw : gathered(raw, shape, strides, width);
    return decode(this.file, { name, type: type as FileType, begin }, shape, bytes, 0);
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

async function readZipped(handle: FileHandle, file: string, size: number): Promise<Pickled> {
  const entries = await readZip(handle, file, size);
  const pickles = [...entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const top = pickles[0]?.slice(0, -"/data.pkl".length);
  if (top === undefined || pickles.length > 1)
    throw new RuntimeFault("a zip, and not one that PyTorch saved: it has no `data.pkl`", file, [
      "safetensors, and files of `torch.save`, are read",
    ]);
  if (entries.has(`${top}/constants.pkl`))
    throw new RuntimeFault("a program of TorchScript, not a file of weights", file, [
      "save its weights: torch.save(torch.jit.load(FILE).state_dict(), …)",
    ]);
  const read = async (name: string) => {
    const entry = entries.get(`${top}/${name}`);
    if (!entry) return undefined;
    if (entry.end - entry.begin > pickleLimit)
      throw new RuntimeFault(
        `\`${name}\` has ${entry.end - entry.begin} bytes, more than any list of weights needs`,
        file,
        damaged,
      );
    return { entry, bytes: await readRange(handle, file, entry.begin, entry.end - entry.begin, damaged) };
  };
  const order = await read("byteorder");
  if (order && order.bytes.toString("latin1").trim() !== "little") throw bigEndian(file);
  const pickle = await read("data.pkl");
  const vocabulary = new TorchVocabulary();
  const place = { name: `${file}, data.pkl`, from: 0 };
  const { value } = unpickle(pickle?.bytes ?? Buffer.alloc(0), place, vocabulary);
  for (const storage of vocabulary.storages.values()) {
    const entry = entries.get(`${top}/data/${storage.key}`);
    const wanted = storage.elements * storageWidths[storage.type];
    if (!entry) throw new RuntimeFault(`the bytes of storage \`${storage.key}\` are missing`, file, damaged);
    if (entry.end - entry.begin !== wanted)
      throw new RuntimeFault(
        `storage \`${storage.key}\`: ${storage.elements} elements of ${storage.type} need ${wanted} bytes, the file has ${entry.end - entry.begin}`,
        `${file}, byte ${entry.begin}`,
        damaged,
      );
    storage.begin = entry.begin;
  }
  return value;
}

/** The numbers that files before 1.6 begin with. */
const magic = 0x1950a86a20f9469cfc6cn;
const oldVersion = 1001;

async function readOld(handle: FileHandle, file: string, size: number): Promise<Pickled> {
  const head = await readRange(handle, file, 0, Math.min(size, pickleLimit), damaged);
  const vocabulary = new TorchVocabulary();
  let at = 0;
  const next = () => {
    const { value, length } = unpickle(head.subarray(at), { name: file, from: at }, vocabulary);
    at += length;
    return value;
  };
  if (next() !== magic || next() !== oldVersion)
    throw new RuntimeFault("a pickle, and not one that PyTorch saved", `${file}, byte 0`, [
      "safetensors, and files of `torch.save`, are read",
    ]);
  const system = next();
  if (system instanceof Dict && system.entries.get("little_endian") === false) throw bigEndian(file);
  const root = next();
  const keys = next();
  if (!Array.isArray(keys)) throw new RuntimeFault("the list of storages is missing", `${file}, byte ${at}`, damaged);
  const found = new Set<Pickled>();
  for (const key of keys) {
    const storage = typeof key === "string" ? vocabulary.storages.get(key) : undefined;
    if (!storage || found.has(key))
      throw new RuntimeFault("a storage that no tensor names", `${file}, byte ${at}`, damaged);
    found.add(key);
    if (at + 8 > size) throw new RuntimeFault("the file ends before its storages do", `${file}, byte ${size}`, damaged);
    const elements = (await readRange(handle, file, at, 8, damaged)).readBigUInt64LE(0);
    const bytes = storage.elements * storageWidths[storage.type];
    if (elements !== BigInt(storage.elements) || at + 8 + bytes > size)
      throw new RuntimeFault(
        `storage \`${storage.key}\`: ${storage.elements} elements of ${storage.type} are not all there`,
        `${file}, byte ${at}`,
        damaged,
      );
    storage.begin = at + 8;
    at += 8 + bytes;
  }
  for (const key of vocabulary.storages.keys())
    if (!found.has(key)) throw new RuntimeFault(`the bytes of storage \`${key}\` are missing`, file, damaged);
  return root;
}

function bigEndian(file: string): RuntimeFault {
  return new RuntimeFault("the file was written with the bytes of numbers the other way round", file, [
    "save it again on a machine like this one",
  ]);
}

/** The tensors in dicts, lists and tuples within one another, by their keys with dots between. */
function flatten(file: string, root: Pickled): { entries: Map<string, Tensor>; groups: string[] } {
  const entries = new Map<string, Tensor>();
  const groups: string[] = [];
  const open = new Set<Pickled>();
  let seen = 0;
  let letters = 0;
  const visit = (value: Pickled, path: string, depth: number): void => {
    // A pickle can hold itself, and one small value a thousand times.
    letters += path.length;
    if (++seen > valueLimit || letters > letterLimit || depth > 100)
      throw new RuntimeFault("the file holds more values within one another than any checkpoint does", file, damaged);
    if (value instanceof Tensor) {
      if (entries.has(path)) throw new RuntimeFault(`two tensors of the file are named \`${path}\``, file, damaged);
      entries.set(path, value);
      return;
    }
    const inner =
      value instanceof Dict
        ? value.entries
        : value instanceof Tuple
          ? value.items.entries()
          : Array.isArray(value)
            ? value.entries()
            : undefined;
    if (!inner || open.has(value)) return;
    open.add(value);
    let holds = false;
    for (const [key, item] of inner) {
      const name = typeof key === "string" || typeof key === "number" ? String(key) : undefined;
      if (name === undefined) continue;
      holds ||= item instanceof Tensor;
      visit(item, path === "" ? name : `${path}.${name}`, depth + 1);
    }
    if (holds && value instanceof Dict) groups.push(path);
    open.delete(value);
  };
  visit(root, "", 0);
  return { entries, groups: groups.sort((a, b) => a.split(".").length - b.split(".").length) };
}

/** All elements lie in the storage, and there are no more of them than it has: nothing grows when it is read. */
function checkTensor(file: string, name: string, { storage, offset, shape, strides }: Tensor): void {
  const end = offset + spanOf(shape, strides);
  if (end <= storage.elements && sizeOf(shape) <= storage.elements) return;
  throw new RuntimeFault(
    `tensor \`${name}\` [${shape.join(", ")}] does not fit in its storage of ${storage.elements} elements`,
    `${file}, key ${name}`,
    sizeOf(shape) > storage.elements && end <= storage.elements
      ? ["it repeats elements (`expand`): save it as `tensor.contiguous()`"]
      : damaged,
  );
}

/** Elements from the first to the last one. */
function spanOf(shape: readonly number[], strides: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((sum, n, i) => sum + (n - 1) * (strides[i] ?? 0), 1);
}

function isDense(shape: readonly number[], strides: readonly number[]): boolean {
  return shape.every((n, i) => n === 1 || strides[i] === sizeOf(shape.slice(i + 1)));
}

/** A tensor that was saved as a view: its elements in order. */
function gathered(raw: Buffer, shape: readonly number[], strides: readonly number[], width: number): Buffer {
  const out = Buffer.alloc(sizeOf(shape) * width);
  const index = shape.map(() => 0);
  let from = 0;
  for (let at = 0; at < out.length; at += width) {
    raw.copy(out, at, from * width, (from + 1) * width);
    for (let i = index.length - 1; i >= 0; i--) {
      from += strides[i] ?? 0;
      index[i] = (index[i] ?? 0) + 1;
      if ((index[i] ?? 0) < (shape[i] ?? 1)) break;
      from -= (index[i] ?? 0) * (strides[i] ?? 0);
      index[i] = 0;
    }
  }
  return out;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** One line about a value. */
function described(value: Pickled): string {
  if (value instanceof Tensor) return `a tensor, ${value.type} [${value.shape.join(", ")}]`;
  if (value instanceof Dict) {
    const tensors = [...value.entries.values()].filter((v) => v instanceof Tensor).length;
    return tensors > 0 ? `${tensors} tensors` : `a dict of ${value.entries.size}`;
  }
  if (value instanceof Inert)
    return [...value.attributes.entries]
      .map(([key, item]) => `${shown(key)} = ${shown(item)}`)
      .join(", ")
      .slice(0, 2000);
  return shown(value);
}

function shown(value: Pickled): string {
  if (typeof value === "string") return value.length > 80 ? `${value.slice(0, 77)}...` : value;
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (value instanceof Known) return value.name;
  if (value instanceof Tuple || Array.isArray(value)) {
    const items = value instanceof Tuple ? value.items : value;
    const short = items.slice(0, 8).map((item) => (item instanceof Thing || Array.isArray(item) ? "..." : shown(item)));
    return `(${short.join(", ")}${items.length > 8 ? ", ..." : ""})`;
  }
  return "...";
}
