/** The endless shuffled stream over a data set: epoch after epoch, each in an order of its own. */
import { Stream } from "../random.js";

/** The order of one epoch: a permutation of 0..size-1 (Fisher-Yates), a function of (size, seed, path, epoch) alone. */
export function permutation(size: number, seed: number, path: string, epoch: number): Int32Array {
  const order = Int32Array.from({ length: size }, (_, i) => i);
  const uniforms = new Float64Array(size);
  new Stream(seed, path, "order").uniforms(uniforms, 0, size, epoch, 0);
  for (let i = size - 1; i > 0; i--) {
    const j = Math.floor((uniforms[i] ?? 0) * (i + 1));
    const kept = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = kept;
  }
  return order;
}

/** Which sample stands at each position of the stream. Positions can be asked for in any order; near ones are cheap. */
export class ShuffledOrder {
  private readonly epochs = new Map<number, Int32Array>();

  constructor(
    readonly size: number,
    private readonly seed: number,
    private readonly path: string,
  ) {}

  at(position: number): number {
    const epoch = Math.floor(position / this.size);
    let order = this.epochs.get(epoch);
    if (!order) {
      // A batch spans two epochs at most, unless it is larger than the data set.
      if (this.epochs.size >= 2) this.epochs.delete(Math.min(...this.epochs.keys()));
      order = permutation(this.size, this.seed, this.path, epoch);
      this.epochs.set(epoch, order);
    }
    return order[position - epoch * this.size] ?? 0;
  }
}
