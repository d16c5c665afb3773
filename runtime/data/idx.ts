/** IDX files, the format of MNIST: a magic number, big-endian sizes, bytes. Packed with gzip or not. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { RuntimeFault, reasonOf } from "../fault.js";
import type { DigitSet } from "./digits.js";

interface Idx {
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** The training pair of a folder: `train-images-idx3-ubyte[.gz]` and its labels, or the only pair there is. */
export function readIdxFolder(folder: string, side: number, classes: number): DigitSet {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch (error) {
    throw new RuntimeFault(
      `the folder cannot be read: ${reasonOf(error)}`,
      folder,
      ['`path: "builtin"` needs no files'],
      error,
    );
  }
  const find = (pattern: RegExp): string => {
    const found = names.filter((name) => pattern.test(name));
    const chosen = found.find((name) => name.startsWith("train")) ?? found[0];
    if (chosen !== undefined) return join(folder, chosen);
    throw new RuntimeFault(`no file here is named like ${pattern.source.replace(/\\/g, "")}`, folder, [
      "expected are train-images-idx3-ubyte and train-labels-idx1-ubyte, packed as .gz or not",
    ]);
  };
  const imageFile = find(/images.*idx3/);
  const labelFile = find(/labels.*idx1/);
  const images = readIdx(imageFile, 3);
  const labels = readIdx(labelFile, 1);
  const [n, height, width] = images.shape;
  if (height !== side || width !== side) {
    throw new RuntimeFault(
      `pictures are ${height} x ${width}, \`Digits\` are ${side} x ${side}`,
      `${imageFile}, byte 8`,
      ["use `Folder` for pictures of other sizes"],
    );
  }
  if (labels.shape[0] !== n)
    throw new RuntimeFault(`${labels.shape[0]} labels for ${n} pictures`, `${labelFile}, byte 4`);
  const wrong = labels.bytes.findIndex((label) => label >= classes);
  if (wrong >= 0)
    throw new RuntimeFault(`label ${labels.bytes[wrong]} of ${classes} classes`, `${labelFile}, byte ${8 + wrong}`);
  return { bytes: images.bytes, labels: labels.bytes };
}

function readIdx(file: string, rank: number): Idx {
  let raw: Uint8Array;
  try {
    const packed = readFileSync(file);
    raw = packed[0] === 0x1f && packed[1] === 0x8b ? gunzipSync(packed) : packed;
  } catch (error) {
    throw new RuntimeFault(`the file cannot be read: ${reasonOf(error)}`, file, ["copy it again"], error);
  }
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const start = 4 + 4 * rank;
  if (raw.length < start || view.getUint32(0) !== 0x0800 + rank) {
    throw new RuntimeFault(`not an IDX file of bytes in ${rank} dimensions`, `${file}, byte 0`, ["copy it again"]);
  }
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const size = shape.reduce((a, b) => a * b, 1);
  if (raw.length !== start + size) {
    throw new RuntimeFault(`the header says ${size} bytes follow, ${raw.length - start} do`, `${file}, byte ${start}`, [
      "copy it again",
    ]);
  }
  return { shape, bytes: raw.subarray(start) };
}
