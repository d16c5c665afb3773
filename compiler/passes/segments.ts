/**
 * Where the early part of a function can be cut so that little goes across. What goes across is kept, and then each segment can be computed
 * again from what is kept at its start.
 */
import { num, type Timeline } from "./timeline.js";

/** Of each root, where early ops read it last; -1 where none does. */
export function lastEarlyUse(t: Timeline, split: number): Int32Array {
  const last = new Int32Array(t.count).fill(-1);
  for (let i = 0; i < split; i++) for (const v of t.operands[i] ?? []) last[num(t.root, v)] = i;
  return last;
}

/** Bytes that early ops after each early op still read of what was made up to it. */
function widths(t: Timeline, split: number, last: Int32Array): Float64Array {
  const change = new Float64Array(split + 1);
  for (let i = 0; i < split; i++) {
    const r = num(t.result, i);
    const end = num(last, r);
    if (end <= i) continue;
    change[i] = num(change, i) + num(t.bytes, r);
    change[end] = num(change, end) - num(t.bytes, r);
  }
  let now = 0;
  return change.map((by) => {
    now += by;
    return now;
  });
}

/**
 * Cuts into about `count` segments: the narrowest place near each of the positions that part what is wanted later into equal shares.
 * `wanted`: bytes that late ops read, by early op.
 */
export function cuts(t: Timeline, split: number, last: Int32Array, wanted: Float64Array, count: number): number[] {
  const width = widths(t, split, last);
  let total = 0;
  for (let i = 0; i < split; i++) total += num(wanted, i);
  const found: number[] = [];
  const share = total / count;
  let sum = 0;
  let window = 1;
  let best = -1;
  for (let i = 0; i < split; i++) {
    sum += num(wanted, i);
    while (window < count && sum > (window + 0.5) * share) {
      if (best >= 0) found.push(best);
      best = -1;
      window += 1;
    }
    if (window >= count) break;
    if (sum < (window - 0.5) * share) continue;
    if (best < 0 || num(width, i) < num(width, best)) best = i;
  }
  if (best >= 0 && found.at(-1) !== best) found.push(best);
  return found;
}

/** Marks what goes across a cut. */
export function keepAcross(t: Timeline, last: Int32Array, at: readonly number[], keep: Uint8Array): void {
  for (let r = 0; r < t.count; r++) {
    const made = num(t.maker, r);
    if (made >= 0 && at.some((cut) => made <= cut && num(last, r) > cut)) keep[r] = 1;
  }
}
