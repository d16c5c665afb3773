/** Axes of a plot: where a value stands, and which values get a label. */

export interface Axis {
  readonly law: "linear" | "log";
  /** Values worth a label, ascending. */
  readonly ticks: readonly number[];
  /** Position of a value on the page. */
  place(value: number): number;
}

/** An axis over some values, from page position `from` to `to`. */
export function axisOf(values: readonly number[], from: number, to: number, law: "linear" | "log"): Axis {
  let [low, high] = extent(values);
  if (low === high) {
    low -= Math.abs(low) / 2 || 0.5;
    high += Math.abs(high) / 2 || 0.5;
  }
  const map = law === "log" ? Math.log : (v: number) => v;
  const [start, end] = [map(low), map(high)];
  const ticks = law === "log" ? logTicks(low, high) : linearTicks(low, high);
  return { law, ticks, place: (value) => from + ((map(value) - start) / (end - start)) * (to - from) };
}

/** Smallest and largest of some values; 0 and 1 if there are none. (`Math.min(...values)` fails on long lists.) */
export function extent(values: readonly number[]): [low: number, high: number] {
  if (values.length === 0) return [0, 1];
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

/** Multiples of 1, 2 or 5 times a power of ten, about six of them. */
export function linearTicks(low: number, high: number): number[] {
  const rough = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const unit = [1, 2, 5, 10].map((m) => m * power).find((m) => m >= rough) ?? power;
  const ticks: number[] = [];
  for (let k = Math.ceil(low / unit - 1e-9); k * unit <= high * (1 + 1e-9) + unit * 1e-9; k++)
    ticks.push(Number((k * unit).toPrecision(12)));
  return ticks;
}

/** 1, 2 and 5 times powers of ten; only the powers where that would be many, finer steps where it would be few. */
export function logTicks(low: number, high: number): number[] {
  const ticks: number[] = [];
  const decades = Math.log10(high / low);
  for (let k = Math.floor(Math.log10(low)); k <= Math.ceil(Math.log10(high)); k++) {
    for (const m of decades > 4 ? [1] : [1, 2, 5]) {
      const tick = Number((m * 10 ** k).toPrecision(12));
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks.length >= 3 ? ticks : linearTicks(low, high).filter((t) => t > 0);
}

/** A short label: three to four places, thousands in groups, tiny and huge numbers with an exponent. */
export function numberLabel(x: number): string {
  const size = Math.abs(x);
  if (x === 0) return "0";
  if (size < 1e-4 || size >= 1e7)
    return x
      .toExponential(2)
      .replace(/\.?0+e/, "e")
      .replace("e+", "e");
  if (size >= 1000) return Math.round(x).toLocaleString("en-US");
  return String(Number(x.toPrecision(4)));
}

export function escapeText(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
