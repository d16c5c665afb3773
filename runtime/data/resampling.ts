/**
 * Pictures in another size, as the preprocessing of the released codes does it (`torch.nn.functional.interpolate`, called on
 * normalised pixels): centres at half pixels, edges repeated, the cubic with a = -0.75, and no low-pass filter in front when a picture
 * shrinks. `sharp` and Pillow do have that filter, and give an encoder other pictures than the ones a paper's features come from.
 */

export type Method = "bilinear" | "bicubic";

/** For each position of the output: where it reads and how much of each. */
interface Taps {
  readonly count: number;
  readonly from: Int32Array;
  readonly weight: Float64Array;
}

function tapsOf(size: number, target: number, method: Method): Taps {
  const count = method === "bicubic" ? 4 : 2;
  const from = new Int32Array(target * count);
  const weight = new Float64Array(target * count);
  for (let i = 0; i < target; i++) {
    const center = ((i + 0.5) * size) / target - 0.5;
    const floor = Math.floor(center);
    const first = method === "bicubic" ? floor - 1 : floor;
    for (let k = 0; k < count; k++) {
      const distance = Math.abs(center - (first + k));
      from[i * count + k] = Math.min(Math.max(first + k, 0), size - 1);
      weight[i * count + k] = method === "bicubic" ? cubic(distance) : 1 - distance;
    }
  }
  return { count, from, weight };
}

/** Keys' kernel for distances below 2. */
function cubic(x: number): number {
  const a = -0.75;
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return a * (((x - 5) * x + 8) * x - 4);
}

/** `planes` planes of `height` x `width`, one after the other, as planes of `side` x `side`. Rows and columns are filtered apart. */
export function resample(
  data: ArrayLike<number>,
  { planes, height, width }: { readonly planes: number; readonly height: number; readonly width: number },
  side: number,
  method: Method,
): Float32Array {
  if (height === side && width === side) return Float32Array.from(data);
  const across = tapsOf(width, side, method);
  const down = tapsOf(height, side, method);
  const out = new Float32Array(planes * side * side);
  // In 64 bits between the two passes: rounding there would be seen in the last digits of the features.
  const narrow = new Float64Array(height * side);
  for (let p = 0; p < planes; p++) {
    const start = p * height * width;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < side; x++) {
        let sum = 0;
        for (let k = x * across.count; k < (x + 1) * across.count; k++)
          sum += (across.weight[k] ?? 0) * (data[start + y * width + (across.from[k] ?? 0)] ?? 0);
        narrow[y * side + x] = sum;
      }
    }
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        let sum = 0;
        for (let k = y * down.count; k < (y + 1) * down.count; k++)
          sum += (down.weight[k] ?? 0) * (narrow[(down.from[k] ?? 0) * side + x] ?? 0);
        out[(p * side + y) * side + x] = sum;
      }
    }
  }
  return out;
}
