/** Pickles and zips byte by byte: what PyTorch writes, and what somebody writes who means harm. */

export type Part = string | Uint8Array;

/** Parts one after the other; texts stand for their Latin-1 bytes. */
export function bytes(...parts: readonly Part[]): Buffer {
  return Buffer.concat(parts.map((p) => (typeof p === "string" ? Buffer.from(p, "latin1") : p)));
}

/** The opcodes that have arguments. */
export const op = {
  text: (value: string): Buffer => {
    const utf8 = Buffer.from(value);
    const lead = Buffer.alloc(4);
    lead.writeUInt32LE(utf8.length);
    return bytes("X", lead, utf8);
  },
  short: (value: string): Buffer => bytes("\x8c", Uint8Array.of(value.length), value),
  int: (value: number): Buffer => {
    const four = Buffer.alloc(4);
    four.writeInt32LE(value);
    return bytes("J", four);
  },
  put: (key: number): Buffer => bytes("q", Uint8Array.of(key)),
  get: (key: number): Buffer => bytes("h", Uint8Array.of(key)),
  global: (module: string, name: string): Buffer => bytes(`c${module}\n${name}\n`),
  tuple: (...items: readonly Part[]): Buffer => bytes("(", ...items, "t"),
  dict: (entries: Readonly<Record<string, Part>>): Buffer =>
    bytes("}(", ...Object.entries(entries).flatMap(([key, value]) => [op.text(key), value]), "u"),
  storage: (type: string, key: string, elements: number): Buffer =>
    bytes(op.tuple(op.text("storage"), op.global("torch", type), op.text(key), op.text("cpu"), op.int(elements)), "Q"),
  tensor: (storage: Part, offset: number, shape: readonly number[], strides: readonly number[]): Buffer =>
    bytes(
      op.global("torch._utils", "_rebuild_tensor_v2"),
      op.tuple(
        storage,
        op.int(offset),
        op.tuple(...shape.map(op.int)),
        op.tuple(...strides.map(op.int)),
        "\x89",
        "ccollections\nOrderedDict\n)R",
      ),
      "R",
    ),
};

export function pickle(...parts: readonly Part[]): Buffer {
  return bytes("\x80\x02", ...parts, ".");
}

export interface Entry {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What its header claims, if it lies. */
  readonly size?: number;
  readonly method?: number;
  readonly flags?: number;
  /** Where the directory says it is, if it lies. */
  readonly at?: number;
}

/** A zip without packing, without 64-bit fields and without checksums, which nobody looks at. */
export function zip(entries: readonly Entry[]): Buffer {
  const parts: Buffer[] = [];
  const listed: Buffer[] = [];
  let at = 0;
  for (const { name, bytes: data, size = data.length, method = 0, flags = 0, at: claimed = at } of entries) {
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt16LE(Buffer.byteLength(name), 26);
    parts.push(bytes(header, Buffer.from(name), data));
    const row = Buffer.alloc(46);
    row.writeUInt32LE(0x02014b50, 0);
    row.writeUInt16LE(flags, 8);
    row.writeUInt16LE(method, 10);
    row.writeUInt32LE(data.length, 20);
    row.writeUInt32LE(size, 24);
    row.writeUInt16LE(Buffer.byteLength(name), 28);
    row.writeUInt32LE(claimed, 42);
    listed.push(bytes(row, Buffer.from(name)));
    at += 30 + Buffer.byteLength(name) + data.length;
  }
  const directory = Buffer.concat(listed);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, directory, end]);
}

/** A checkpoint of PyTorch 1.6 and later. */
export function checkpoint(data: Uint8Array, storages: Readonly<Record<string, Uint8Array>> = {}): Buffer {
  return zip([
    { name: "x/data.pkl", bytes: data },
    { name: "x/byteorder", bytes: Buffer.from("little") },
    ...Object.entries(storages).map(([key, raw]) => ({ name: `x/data/${key}`, bytes: raw })),
    { name: "x/version", bytes: Buffer.from("3\n") },
  ]);
}

/** One of PyTorch before 1.6: pickles and storages one after the other. */
export function oldCheckpoint(
  data: Uint8Array,
  storages: Readonly<Record<string, Uint8Array>>,
  elements: Readonly<Record<string, number>>,
): Buffer {
  const keys = Object.keys(storages);
  const magic = Buffer.from("6cfc9c46f9206aa85019", "hex");
  return bytes(
    pickle("\x8a\x0a", magic),
    pickle("M\xe9\x03"),
    pickle(op.dict({ protocol_version: "M\xe9\x03", little_endian: "\x88" })),
    data,
    pickle("](", ...keys.map(op.text), "e"),
    ...keys.flatMap((key) => {
      const count = Buffer.alloc(8);
      count.writeBigInt64LE(BigInt(elements[key] ?? 0));
      return [count, storages[key] ?? new Uint8Array()];
    }),
  );
}

export function floats(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}
