/** Writes a state dict as PyTorch's `torch.save` does, so that `torch.load(file, weights_only=True)` reads it: a zip of a pickle and the bytes. */
import { open } from "node:fs/promises";
import type { HostTensor } from "../../compiler/ir/host.js";

/** Bytes of an entry begin at a multiple of it, as PyTorch maps files into memory. */
const alignment = 64;

export async function writeTorch(file: string, tensors: ReadonlyMap<string, HostTensor>): Promise<void> {
  const list = [...tensors].map(([name, tensor]) => ({ name, tensor }));
  const zip = await ZipWriter.create(file);
  try {
    await zip.add("weights/data.pkl", pickleOf(list));
    await zip.add("weights/byteorder", Buffer.from("little"));
    for (const [i, { tensor }] of list.entries()) {
      const { data } = stored(tensor);
      await zip.add(`weights/data/${i}`, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    }
    await zip.add("weights/version", Buffer.from("3\n"));
    await zip.end();
  } finally {
    await zip.close();
  }
}

function stored({ dtype, data }: HostTensor): { type: string; data: Float32Array | Int32Array | Uint8Array } {
  if (dtype === "index") return { type: "IntStorage", data: data instanceof Int32Array ? data : Int32Array.from(data) };
  if (dtype === "bool") return { type: "BoolStorage", data: data instanceof Uint8Array ? data : Uint8Array.from(data) };
  return { type: "FloatStorage", data: data instanceof Float32Array ? data : Float32Array.from(data) };
}

/** Protocol 2: an `OrderedDict` of `_rebuild_tensor_v2(storage, 0, size, stride, False, OrderedDict())`. */
function pickleOf(list: readonly { name: string; tensor: HostTensor }[]): Buffer {
  const parts: (Buffer | string)[] = ["\x80\x02", "ccollections\nOrderedDict\n", ")R", "("];
  for (const [i, { name, tensor }] of list.entries()) {
    const strides = tensor.shape.map((_, d) => tensor.shape.slice(d + 1).reduce((n, s) => n * s, 1));
    parts.push(
      text(name),
      "ctorch._utils\n_rebuild_tensor_v2\n",
      "((",
      text("storage"),
      `ctorch\n${stored(tensor).type}\n`,
      text(String(i)),
      text("cpu"),
      int(tensor.data.length),
      "tQ",
      int(0),
      tuple(tensor.shape),
      tuple(strides),
      "\x89",
      "ccollections\nOrderedDict\n)R",
      "tR",
    );
  }
  parts.push("u.");
  return Buffer.concat(parts.map((p) => (typeof p === "string" ? Buffer.from(p, "latin1") : p)));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const lead = Buffer.alloc(5);
  lead[0] = 0x58;
  lead.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([lead, bytes]);
}

function int(value: number): Buffer {
  const wide = value > 0x7fffffff;
  const out = Buffer.alloc(wide ? 10 : 5);
  out[0] = wide ? 0x8a : 0x4a;
  if (wide) {
    out[1] = 8;
    out.writeBigInt64LE(BigInt(value), 2);
  } else out.writeInt32LE(value, 1);
  return out;
}

function tuple(values: readonly number[]): Buffer {
  return Buffer.concat([Buffer.from("("), ...values.map(int), Buffer.from("t")]);
}

interface Added {
  readonly name: Buffer;
  readonly size: number;
  readonly crc: number;
  readonly header: number;
}

/** Entries are stored, not packed. Sizes and places stand in 64 bits, as files of weights are large. */
class ZipWriter {
  private at = 0;
  private readonly added: Added[] = [];

  private constructor(private readonly handle: Awaited<ReturnType<typeof open>>) {}

  static async create(file: string): Promise<ZipWriter> {
    return new ZipWriter(await open(file, "w"));
  }

  async add(path: string, bytes: Uint8Array): Promise<void> {
    const name = Buffer.from(path);
    const crc = crc32(bytes);
    const lead = this.at + 30 + name.length + 20 + 4;
    const padding = (alignment - (lead % alignment)) % alignment;
    const header = Buffer.alloc(30 + name.length + 20 + 4 + padding);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt16LE(45, 4);
    header.writeUInt16LE(0x0800, 6);
    header.writeUInt32LE(crc, 14);
    header.writeUInt32LE(0xffffffff, 18);
    header.writeUInt32LE(0xffffffff, 22);
    header.writeUInt16LE(name.length, 26);
    header.writeUInt16LE(24 + padding, 28);
    name.copy(header, 30);
    let at = 30 + name.length;
    header.writeUInt16LE(1, at);
    header.writeUInt16LE(16, at + 2);
    header.writeBigUInt64LE(BigInt(bytes.length), at + 4);
    header.writeBigUInt64LE(BigInt(bytes.length), at + 12);
    at += 20;
    // "FB": the field PyTorch pads with.
    header.write("FB", at, "latin1");
    header.writeUInt16LE(padding, at + 2);
    this.added.push({ name, size: bytes.length, crc, header: this.at });
    await this.put(header);
    await this.put(bytes);
  }

  async end(): Promise<void> {
    const begin = this.at;
    for (const { name, size, crc, header } of this.added) {
      const listed = Buffer.alloc(46 + name.length + 28);
      listed.writeUInt32LE(0x02014b50, 0);
      listed.writeUInt16LE(45, 4);
      listed.writeUInt16LE(45, 6);
      listed.writeUInt16LE(0x0800, 8);
      listed.writeUInt32LE(crc, 16);
      listed.writeUInt32LE(0xffffffff, 20);
      listed.writeUInt32LE(0xffffffff, 24);
      listed.writeUInt16LE(name.length, 28);
      listed.writeUInt16LE(28, 30);
      listed.writeUInt32LE(0xffffffff, 42);
      name.copy(listed, 46);
      const at = 46 + name.length;
      listed.writeUInt16LE(1, at);
      listed.writeUInt16LE(24, at + 2);
      for (const [i, n] of [size, size, header].entries()) listed.writeBigUInt64LE(BigInt(n), at + 4 + 8 * i);
      await this.put(listed);
    }
    const where = this.at;
    const count = this.added.length;
    const end = Buffer.alloc(56 + 20 + 22);
    end.writeUInt32LE(0x06064b50, 0);
    end.writeBigUInt64LE(44n, 4);
    end.writeUInt16LE(45, 12);
    end.writeUInt16LE(45, 14);
    end.writeBigUInt64LE(BigInt(count), 24);
    end.writeBigUInt64LE(BigInt(count), 32);
    end.writeBigUInt64LE(BigInt(where - begin), 40);
    end.writeBigUInt64LE(BigInt(begin), 48);
    end.writeUInt32LE(0x07064b50, 56);
    end.writeBigUInt64LE(BigInt(where), 64);
    end.writeUInt32LE(1, 72);
    end.writeUInt32LE(0x06054b50, 76);
    end.writeUInt16LE(0xffff, 84);
    end.writeUInt16LE(0xffff, 86);
    end.writeUInt32LE(0xffffffff, 88);
    end.writeUInt32LE(0xffffffff, 92);
    await this.put(end);
    await this.handle.sync();
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  private async put(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.handle.write(bytes, done, Math.min(bytes.length - done, 2 ** 30));
      done += bytesWritten;
    }
    this.at += bytes.length;
  }
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** The checksum of zip files. `zlib.crc32` is not in every Node that is supported. */
function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = (crcTable[(c ^ byte) & 255] ?? 0) ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}
