/** Who takes part in a bench: each is a process of its own that answers `VARIANT COUNT` and `VARIANT agree FOLDER`. */
import { homedir } from "node:os";
import { cwd } from "node:process";
import { setTimeout } from "node:timers/promises";
import { Peer } from "./peer.js";

/** What a process says of itself before the first question. */
export type Facts = Readonly<Record<string, unknown>>;

export interface Entry {
  readonly name: string;
  readonly variant: string;
  readonly command: readonly [program: string, ...args: string[]];
  /** 32 bits all through, in PyTorch: what ours is measured by. */
  readonly peer?: boolean;
  /** Numbers with fewer bits are allowed to differ by more. */
  readonly half?: boolean;
  /** Counts no work of a step, and is not compared. */
  readonly plain?: boolean;
}

export interface Side extends Entry {
  readonly process: Peer;
  readonly facts: Facts;
  readonly seconds: number[];
}

/** One that cannot take part, and why: in words that say nothing of where things lie on this machine. */
export interface Absent {
  readonly name: string;
  readonly why: string;
}

/** Who is in it, and who is not or no longer. */
export interface Field {
  readonly sides: Side[];
  readonly absent: Absent[];
}

/** Starts them, one after the other: eight at once are slow on a small machine. */
export async function enter(entries: readonly Entry[]): Promise<Field> {
  const sides: Side[] = [];
  const absent: Absent[] = [];
  for (const entry of entries) {
    const [program, ...args] = entry.command;
    const process = new Peer(program, args);
    const facts = await process.answer();
    if (!isRecord(facts)) throw new Error(`${entry.name} says nothing of itself`);
    if (typeof facts.missing === "string") {
      process.end();
      absent.push({ name: entry.name, why: placeless(`${facts.missing}; ${facts.help ?? ""}`) });
    } else sides.push({ ...entry, process, facts, seconds: [] });
  }
  return { sides, absent };
}

/** Asks one; undefined if it cannot do it, which is noted and ends its part. */
export async function ask({ sides, absent }: Field, side: Side, what: string): Promise<unknown> {
  const answer = await side.process.ask(`${side.variant} ${what}`);
  if (!isRecord(answer) || typeof answer.failed !== "string") return answer;
  side.process.end();
  sides.splice(sides.indexOf(side), 1);
  absent.push({ name: side.name, why: placeless(answer.failed) });
  return undefined;
}

/** What is slow the first time only. */
export async function warmUp(field: Field, count: number): Promise<void> {
  for (const side of [...field.sides]) await ask(field, side, String(count));
}

export function endAll({ sides }: Field): void {
  for (const side of sides) side.process.end();
}

/** By turns, each round beginning with another; thread pools get time to fall asleep. */
export async function compete(sides: readonly Side[], rounds: number, count: (side: Side) => number): Promise<void> {
  for (let round = 0; round < rounds; round++)
    for (let i = 0; i < sides.length; i++) {
      const side = sides[(round + i) % sides.length];
      if (!side) continue;
      await setTimeout(300);
      side.seconds.push(...secondsOf(await side.process.ask(`${side.variant} ${count(side)}`)));
    }
}

function placeless(text: string): string {
  return text.replaceAll(cwd(), ".").replaceAll(homedir(), "~");
}

function secondsOf(answer: unknown): number[] {
  if (!Array.isArray(answer) || !answer.every((x) => typeof x === "number"))
    throw new Error(`a list of seconds was expected, not ${JSON.stringify(answer)}`);
  return answer;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
