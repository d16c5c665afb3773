/** How many steps to hand to an engine at once. */

/** A call takes about so long: an interrupt and the progress line wait for its end. */
const seconds = 4;

/** Learns how long a step takes. The steps of one call change no number of a run, only when they are told of. */
export class Pace {
  private perStep: number | undefined;

  /** `most`: what the engine gains from. */
  constructor(private readonly most: number) {}

  /** The size of the next call, of at most `left` steps. The first step is one by itself, as nothing is known yet. */
  next(left: number): number {
    if (this.perStep === undefined) return 1;
    const fitting = Math.floor(seconds / Math.max(this.perStep, 1e-6));
    return Math.max(1, Math.min(left, this.most, fitting));
  }

  /** `steps` steps took so many milliseconds. */
  took(steps: number, milliseconds: number): void {
    this.perStep = milliseconds / 1000 / steps;
  }
}

/** Steps from `step` done ones to the next multiple of one of `everies`. */
export function untilDue(step: number, everies: readonly number[]): number {
  return Math.min(...everies.map((every) => every - (step % every)));
}
