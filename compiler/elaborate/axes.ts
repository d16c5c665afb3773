import type { Related } from "../../grammar/diagnostic.js";
import type { Span } from "../../grammar/source.js";

/**
 * Axes as the elaborator sees them. A tensor is a set of named axes; in one body some are visible and the rest ride along. An axis that a
 * call was mapped over gets the tag of that call, so that it can neither be named in the body nor be mistaken for an axis of the same name
 * that the body makes itself (language reference, "Lifting").
 */
export interface Axis {
  readonly name: string;
  readonly size: number;
  /** 0: visible. Otherwise the number of the call that hid it; later calls have larger numbers. */
  readonly tag: number;
  /** Where the size was written, if it was written anywhere. */
  readonly from?: Span | undefined;
}

export function axis(name: string, size: number, tag = 0, from?: Span): Axis {
  return { name, size, tag, from };
}

/** "196 comes from here", for an axis whose size stands in a spec. */
export function cameFrom(a: Axis | undefined): Related[] {
  return a?.from ? [{ span: a.from, message: `${a.size} comes from here` }] : [];
}

export function sameAxis(a: Axis, b: Axis): boolean {
  return a.name === b.name && a.tag === b.tag;
}

export function visible(axes: readonly Axis[]): Axis[] {
  return axes.filter((a) => a.tag === 0);
}

export function findVisible(axes: readonly Axis[], name: string): Axis | undefined {
  return axes.find((a) => a.tag === 0 && a.name === name);
}

export function shapeOf(axes: readonly Axis[]): number[] {
  return axes.map((a) => a.size);
}

export function namesOf(axes: readonly Axis[]): string[] {
  return axes.map((a) => a.name);
}

/** `[batch: 4, token: 16]`, the form of messages: visible axes first as written. */
export function showAxes(axes: readonly Axis[], options: { sizes: boolean } = { sizes: true }): string {
  return `[${axes.map((a) => (options.sizes ? `${a.name}: ${a.size}` : a.name)).join(", ")}]`;
}

/** The union in order of appearance; axes are the same if name and tag are. */
export function unionAxes(...lists: readonly (readonly Axis[])[]): Axis[] {
  const result: Axis[] = [];
  for (const list of lists) for (const a of list) if (!result.some((r) => sameAxis(r, a))) result.push(a);
  return result;
}

let lastTag = 0;

/** A tag no axis has yet. */
export function freshTag(): number {
  lastTag += 1;
  return lastTag;
}
