/** `Folder`: picture files, read with sharp. With classes, each sub-folder is one, in the order of their names. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import type { SourceInfo } from "../../compiler/plan/plan.js";
import { hasCode, RuntimeFault, reasonOf } from "../fault.js";
import { Augment, labelField, type Picture, pictureFields } from "./pictures.js";
import { Settings } from "./settings.js";
import type { Collection, OpenOptions, Row } from "./source.js";

const pictureName = /\.(png|jpe?g|webp|gif|tiff?|avif|svg)$/i;

/** Decoded pictures are kept up to this many bytes: small sets are decoded once. */
const cacheLimit = 512 * 2 ** 20;

interface Entry {
  readonly file: string;
  readonly label: number;
}

/** RGB bytes whose shorter side has the wanted size. */
interface Decoded {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export async function openFolder(info: SourceInfo, options: OpenOptions): Promise<Collection> {
  const settings = new Settings(info);
  const root = settings.path(options.base);
  const size = settings.number("size");
  const classes = settings.number("class", 0);
  const flip = settings.flag("flip", false);
  const random = settings.text("crop", "center") === "random";
  const entries =
    classes > 0 ? await listClasses(root, classes) : (await listFiles(root)).map((file) => ({ file, label: 0 }));
  const augment = new Augment(options.seed, info.name);
  const cache = new Cache();

  async function picture({ number, position }: Row): Promise<Picture> {
    const file = entries[number]?.file ?? "";
    let decoded = cache.get(number);
    if (!decoded) {
      decoded = await decode(file, size);
      cache.set(number, decoded);
    }
    const place = augment.at(position);
    const left = Math.floor((random ? place.right : 0.5) * (decoded.width - size + 1));
    const top = Math.floor((random ? place.down : 0.5) * (decoded.height - size + 1));
    return {
      bytes: crop(decoded, left, top, size),
      height: size,
      width: size,
      channels: 3,
      flipped: flip && place.flip,
    };
  }

  const fields = new Map<string, readonly number[]>([
    ["image", [3, size, size]],
    ["pixels", [3, size, size]],
  ]);
  if (classes > 0) fields.set("label", []);
  return {
    size: entries.length,
    classes,
    fields,
    async read(rows, wanted) {
      const needsPictures = wanted.has("image") || wanted.has("pixels");
      const out = needsPictures ? pictureFields(await Promise.all(rows.map(picture)), wanted) : new Map();
      if (wanted.has("label")) out.set("label", labelField(rows.map((row) => entries[row.number]?.label ?? 0)));
      return out;
    },
    async close() {
      cache.clear();
    },
  };
}

async function listClasses(root: string, classes: number): Promise<Entry[]> {
  const folders = (await list(root)).filter((e) => e.isDirectory()).map((e) => e.name);
  folders.sort(byCode);
  if (folders.length !== classes) {
    throw new RuntimeFault(`${folders.length} sub-folders for ${classes} classes`, root, [
      folders.length > 0
        ? `say \`class: ${folders.length}\``
        : "put the pictures of each class into a folder of its own",
    ]);
  }
  const files = await Promise.all(folders.map((folder) => listFiles(join(root, folder))));
  return files.flatMap((some, label) => some.map((file) => ({ file, label })));
}

/** All pictures below a folder, sorted by path. */
async function listFiles(folder: string): Promise<string[]> {
  const entries = await list(folder);
  const nested = await Promise.all(
    entries.map((e) => {
      const path = join(folder, e.name);
      return e.isDirectory() ? listFiles(path) : pictureName.test(e.name) ? [path] : [];
    }),
  );
  return nested.flat().sort(byCode);
}

async function list(folder: string) {
  return readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    const what = hasCode(error, "ENOENT") ? "there is no such folder" : `the folder cannot be read: ${reasonOf(error)}`;
    throw new RuntimeFault(what, folder, ["`path` counts from the folder of the spec"], error);
  });
}

/** The order of code units: the same on every machine, which that of a locale is not. */
function byCode(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

async function decode(file: string, size: number): Promise<Decoded> {
  try {
    // Read first: sharp would keep the file open and cache it by name.
    const { data, info } = await sharp(await readFile(file), { failOn: "error" })
      .rotate()
      .resize(size, size, { fit: "outside", kernel: "lanczos3" })
      .flatten({ background: "white" })
      .toColourspace("srgb")
      .raw()
      .toBuffer({ resolveWithObject: true });
    if (info.channels === 3) return { bytes: data, width: info.width, height: info.height };
    const rgb = new Uint8Array(info.width * info.height * 3);
    for (let i = 0; i < rgb.length; i++) rgb[i] = data[Math.floor(i / 3) * info.channels] ?? 0;
    return { bytes: rgb, width: info.width, height: info.height };
  } catch (error) {
    throw new RuntimeFault(
      `the picture cannot be read: ${reasonOf(error)}`,
      file,
      ["remove the file or make it again"],
      error,
    );
  }
}

function crop(from: Decoded, left: number, top: number, size: number): Uint8Array {
  if (from.width === size && from.height === size) return from.bytes;
  const out = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    const start = ((top + y) * from.width + left) * 3;
    out.set(from.bytes.subarray(start, start + size * 3), y * size * 3);
  }
  return out;
}

/** Keeps what comes first and nothing after it is full: an order that visits all alike gains nothing from more. */
class Cache {
  private readonly entries = new Map<number, Decoded>();
  private bytes = 0;

  get(number: number): Decoded | undefined {
    return this.entries.get(number);
  }

  set(number: number, decoded: Decoded): void {
    if (this.entries.has(number) || this.bytes + decoded.bytes.length > cacheLimit) return;
    this.bytes += decoded.bytes.length;
    this.entries.set(number, decoded);
  }

  clear(): void {
    this.entries.clear();
    this.bytes = 0;
  }
}
