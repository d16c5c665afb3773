/** One line that says how a run is doing. Pure: the command line decides where it goes and how often. */
import type { StepInfo } from "../events.js";
import { numberLabel } from "./scale.js";

/** `step 1,250/2,000  62 %  loss 0.1234  812 images/s  1 min 32 s left` */
export function progressLine(state: StepInfo): string {
  const { step, steps } = state;
  const parts = [`step ${grouped(step)}/${grouped(steps)}`, `${Math.floor((100 * step) / Math.max(steps, 1))} %`];
  parts.push(`loss ${Number.isFinite(state.loss) ? numberLabel(state.loss) : state.loss}`);
  if (state.seconds > 0 && state.stepsHere > 0) {
    const pace = state.stepsHere / state.seconds;
    parts.push(throughput(pace * state.batch));
    if (step < steps) parts.push(`${duration((steps - step) / pace)} left`);
  }
  return parts.join("  ");
}

/** Images a second with three places that mean something. */
export function throughput(imagesPerSecond: number): string {
  const shown =
    imagesPerSecond >= 100 ? grouped(Math.round(imagesPerSecond)) : String(Number(imagesPerSecond.toPrecision(3)));
  return `${shown} images/s`;
}

/** A span of time in its two largest units. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}

function grouped(n: number): string {
  return n.toLocaleString("en-US");
}
