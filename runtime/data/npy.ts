/** NumPy's `.npy` files, read by rows. Version 1 to 3, little endian, C order. */
import { type FileHandle, open } from "node:fs/promises";
import { sizeOf } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import { halfToFloat } from "../checkpoint/safetensors.js";
import { RuntimeFault, reasonOf } from "../fault.js";

const widths: Readonly<Record<string, number>> = { "<f2": 2, "<f4": 4, "<f8": 8, "<i4": 4, "<i8": 8, "|u1": 1 };

export class Npy {
  private constructor(
    readonly file: string,
    readonly shape: readonly number[],
    private readonly type: string,
    private readonly start: number,
    private readonly handle: FileHandle,
  ) {}

  static async open(file: string): Promise<Npy> {
    const handle = await open(file, "r").catch((error: unknown) => {
      throw new RuntimeFault(`the file cannot be opened: ${reasonOf(error)}`, file, [], error);
    });
    try {
      const { size } = await handle.stat();
      const lead = Buffer.alloc(12);
      await handle.read(lead, 0, 12, 0);
      if (lead.toString("latin1", 0, 6) !== "\x93NUMPY") throw new RuntimeFault("not an npy file", `${file}, byte 0`);
      const long = (lead[6] ?? 1) > 1;
      const length = long ? lead.readUInt32LE(8) : lead.readUInt16LE(8);
      const from = long ? 12 : 10;
      if (from + length > size) throw new RuntimeFault("the header is cut off", `${file}, byte ${size}`);
      const header = Buffer.alloc(length);
      await handle.read(header, 0, length, from);
      const { type, shape } = readHeader(file, header.toString("latin1"), from);
      const wanted = from + length + sizeOf(shape) * (widths[type] ?? 0);
      if (wanted !== size)
        throw new RuntimeFault(`the file has ${size} bytes, its header asks for ${wanted}`, `${file}, byte ${size}`);
      return new Npy(file, shape, type, from + length, handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async rows(from: number, count: number): Promise<HostTensor> {
    const rest = this.shape.slice(1);
    const bytes = sizeOf(rest) * (widths[this.type] ?? 0);
    const memory = new ArrayBuffer(bytes * count);
    await this.handle.read(new Uint8Array(memory), 0, bytes * count, this.start + from * bytes);
    const shape = [count, ...rest];
    switch (this.type) {
      case "<f8":
        return { dtype: "float", shape, data: new Float64Array(memory) };
      case "<f2":
        return { dtype: "float", shape, data: Float32Array.from(new Uint16Array(memory), halfToFloat) };
      case "<i4":
        return { dtype: "index", shape, data: new Int32Array(memory) };
      case "<i8":
        return { dtype: "index", shape, data: Int32Array.from(new BigInt64Array(memory), Number) };
      case "|u1":
        return { dtype: "index", shape, data: Int32Array.from(new Uint8Array(memory)) };
      default:
        return { dtype: "float", shape, data: new Float32Array(memory) };
    }
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

function readHeader(file: string, text: string, byte: number): { type: string; shape: number[] } {
  const type = /'descr':\s*'([^']+)'/.exec(text)?.[1];
  const shape = /'shape':\s*\(([^)]*)\)/.exec(text)?.[1];
  if (type === undefined || shape === undefined)
    throw new RuntimeFault("the header is not one of npy", `${file}, byte ${byte}`);
  if (!(type in widths)) {
    throw new RuntimeFault(`type ${type} is not supported`, `${file}, byte ${byte}`, [
      `save it as one of ${Object.keys(widths).join(", ")}`,
    ]);
  }
  if (/'fortran_order':\s*True/.test(text)) {
    throw new RuntimeFault("the array is in Fortran order", `${file}, byte ${byte}`, [
      "save `numpy.ascontiguousarray(a)`",
    ]);
  }
  return { type, shape: shape.split(",").flatMap((s) => (s.trim() === "" ? [] : [Number(s)])) };
}
