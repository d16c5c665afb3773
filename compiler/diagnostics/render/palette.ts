type Paint = (text: string) => string;

/** Colours are given by who prints; the renderers only say what a piece of text is. */
export interface Palette {
  readonly error: Paint;
  readonly warning: Paint;
  /** Another place that takes part. */
  readonly second: Paint;
  /** Line numbers, bars, arrows. */
  readonly frame: Paint;
  readonly strong: Paint;
}

export type Style = "error" | "warning";

const same: Paint = (text) => text;

export const plain: Palette = { error: same, warning: same, second: same, frame: same, strong: same };
