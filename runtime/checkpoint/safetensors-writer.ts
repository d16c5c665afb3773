/** Writes safetensors files tensor by tensor, hashing on the way. See `safetensors.ts` for the format. */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { sizeOf } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";

export interface WriteOptions {
  /** Precision of floats; without it that of each tensor in memory. */
  readonly floats?: "F32" | "F64" | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** What was written: enough to find out later which tensor of a file is damaged. */
export interface Written {
  readonly bytes: number;
  readonly sha256: string;
  /** The first 16 hex digits of the sha256 of each tensor's bytes. */
  readonly tensors: Readonly<Record<string, string>>;
}

type Stored = Float64Array | Float32Array | Int32Array | Uint8Array;

/** Writes and syncs a new file; it is not atomic by itself. Tensors stand in the order given, 8-byte elements first, as alignment asks. */
export async function writeSafetensors(
  file: string,
  tensors: Iterable<readonly [name: string, tensor: HostTensor]>,
  options: WriteOptions = {},
): Promise<Written> {
  const list = [...tensors].map(([name, tensor]) => ({ name, tensor, type: fileType(tensor, options.floats) }));
  list.sort((a, b) => width(b.type) - width(a.type));
  const header = headerOf(list, options.metadata);
  const whole = createHash("sha256");
  const digests = new Map<string, string>();
  const handle = await open(file, "w");
  let written = 0;
  const put = async (chunk: Uint8Array): Promise<void> => {
    whole.update(chunk);
    for (let done = 0; done < chunk.length; ) {
      const result = await handle.write(chunk, done, Math.min(chunk.length - done, 2 ** 30));
      done += result.bytesWritten;
    }
    written += chunk.length;
  };
  try {
    await put(header);
    for (const { name, tensor, type } of list) {
      const data = convert(tensor.data, type);
      const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      digests.set(name, createHash("sha256").update(raw).digest("hex").slice(0, 16));
      await put(raw);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { bytes: written, sha256: whole.digest("hex"), tensors: Object.fromEntries(digests) };
}

function headerOf(
  list: readonly { name: string; tensor: HostTensor; type: WrittenType }[],
  metadata: Readonly<Record<string, string>> | undefined,
): Buffer {
  // A map, as a tensor may have any name, `__proto__` too.
  const header = new Map<string, unknown>(metadata ? [["__metadata__", metadata]] : []);
  let at = 0;
  for (const { name, tensor, type } of list) {
    if (tensor.data.length !== sizeOf(tensor.shape))
      throw new Error(`${name}: ${tensor.data.length} elements for [${tensor.shape}]`);
    if (header.has(name)) throw new Error(`two tensors are named ${name}`);
    const end = at + tensor.data.length * width(type);
    header.set(name, { dtype: type, shape: tensor.shape, data_offsets: [at, end] });
    at = end;
  }
  const text = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  // Spaces after the JSON are allowed; they bring the data to a multiple of 8.
  const padded = Math.ceil(text.length / 8) * 8;
  const out = Buffer.alloc(8 + padded, 0x20);
  out.writeBigUInt64LE(BigInt(padded), 0);
  text.copy(out, 8);
  return out;
}

type WrittenType = "F64" | "F32" | "I32" | "BOOL";

function fileType(tensor: HostTensor, floats: "F32" | "F64" | undefined): WrittenType {
  if (tensor.dtype === "index") return "I32";
  if (tensor.dtype === "bool") return "BOOL";
  return floats ?? (tensor.data instanceof Float32Array ? "F32" : "F64");
}

function width(type: WrittenType): number {
  return type === "F64" ? 8 : type === "BOOL" ? 1 : 4;
}

function convert(data: HostTensor["data"], type: WrittenType): Stored {
  switch (type) {
    case "F64":
      return data instanceof Float64Array ? data : Float64Array.from(data);
    case "F32":
      return data instanceof Float32Array ? data : Float32Array.from(data);
    case "I32":
      return data instanceof Int32Array ? data : Int32Array.from(data);
    case "BOOL":
      return data instanceof Uint8Array ? data : Uint8Array.from(data);
  }
}
