/** Sheets of samples as PNG. */
import sharp from "sharp";
import type { HostTensor } from "../../compiler/ir/host.js";
import { RuntimeFault } from "../fault.js";
import { writeWhole } from "../files.js";
import { escapeText } from "../telemetry/scale.js";

export interface GridOptions {
  /** Pictures side by side; about a square if not given. */
  readonly columns?: number | undefined;
  /** One text a picture, under it. */
  readonly captions?: readonly string[] | undefined;
  /** Every pixel becomes a square of this side; by default pictures grow to about 84 pixels, 28 x 28 to three times their size. */
  readonly scale?: number | undefined;
  /** Pixels between pictures and around them. */
  readonly gap?: number | undefined;
}

export interface GridInfo {
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
  readonly scale: number;
  readonly gap: number;
  /** What a person should know about how it was drawn: that only some channels are shown. */
  readonly notes: readonly string[];
}

const paper = 0x2b;
const captionHeight = 16;

/**
 * Writes pictures [n, channels, row, col] in -1..1 as one PNG, row by row. One channel is grey, three are RGB; of more (latents) the
 * first three are shown, and of two the first. Values outside -1..1 are cut, what is not a number is red.
 */
export async function writeGrid(file: string, tensor: HostTensor, options: GridOptions = {}): Promise<GridInfo> {
  const [count = 0, channels = 0, height = 0, width = 0] = tensor.shape;
  if (tensor.shape.length !== 4 || tensor.dtype !== "float" || count * channels * height * width === 0) {
    throw new RuntimeFault(`a sample of shape [${tensor.shape.join(", ")}] is no picture`, file, [
      "pictures are [n, channel, row, col]; other samples are written as .npy or .safetensors",
    ]);
  }
  const {
    columns = Math.ceil(Math.sqrt(count)),
    scale = Math.max(1, Math.round(84 / Math.max(height, width))),
    gap = 2,
  } = options;
  const rows = Math.ceil(count / columns);
  const label = options.captions ? captionHeight : 0;
  const cell = { width: width * scale + gap, height: height * scale + gap + label };
  const sheet = { width: columns * cell.width + gap, height: rows * cell.height + gap };
  const bytes = Buffer.alloc(sheet.width * sheet.height * 3, paper);
  for (let n = 0; n < count; n++) {
    const left = gap + (n % columns) * cell.width;
    const top = gap + Math.floor(n / columns) * cell.height;
    for (let y = 0; y < height * scale; y++) {
      for (let x = 0; x < width * scale; x++) {
        const colour = colourAt(tensor, n, Math.floor(y / scale), Math.floor(x / scale));
        bytes.set(colour, ((top + y) * sheet.width + left + x) * 3);
      }
    }
  }
  let image = sharp(bytes, { raw: { ...sheet, channels: 3 } });
  if (options.captions) {
    const texts = options.captions.slice(0, count).map((caption, n) => {
      const x = gap + (n % columns) * cell.width + (width * scale) / 2;
      const y = gap + Math.floor(n / columns) * cell.height + height * scale + 12;
      return `<text x="${x}" y="${y}" text-anchor="middle">${escapeText(caption)}</text>`;
    });
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${sheet.width}" height="${sheet.height}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="12" fill="#e8e8e8">${texts.join("")}</svg>`;
    image = image.composite([{ input: Buffer.from(svg), top: 0, left: 0 }]);
  }
  writeWhole(file, await image.png({ compressionLevel: 9 }).toBuffer());
  const shown = channels >= 3 ? 3 : 1;
  const notes =
    shown === channels ? [] : [`${channels} channels: the first ${shown === 1 ? "one is" : "three are"} shown`];
  return { ...sheet, columns, rows, scale, gap, notes };
}

const notANumber = [0xff, 0, 0] as const;

function colourAt(tensor: HostTensor, n: number, y: number, x: number): readonly number[] {
  const [, channels = 0, height = 0, width = 0] = tensor.shape;
  const plane = height * width;
  const at = (c: number) => tensor.data[(n * channels + c) * plane + y * width + x] ?? 0;
  const values = channels >= 3 ? [at(0), at(1), at(2)] : [at(0), at(0), at(0)];
  if (values.some(Number.isNaN)) return notANumber;
  return values.map((v) => Math.min(255, Math.max(0, Math.round((v + 1) * 127.5))));
}
