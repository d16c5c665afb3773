/** Turning bytes of pictures into fields, for all data that is made of pictures. */
import type { HostTensor } from "../../compiler/ir/host.js";
import { Stream } from "../random.js";
import type { Batch } from "./source.js";

/** One picture: bytes as sharp and IDX give them, rows from the top, channels innermost. */
export interface Picture {
  readonly bytes: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  /** Mirrored left to right. */
  readonly flipped: boolean;
}

/** The fields `image` (-1..1) and `pixels` (0..1, grey repeated) of pictures of one size. */
export function pictureFields(pictures: readonly Picture[], fields: ReadonlySet<string>): Batch {
  const out: Batch = new Map();
  const first = pictures[0];
  if (!first) return out;
  if (fields.has("image"))
    out.set(
      "image",
      planes(pictures, first.channels, (byte) => byte / 127.5 - 1),
    );
  if (fields.has("pixels"))
    out.set(
      "pixels",
      planes(pictures, 3, (byte) => byte / 255),
    );
  return out;
}

/** [n, channels, height, width]; a grey picture fills all channels. */
function planes(pictures: readonly Picture[], channels: number, scale: (byte: number) => number): HostTensor {
  const { height = 0, width = 0 } = pictures[0] ?? {};
  const plane = height * width;
  const data = new Float32Array(pictures.length * channels * plane);
  const table = Float32Array.from({ length: 256 }, (_, byte) => scale(byte));
  pictures.forEach((picture, n) => {
    for (let c = 0; c < channels; c++) {
      const from = picture.channels === 1 ? 0 : c;
      let at = (n * channels + c) * plane;
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const column = picture.flipped ? width - 1 - x : x;
          data[at++] = table[picture.bytes[(y * width + column) * picture.channels + from] ?? 0] ?? 0;
        }
      }
    }
  });
  return { dtype: "float", shape: [pictures.length, channels, height, width], data };
}

/** A vector of classes from 0. */
export function labelField(labels: readonly number[]): HostTensor {
  return { dtype: "index", shape: [labels.length], data: Int32Array.from(labels) };
}

/** What is random about each sample of a data instance: a function of (seed, instance, position in the stream). */
export class Augment {
  private readonly stream: Stream;
  private readonly uniforms = new Float64Array(4);

  constructor(seed: number, instance: string) {
    this.stream = new Stream(seed, instance, "augment");
  }

  /** Uniforms for the flip and for the place of a crop (down, right); without a position no flip and the centre. */
  at(position: number | undefined): { readonly flip: boolean; readonly down: number; readonly right: number } {
    if (position === undefined) return { flip: false, down: 0.5, right: 0.5 };
    this.stream.uniforms(this.uniforms, 0, 4, position, 0);
    const [flip = 0, down = 0, right = 0] = this.uniforms;
    return { flip: flip < 0.5, down, right };
  }
}
