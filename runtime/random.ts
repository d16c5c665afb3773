/**
 * All randomness of a run: Philox4x32-10 (Salmon et al., SC 2011), a function from a 64-bit key and a 128-bit counter to four 32-bit
 * words. Nothing is advanced, so any number can be asked for in any order, and one seed gives one run on every engine.
 *
 * The scheme, for whoever writes it in another language:
 *   hash   FNV-1a, 64 bits, of the UTF-8 bytes of the path
 *   key    words 0 and 1 of philox(counter = [hash low, hash high, 0, 0], key = [seed low, seed high])
 *   words  philox(counter = [block, sample low, step, purpose * 2^24 + sample high], key)
 * A block holds two elements; element e is the (e mod 2)-th of block floor(e / 2).
 *   uniform  ((w0 >> 6) * 2^26 + (w1 >> 6) + 0.5) / 2^52 of the words (w0, w1) or (w2, w3): 52 bits, symmetric, never 0 or 1
 *   normal   Box-Muller of the two uniforms u, v of the block: sqrt(-2 ln u) * (cos 2 pi v, sin 2 pi v)
 */

import { evaluate } from "../compiler/ir/evaluate.js";
import { sizeOf } from "../compiler/ir/graph.js";
import type { HostTensor } from "../compiler/ir/host.js";
import { read } from "../compiler/ir/read.js";
import type { DrawInfo, WeightInfo } from "../compiler/plan/plan.js";

/** Fills `out` with the four words of one block. All arguments are 32-bit words, signed or not. */
export function philox(c0: number, c1: number, c2: number, c3: number, k0: number, k1: number, out: Uint32Array): void {
  let [a, b, c, d, x, y] = [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0, k0 | 0, k1 | 0];
  for (let round = 0; round < 10; round++) {
    // The high word of a 32 by 32 bit product, exact in doubles because each half of the constant has 16 bits.
    const highA = ((a * 0xd251 + Math.floor((a * 0x1f53) / 0x10000)) / 0x10000) >>> 0;
    const highC = ((c * 0xcd9e + Math.floor((c * 0x8d57) / 0x10000)) / 0x10000) >>> 0;
    const lowA = Math.imul(a, 0xd2511f53);
    const lowC = Math.imul(c, 0xcd9e8d57);
    a = (highC ^ b ^ x) >>> 0;
    b = lowC >>> 0;
    c = (highA ^ d ^ y) >>> 0;
    d = lowA >>> 0;
    x = (x + 0x9e3779b9) | 0;
    y = (y + 0xbb67ae85) | 0;
  }
  out[0] = a;
  out[1] = b;
  out[2] = c;
  out[3] = d;
}

/** FNV-1a over the UTF-8 bytes: [low word, high word]. */
export function hashPath(path: string): readonly [low: number, high: number] {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(path)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return words(hash);
}

function words(value: bigint): readonly [low: number, high: number] {
  return [Number(value & 0xffffffffn), Number((value >> 32n) & 0xffffffffn)];
}

/** What numbers of one path are for. The counters of two purposes never meet. */
export const purposes = { draw: 0, weight: 1, order: 2, augment: 3 } as const;
export type Purpose = keyof typeof purposes;

/** The largest float below 1 in 32 bits: larger uniforms are cut to it, so that no engine ever rounds one up to 1. */
const almostOne = 1 - 2 ** -24;

/** The numbers of one (seed, path, purpose). */
export class Stream {
  private readonly key: readonly [number, number];
  private readonly block = new Uint32Array(4);

  constructor(
    seed: number,
    path: string,
    private readonly purpose: Purpose,
  ) {
    const [seedLow, seedHigh] = words(BigInt.asUintN(64, BigInt(Math.trunc(seed))));
    const [low, high] = hashPath(path);
    philox(low, high, 0, 0, seedLow, seedHigh, this.block);
    this.key = [this.block[0] ?? 0, this.block[1] ?? 0];
  }

  /** Uniforms in (0, 1), also when rounded to 32 bits, into `out[from .. from + count - 1]`: elements 0.. of the sample at the step. */
  uniforms(out: Float64Array, from: number, count: number, sample: number, step: number): void {
    const w = this.block;
    for (let e = 0; e < count; e += 2) {
      this.fill(e >>> 1, sample, step);
      out[from + e] = Math.min(unit(w[0] ?? 0, w[1] ?? 0), almostOne);
      if (e + 1 < count) out[from + e + 1] = Math.min(unit(w[2] ?? 0, w[3] ?? 0), almostOne);
    }
  }

  /** The same with mean 0 and variance 1. */
  normals(out: Float64Array, from: number, count: number, sample: number, step: number): void {
    const w = this.block;
    for (let e = 0; e < count; e += 2) {
      this.fill(e >>> 1, sample, step);
      const radius = Math.sqrt(-2 * Math.log(unit(w[0] ?? 0, w[1] ?? 0)));
      const angle = 2 * Math.PI * unit(w[2] ?? 0, w[3] ?? 0);
      out[from + e] = radius * Math.cos(angle);
      if (e + 1 < count) out[from + e + 1] = radius * Math.sin(angle);
    }
  }

  private fill(block: number, sample: number, step: number): void {
    const high = (purposes[this.purpose] << 24) | (Math.floor(sample / 2 ** 32) & 0xffffff);
    philox(block, sample, step, high, this.key[0], this.key[1], this.block);
  }
}

function unit(w0: number, w1: number): number {
  return ((w0 >>> 6) * 0x4000000 + (w1 >>> 6) + 0.5) * 2 ** -52;
}

/** Where a draw stands. */
export interface DrawPlace {
  readonly seed: number;
  /** Steps done, 0 at the first; 0 in a sampler. */
  readonly step: number;
  /** The number of the sample in row 0 of a `batch` draw: 0 in training, the start of the chunk in a sampler. */
  readonly firstSample: number;
}

/**
 * The value of a draw. Floats are 64-bit, an engine rounds them. Row `s` of a `batch` draw depends on (seed, path, step,
 * `firstSample + s`) alone; a draw that is not per sample counts as sample 0.
 */
export function draw(info: DrawInfo, place: DrawPlace): HostTensor {
  const size = sizeOf(info.shape);
  const rows = info.batch ? (info.shape[0] ?? 1) : 1;
  const each = rows === 0 ? 0 : size / rows;
  const stream = new Stream(place.seed, info.path, "draw");
  const data = new Float64Array(size);
  for (let s = 0; s < rows; s++) {
    const sample = info.batch ? place.firstSample + s : 0;
    if (info.law === "normal") stream.normals(data, s * each, each, sample, place.step);
    else stream.uniforms(data, s * each, each, sample, place.step);
  }
  if (info.law !== "index") return { dtype: "float", shape: info.shape, data };
  if (info.size === undefined || info.size < 1) throw new Error(`draw ${info.path} is an index without a size`);
  const n = info.size;
  return { dtype: "index", shape: info.shape, data: Int32Array.from(data, (u) => Math.min(Math.floor(u * n), n - 1)) };
}

/** The value a weight starts with. */
export function initialise(weight: WeightInfo, seed: number): HostTensor {
  const { init, shape } = weight;
  const data = new Float64Array(sizeOf(shape));
  switch (init.law) {
    case "constant":
      data.fill(init.value);
      break;
    case "normal":
      new Stream(seed, weight.path, "weight").normals(data, 0, data.length, 0, 0);
      for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) * init.std;
      break;
    case "uniform":
      new Stream(seed, weight.path, "weight").uniforms(data, 0, data.length, 0, 0);
      for (let i = 0; i < data.length; i++) data[i] = (2 * (data[i] ?? 0) - 1) * init.bound;
      break;
    case "computed":
      data.set(evaluate(read(`${init.graph.join("\n")}\n`), [])[0]?.data ?? []);
  }
  return { dtype: "float", shape, data };
}
