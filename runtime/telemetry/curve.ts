/** The picture of a run's loss: every logged value in pale, a smoothed line over it, as SVG and as PNG. */
import sharp from "sharp";
import { writeWhole } from "../files.js";
import type { MetricsLine } from "./metrics.js";
import { type Axis, axisOf, escapeText, extent, numberLabel } from "./scale.js";

export interface CurveOptions {
  readonly title: string;
  /** What is drawn; the loss if not given. Lines where it is missing or not positive on a log axis are left out. */
  readonly value?: ((line: MetricsLine) => number | null | undefined) | undefined;
  readonly label?: string | undefined;
}

interface Point {
  readonly step: number;
  readonly value: number;
}

const width = 840;
const height = 440;
const area = { left: 74, right: width - 32, top: 46, bottom: height - 52 } as const;
const colours = { raw: "#b9c9e8", smooth: "#1f4e9c", grid: "#e6e6e6", ink: "#333333", faint: "#777777" } as const;

/** An SVG document. */
export function curveSvg(lines: readonly MetricsLine[], options: CurveOptions): string {
  const pick = options.value ?? ((line: MetricsLine) => line.loss);
  const points = lines.flatMap((line): Point[] => {
    const value = pick(line);
    return value === null || value === undefined || !Number.isFinite(value) ? [] : [{ step: line.step, value }];
  });
  const smoothed = smooth(points);
  const x = axisOf([0, ...points.map((p) => p.step)], area.left, area.right, "linear");
  // The first values of a run are often far above the rest; a log axis shows both.
  const values = points.map((p) => p.value);
  const [low, high] = extent(values);
  const y = axisOf(values, area.bottom, area.top, low > 0 && high / low > 3 ? "log" : "linear");
  const last = smoothed.at(-1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    `<text x="${area.left}" y="26" font-size="16" font-weight="bold" fill="${colours.ink}">${escapeText(options.title)}</text>`,
    ...gridLines(x, y),
    points.length === 0 ? text((area.left + area.right) / 2, height / 2, "nothing logged yet", "middle") : "",
    polyline(thinned(points), x, y, colours.raw, 1),
    polyline(thinned(smoothed), x, y, colours.smooth, 2),
    last
      ? `<circle cx="${at(x.place(last.step))}" cy="${at(y.place(last.value))}" r="3.5" fill="${colours.smooth}"/>`
      : "",
    last ? text(area.right, 26, `${numberLabel(last.value)} at step ${last.step.toLocaleString("en-US")}`, "end") : "",
    text((area.left + area.right) / 2, height - 14, "step", "middle"),
    `<text transform="translate(18 ${(area.top + area.bottom) / 2}) rotate(-90)" font-size="12" text-anchor="middle" fill="${colours.faint}">${escapeText(options.label ?? "loss")}${y.law === "log" ? " (log)" : ""}</text>`,
    "</svg>",
  ].join("\n");
}

/** Writes the curve as PNG, at twice the size of the SVG. */
export async function writeCurve(file: string, lines: readonly MetricsLine[], options: CurveOptions): Promise<void> {
  const png = await sharp(Buffer.from(curveSvg(lines, options)), { density: 144 })
    .png()
    .toBuffer();
  writeWhole(file, png);
}

function gridLines(x: Axis, y: Axis): string[] {
  const across = y.ticks.map((tick) => {
    const place = at(y.place(tick));
    return `<line x1="${area.left}" x2="${area.right}" y1="${place}" y2="${place}" stroke="${colours.grid}"/>${text(area.left - 8, place + 4, numberLabel(tick), "end")}`;
  });
  const down = x.ticks.map((tick) => {
    const place = at(x.place(tick));
    return `<line x1="${place}" x2="${place}" y1="${area.top}" y2="${area.bottom}" stroke="${colours.grid}"/>${text(place, area.bottom + 18, tick.toLocaleString("en-US"), "middle")}`;
  });
  return [...across, ...down];
}

function polyline(points: readonly Point[], x: Axis, y: Axis, colour: string, stroke: number): string {
  const path = points.map((p) => `${at(x.place(p.step))},${at(y.place(p.value))}`).join(" ");
  return points.length < 2
    ? ""
    : `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="${stroke}" stroke-linejoin="round"/>`;
}

/** No more points than the page has pixels, twice over. */
function thinned(points: readonly Point[]): readonly Point[] {
  const stride = Math.ceil(points.length / (2 * width));
  return stride <= 1 ? points : points.filter((_, i) => i % stride === 0 || i === points.length - 1);
}

function text(x: number, y: number, content: string, anchor: "start" | "middle" | "end"): string {
  return `<text x="${at(x)}" y="${at(y)}" font-size="12" text-anchor="${anchor}" fill="${colours.faint}">${escapeText(content)}</text>`;
}

function at(x: number): number {
  return Math.round(x * 100) / 100;
}

/**
 * Three passes of a mean over the neighbours on both sides, nearly a Gaussian: the whole run is known, so unlike a running mean the
 * line does not lag behind a fall. The window is a fortieth of the points.
 */
export function smooth(points: readonly Point[]): Point[] {
  const radius = Math.floor(points.length / 80);
  let values = Float64Array.from(points, (p) => p.value);
  for (let pass = 0; pass < 3; pass++) values = boxMean(values, radius);
  return points.map(({ step }, i) => ({ step, value: values[i] ?? 0 }));
}

/** The mean of each value and `radius` neighbours on both sides, as far as there are any. */
function boxMean(values: Float64Array<ArrayBuffer>, radius: number): Float64Array<ArrayBuffer> {
  const n = values.length;
  const sums = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) sums[i + 1] = (sums[i] ?? 0) + (values[i] ?? 0);
  return Float64Array.from(values, (_, i) => {
    // A loss falls steeply at its start, so the window is kept even there; at its flat end the steadier mean is the better one.
    const before = Math.min(radius, i);
    const after = Math.min(i < radius ? before : radius, n - 1 - i);
    return ((sums[i + after + 1] ?? 0) - (sums[i - before] ?? 0)) / (before + after + 1);
  });
}
