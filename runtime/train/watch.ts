/** Notices that a training is lost. */

/** Values of the first steps that say what an untrained network gives. */
const first = 10;

/** A loss that is, over some twenty steps, so many times that of the untrained network will not come back. */
const hopeless = 1000;

const keep = 0.95;

/** Follows the size of the loss. Its numbers go into checkpoints, so that a resumed run stops where the first would have. */
export class LossWatch {
  private constructor(
    private seen: number,
    private start: number,
    private level: number,
  ) {}

  static fresh(): LossWatch {
    return new LossWatch(0, 0, 0);
  }

  static from(record: Readonly<Record<string, number>>): LossWatch {
    return new LossWatch(record.seen ?? 0, record.start ?? 0, record.level ?? 0);
  }

  toRecord(): Record<string, number> {
    return { seen: this.seen, start: this.start, level: this.level };
  }

  /** Takes the loss of a step, which is finite; says whether the run has diverged, and from where to where. */
  diverged(loss: number): { readonly start: number; readonly level: number } | undefined {
    const size = Math.abs(loss);
    this.seen++;
    if (this.seen <= first) {
      this.start += size / first;
      this.level = this.start * (first / this.seen);
      return undefined;
    }
    this.level = keep * this.level + (1 - keep) * size;
    const { start, level } = this;
    return level > hopeless * Math.max(start, 1e-3) ? { start, level } : undefined;
  }
}
