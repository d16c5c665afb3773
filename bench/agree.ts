/** Whether all contenders compute the same: from the same weights and inputs, their losses and gradients against the first one's. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSafetensors } from "../runtime/checkpoint/safetensors.js";
import { ask, type Field, isRecord, type Side } from "./contenders.js";

/** Relative to the size of a tensor or a loss. */
const allowed = 1e-3;
/** With products in 16 bits: of the whole gradient, as single small tensors may be all rounding. */
const allowedHalf = 2e-2;

export interface Agreement {
  readonly name: string;
  /** Relative, the largest: of the losses, of the tensors. */
  readonly losses: number;
  readonly tensors: number;
  /** The tensor that differs most. */
  readonly where: string;
  readonly agrees: boolean;
}

type Tensors = ReadonlyMap<string, ArrayLike<number>>;

/** The first side gives what the others are compared with; `giver` writes what all start from. */
export async function agree(field: Field, giver: Side): Promise<Agreement[]> {
  const folder = mkdtempSync(join(tmpdir(), "dit-bench-"));
  await giver.process.ask(`${giver.variant} given ${folder}`);
  const found: Agreement[] = [];
  let first: { losses: ReadonlyMap<string, number>; tensors: Tensors } | undefined;
  for (const side of [...field.sides]) {
    if (side.plain) continue;
    const answer = await ask(field, side, `agree ${folder}`);
    if (answer === undefined) continue;
    const mine = { losses: numbersOf(answer), tensors: await read(`${folder}/${side.variant}.safetensors`) };
    first ??= mine;
    found.push(compare(side, mine, first));
  }
  for (const { name, losses, tensors, where, agrees } of found)
    console.log(
      `${agrees ? "agrees" : "DIFFERS"}: ${name}: losses by ${losses.toExponential(1)}, tensors by ${tensors.toExponential(1)} (${where})`,
    );
  rmSync(folder, { recursive: true, force: true });
  return found;
}

function compare(
  { name, half }: Side,
  mine: { losses: ReadonlyMap<string, number>; tensors: Tensors },
  first: { losses: ReadonlyMap<string, number>; tensors: Tensors },
): Agreement {
  const losses = Math.max(0, ...[...first.losses].map(([term, value]) => relative(mine.losses.get(term), value)));
  const whole = Math.hypot(...[...first.tensors.values()].map(norm));
  let worst = { tensors: 0, where: "none" };
  let apart = 0;
  for (const [path, theirs] of first.tensors) {
    const ours = mine.tensors.get(path);
    if (ours?.length !== theirs.length) return { name, losses, tensors: Infinity, where: path, agrees: false };
    const d = distance(ours, theirs);
    apart = Math.hypot(apart, d);
    // What is nothing against the whole gradient is rounding.
    const tensors = d / (norm(theirs) + 1e-6 * whole);
    if (!(tensors <= worst.tensors)) worst = { tensors, where: path };
  }
  if (half) worst = { tensors: apart / whole, where: "all together" };
  const limit = half ? allowedHalf : allowed;
  return { name, losses, ...worst, agrees: losses <= limit && worst.tensors <= limit };
}

function relative(a: number | undefined, b: number): number {
  return a === undefined ? Infinity : Math.abs(a - b) / Math.max(Math.abs(b), 1e-6);
}

function norm(x: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] ?? 0) ** 2;
  return Math.sqrt(sum);
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return Math.sqrt(sum);
}

async function read(file: string): Promise<Tensors> {
  const { tensors } = await readSafetensors(file);
  return new Map([...tensors].map(([path, { data }]) => [path, data]));
}

function numbersOf(answer: unknown): Map<string, number> {
  const entries = isRecord(answer) ? Object.entries(answer) : [];
  return new Map(entries.flatMap(([name, value]) => (typeof value === "number" ? [[name, value] as const] : [])));
}
