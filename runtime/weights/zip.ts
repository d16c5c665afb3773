/**
 * The directory of a zip file whose entries are stored as they are: what PyTorch writes. Nothing is unpacked, so nothing can grow: an
 * entry is a range of bytes of the file, and no two of them overlap.
 */
import type { FileHandle } from "node:fs/promises";
import { RuntimeFault } from "../fault.js";
import { readRange } from "../files.js";

/** Bytes of an entry in the file, end exclusive. */
export interface ZipEntry {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

const damaged = ["the file is damaged or was cut off: copy or make it again"];
const again = ["make it again with `torch.save`"];

/** A directory of more bytes, or more entries, is of no file of weights. */
const directoryLimit = 100_000_000;

const signatures = { entry: 0x04034b50, listed: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator: 0x07064b50 };

export async function readZip(handle: FileHandle, file: string, size: number): Promise<Map<string, ZipEntry>> {
  const { at, bytes, count } = await findDirectory(handle, file, size);
  if (bytes > directoryLimit)
    throw new RuntimeFault(`the directory of the zip claims ${bytes} bytes`, `${file}, byte ${at}`, damaged);
  const directory = await readRange(handle, file, at, bytes, damaged);
  const entries = new Map<string, ZipEntry>();
  let from = 0;
  for (let i = 0; i < count; i++) {
    const { listed, next } = readListed(directory, from, file, at);
    if (entries.has(listed.name))
      throw new RuntimeFault(
        `two entries of the zip are named \`${listed.name}\``,
        `${file}, byte ${at + from}`,
        again,
      );
    entries.set(listed.name, await locate(handle, file, listed, at));
    from = next;
  }
  if (from !== bytes)
    throw new RuntimeFault(
      `the directory of the zip has ${bytes - from} bytes too many`,
      `${file}, byte ${at + from}`,
      damaged,
    );
  let end = 0;
  for (const entry of [...entries.values()].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (entry.begin < end)
      throw new RuntimeFault(`the entry \`${entry.name}\` overlaps another one`, `${file}, byte ${entry.begin}`, again);
    end = entry.end;
  }
  return entries;
}

interface Directory {
  readonly at: number;
  readonly bytes: number;
  readonly count: number;
}

/** From the record at the end of the file; sizes above 4 GiB stand in a second one before it. */
async function findDirectory(handle: FileHandle, file: string, size: number): Promise<Directory> {
  const length = Math.min(size, 22 + 0xffff);
  const tail = await readRange(handle, file, size - length, length, damaged);
  let at = tail.length - 22;
  while (at >= 0 && !(tail.readUInt32LE(at) === signatures.end && at + 22 + tail.readUInt16LE(at + 20) === tail.length))
    at--;
  if (at < 0)
    throw new RuntimeFault("the directory at the end of the zip is missing", `${file}, byte ${size}`, damaged);
  const end = size - length + at;
  let found: Directory = {
    at: tail.readUInt32LE(at + 16),
    bytes: tail.readUInt32LE(at + 12),
    count: tail.readUInt16LE(at + 10),
  };
  let limit = end;
  if (at >= 20 && tail.readUInt32LE(at - 20) === signatures.locator) {
    const where = Number(tail.readBigUInt64LE(at - 12));
    if (where + 56 > end - 20)
      throw new RuntimeFault("the zip points outside of itself", `${file}, byte ${end - 20}`, damaged);
    const record = await readRange(handle, file, where, 56, damaged);
    if (record.readUInt32LE(0) !== signatures.end64)
      throw new RuntimeFault("the directory at the end of the zip is damaged", `${file}, byte ${where}`, damaged);
    found = {
      at: Number(record.readBigUInt64LE(48)),
      bytes: Number(record.readBigUInt64LE(40)),
      count: Number(record.readBigUInt64LE(32)),
    };
    limit = where;
  }
  if (found.at + found.bytes !== limit || found.count > found.bytes / 46)
    throw new RuntimeFault(
      `the directory of the zip is not where it should be: ${found.count} entries in ${found.bytes} bytes`,
      `${file}, byte ${end}`,
      damaged,
    );
  return found;
}

interface Listed {
  readonly name: string;
  readonly size: number;
  /** Of the header before its bytes. */
  readonly header: number;
}

function readListed(directory: Buffer, from: number, file: string, at: number): { listed: Listed; next: number } {
  const fail = (what: string, help = damaged) => new RuntimeFault(what, `${file}, byte ${at + from}`, help);
  if (from + 46 > directory.length || directory.readUInt32LE(from) !== signatures.listed)
    throw fail("an entry of the directory of the zip is damaged");
  const flags = directory.readUInt16LE(from + 8);
  const method = directory.readUInt16LE(from + 10);
  let [packed, size] = [directory.readUInt32LE(from + 20), directory.readUInt32LE(from + 24)];
  const [nameLength, extraLength] = [directory.readUInt16LE(from + 28), directory.readUInt16LE(from + 30)];
  let header = directory.readUInt32LE(from + 42);
  const next = from + 46 + nameLength + extraLength + directory.readUInt16LE(from + 32);
  if (next > directory.length) throw fail("an entry of the directory of the zip is damaged");
  const name = directory.toString("utf8", from + 46, from + 46 + nameLength);
  const wide = wideFields(directory.subarray(from + 46 + nameLength, from + 46 + nameLength + extraLength));
  const value = (narrow: number) => {
    if (narrow !== 0xffffffff) return narrow;
    const v = wide.shift();
    if (v === undefined) throw fail(`\`${name}\`: a size is missing`);
    return v;
  };
  size = value(size);
  packed = value(packed);
  header = value(header);
  if (name === "" || /^[/~]|\\|\0|^[A-Za-z]:/.test(name) || name.split("/").includes(".."))
    throw fail(`an entry of the zip is named ${JSON.stringify(name)}, a path that leads elsewhere`, again);
  if (flags & 1) throw fail(`the entry \`${name}\` is encrypted`, again);
  if (method !== 0 || packed !== size)
    throw fail(
      `the entry \`${name}\` is compressed, ${packed} bytes for ${size}; PyTorch stores them as they are`,
      again,
    );
  return { listed: { name, size, header }, next };
}

/** The 64-bit numbers of the extra field of large files, in order. */
function wideFields(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === 1 && at + 4 + length <= extra.length)
      return Array.from({ length: Math.floor(length / 8) }, (_, i) => Number(extra.readBigUInt64LE(at + 4 + 8 * i)));
    at += 4 + length;
  }
  return [];
}

/** The header in front of an entry says where its bytes begin; sizes stand in the directory. */
async function locate(
  handle: FileHandle,
  file: string,
  { name, size, header }: Listed,
  limit: number,
): Promise<ZipEntry> {
  const fail = (what: string) =>
    new RuntimeFault(`the entry \`${name}\` of the zip ${what}`, `${file}, byte ${header}`, damaged);
  if (header + 30 > limit) throw fail("is outside of the file");
  const lead = await readRange(handle, file, header, 30, damaged);
  if (lead.readUInt32LE(0) !== signatures.entry) throw fail("does not begin where the directory says");
  const begin = header + 30 + lead.readUInt16LE(26) + lead.readUInt16LE(28);
  const end = begin + size;
  if (end > limit) throw fail(`claims ${size} bytes, more than the file has`);
  return { name, begin, end };
}
