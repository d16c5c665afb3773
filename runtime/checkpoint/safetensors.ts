/**
 * Safetensors files: 8 bytes with the length of the header (little endian), a JSON header, then the tensors one after the other. Reading
 * takes the header once and then only the byte ranges asked for, so a shard of many gigabytes costs no more memory than the rows in use.
 * Hosts are little endian, as everything Node runs on that we know of is.
 */
import type { FileHandle } from "node:fs/promises";
import { sizeOf } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import { nearest, RuntimeFault } from "../fault.js";
import { openFile, readRange } from "../files.js";
import { JsonError, parseJson } from "../json.js";

/** Bytes of an element of each type that is read. */
export const widths = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1, BOOL: 1 } as const;
export type FileType = keyof typeof widths;

/** The reference implementation refuses larger headers too; it keeps a damaged length from claiming all memory. */
const headerLimit = 100_000_000;

export interface TensorEntry {
  readonly name: string;
  readonly type: FileType;
  readonly shape: readonly number[];
  /** Byte range in the file, end exclusive. */
  readonly begin: number;
  readonly end: number;
}

export const damagedHelp = ["the file is damaged or was cut off: copy or make it again"];

/** An open file. Close it after use. */
export class Safetensors {
  private constructor(
    readonly file: string,
    readonly entries: ReadonlyMap<string, TensorEntry>,
    /** The free-form strings under `__metadata__`. */
    readonly metadata: Readonly<Record<string, string>>,
    private readonly handle: FileHandle,
  ) {}

  /** Opens a file and checks all of its header: every entry has a known type, and its bytes are in the file, gapless and disjoint. */
  static async open(file: string): Promise<Safetensors> {
    const handle = await openFile(file);
    try {
      const { size } = await handle.stat();
      const lead = await readRange(handle, file, 0, Math.min(8, size), damagedHelp);
      if (lead.length < 8)
        throw new RuntimeFault(`not a safetensors file: ${size} bytes`, `${file}, byte 0`, damagedHelp);
      const length = Number(lead.readBigUInt64LE(0));
      if (length > headerLimit || 8 + length > size) {
        throw new RuntimeFault(
          `not a safetensors file, or cut off: its header claims ${length} bytes and the file has ${size}`,
          `${file}, byte 0`,
          damagedHelp,
        );
      }
      const text = (await readRange(handle, file, 8, length, damagedHelp)).toString("utf8");
      const { entries, metadata } = readHeader(file, text, 8 + length, size);
      return new Safetensors(file, entries, metadata, handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  entry(name: string): TensorEntry {
    const found = this.entries.get(name);
    if (found) return found;
    const near = nearest(name, this.entries.keys());
    throw new RuntimeFault(
      `there is no tensor \`${name}\` in the file`,
      this.file,
      near ? [`did you mean \`${near}\`?`] : [],
    );
  }

  /** A whole tensor. F16 and BF16 widen to 32 bits; integers become `index`, BOOL `bool`. */
  async read(name: string): Promise<HostTensor> {
    const entry = this.entry(name);
    return decode(
      this.file,
      entry,
      entry.shape,
      await readRange(this.handle, this.file, entry.begin, entry.end - entry.begin, damagedHelp),
      0,
    );
  }

  /** `count` rows of the first axis from row `from`. */
  async rows(name: string, from: number, count: number): Promise<HostTensor> {
    const entry = this.entry(name);
    const [n = 0, ...rest] = entry.shape;
    if (from < 0 || from + count > n) throw new Error(`rows ${from}..${from + count} of ${name}, which has ${n}`);
    const width = sizeOf(rest) * widths[entry.type];
    const data = await readRange(this.handle, this.file, entry.begin + from * width, count * width, damagedHelp);
    return decode(this.file, entry, [count, ...rest], data, from * width);
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/** Every tensor of a file. */
export async function readSafetensors(
  file: string,
): Promise<{ tensors: Map<string, HostTensor>; metadata: Readonly<Record<string, string>> }> {
  const source = await Safetensors.open(file);
  try {
    const tensors = new Map<string, HostTensor>();
    for (const name of source.entries.keys()) tensors.set(name, await source.read(name));
    return { tensors, metadata: source.metadata };
  } finally {
    await source.close();
  }
}

function readHeader(file: string, text: string, start: number, size: number) {
  let header: unknown;
  try {
    header = parseJson(text);
  } catch (error) {
    if (error instanceof JsonError)
      throw new RuntimeFault("the header is not JSON", `${file}, byte ${8 + error.byte}`, damagedHelp, error);
    throw error;
  }
  if (!isRecord(header)) throw new RuntimeFault("the header is not an object", `${file}, byte 8`, damagedHelp);
  const metadata: Record<string, string> = {};
  const entries = new Map<string, TensorEntry>();
  for (const [name, value] of Object.entries(header)) {
    if (name !== "__metadata__") entries.set(name, readEntry(file, text, name, value, start, size));
    else if (isRecord(value)) for (const [k, v] of Object.entries(value)) metadata[k] = String(v);
  }
  checkLayout(file, [...entries.values()], start, size);
  return { entries, metadata };
}

function readEntry(file: string, text: string, name: string, value: unknown, start: number, size: number): TensorEntry {
  const byte = 8 + Buffer.byteLength(text.slice(0, Math.max(0, text.indexOf(JSON.stringify(name)))));
  const fail = (what: string, help = damagedHelp) =>
    new RuntimeFault(`tensor \`${name}\`: ${what}`, `${file}, byte ${byte}`, help);
  if (!isRecord(value)) throw fail("its entry is not an object");
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string" || !(dtype in widths)) {
    throw fail(`type ${JSON.stringify(dtype)} is not supported`, [`supported are ${Object.keys(widths).join(", ")}`]);
  }
  if (!isCounts(shape)) throw fail("its shape is not a list of sizes");
  if (!isCounts(offsets) || offsets.length !== 2) throw fail("its data_offsets are not two positions");
  const type = dtype as FileType;
  const [begin = 0, end = 0] = offsets;
  const wanted = sizeOf(shape) * widths[type];
  if (end - begin !== wanted)
    throw fail(`${type} [${shape.join(", ")}] needs ${wanted} bytes, its data_offsets span ${end - begin}`);
  if (start + end > size) throw fail(`its data ends at byte ${start + end}, the file at byte ${size}`);
  return { name, type, shape, begin: start + begin, end: start + end };
}

function checkLayout(file: string, entries: TensorEntry[], start: number, size: number): void {
  let at = start;
  for (const entry of entries.sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (entry.begin !== at) {
      const what =
        entry.begin < at ? "overlaps the tensor before it" : `leaves ${entry.begin - at} bytes unused before it`;
      throw new RuntimeFault(`tensor \`${entry.name}\` ${what}`, `${file}, byte ${entry.begin}`, damagedHelp);
    }
    at = entry.end;
  }
  if (at !== size)
    throw new RuntimeFault(`${size - at} bytes after the last tensor`, `${file}, byte ${at}`, damagedHelp);
}

/** The elements of (a part of) a tensor from its bytes, which begin `skipped` bytes after the entry. */
export function decode(
  file: string,
  entry: Pick<TensorEntry, "name" | "type" | "begin">,
  shape: readonly number[],
  raw: Buffer,
  skipped: number,
): HostTensor {
  const n = sizeOf(shape);
  // A fresh buffer of Node may be a part of a pool, at any alignment.
  const memory = raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength) as ArrayBuffer;
  switch (entry.type) {
    case "F64":
      return { dtype: "float", shape, data: new Float64Array(memory) };
    case "F32":
      return { dtype: "float", shape, data: new Float32Array(memory) };
    case "BF16": {
      const wide = Uint32Array.from(new Uint16Array(memory), (bits) => bits << 16);
      return { dtype: "float", shape, data: new Float32Array(wide.buffer) };
    }
    case "F16":
      return { dtype: "float", shape, data: Float32Array.from(new Uint16Array(memory), halfToFloat) };
    case "I32":
      return { dtype: "index", shape, data: new Int32Array(memory) };
    case "I64": {
      const wide = new BigInt64Array(memory);
      const data = new Int32Array(n);
      wide.forEach((value, i) => {
        if (BigInt.asIntN(32, value) !== value) {
          const at = entry.begin + skipped + 8 * i;
          throw new RuntimeFault(`tensor \`${entry.name}\`: ${value} does not fit in 32 bits`, `${file}, byte ${at}`);
        }
        data[i] = Number(value);
      });
      return { dtype: "index", shape, data };
    }
    case "U8":
      return { dtype: "index", shape, data: Int32Array.from(new Uint8Array(memory)) };
    case "BOOL":
      return { dtype: "bool", shape, data: new Uint8Array(memory) };
  }
}

/** The value of 16 bits of IEEE half precision. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
