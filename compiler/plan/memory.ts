/** What the step of a training takes of a machine's memory on its engine, and how it is brought below a limit. */
import type { Outcome } from "../../grammar/diagnostic.js";
import { report } from "../diagnostics/create.js";
import { runBytes } from "../emit/onnx/program.js";
import { type Module, sizeOf } from "../ir/graph.js";
import { type MemoryOptions, memory } from "../passes/liveness.js";
import { rematerialise } from "../passes/rematerialise.js";
import { roll } from "../passes/roll.js";
import { type Key, numberKey } from "./keys.js";
import type { Input, Output, Program, TrainPlan } from "./plan.js";
import type { BuiltTrain } from "./train.js";

type EngineName = TrainPlan["engine"];

/** Node, the compiler, the library of an engine and what it loads of a plan: measured, `npm run bench -- memory`. */
const process = 200 * 2 ** 20;

export interface Lowered {
  readonly program: Program;
  /** Of the process at its fullest moment. */
  readonly bytes: number;
  /** Operations added, as a part of those there were. */
  readonly extra: number;
}

/** Bytes of the process at the fullest moment of a step. `auto` counts as the engine that every machine has. */
export function bytesOf({ module, inputs, outputs }: Program, engine: EngineName): number {
  if (engine !== "auto" && engine !== "onnx")
    return process + memory(module, { ...sizes(engine), carry: carried(inputs, outputs) }).peak;
  // What a run makes, and the state it was given by the run before it in the same call.
  return process + first(inputs, module) + copies(inputs, outputs, module) + runBytes(roll(module));
}

/** The step within a limit on the process, with as few more operations as are found; where none is, with the least memory. */
export function lower(program: Program, engine: EngineName, limit: number, extra?: number): Lowered {
  const { module, inputs, outputs } = program;
  const before = bytesOf(program, engine);
  if (before <= limit) return { program, bytes: before, extra: 0 };
  const inPlace = engine !== "auto" && engine !== "onnx";
  const most = extra === undefined ? {} : { extra };
  const carry = inPlace ? carried(inputs, outputs) : [];
  const within = (budget: number): Lowered => {
    const found = rematerialise(module, { ...sizes(engine), ...most, carry, budget });
    const next = { ...program, module: found.module };
    return { program: next, bytes: bytesOf(next, engine), extra: found.extra };
  };
  // The pass counts for a machine of which nothing is known: what an engine computes in one go it does not keep, what it keeps in blocks is
  // there twice. So the budget that does is looked for.
  let best = within(0);
  if (best.bytes >= before) best = { program, bytes: before, extra: 0 };
  if (best.bytes > limit) return best;
  let [low, high] = [0, memory(module, { ...sizes(engine), carry }).peak];
  for (let i = 0; i < 5; i++) {
    const middle = (low + high) / 2;
    const one = within(middle);
    if (one.bytes <= limit) low = middle;
    else high = middle;
    if (one.bytes <= limit && one.extra <= best.extra) best = one;
  }
  return best;
}

export interface Machine {
  /** A limit in GiB, instead of the one the plan says. */
  readonly memory?: number | undefined;
  /** Bytes of the machine, if they are known: what `auto` may take. */
  readonly available?: number | undefined;
}

/** The limit of a plan in bytes, `undefined` for `auto`. */
export function limitOf(keys: ReadonlyMap<string, Key>, instead?: number): number | undefined {
  const gib = instead ?? numberKey(keys, "memory", 0);
  return gib > 0 ? gib * 2 ** 30 : undefined;
}

interface Phase {
  readonly from: number;
  readonly program: Program;
}

/** All phases within the limit. `auto` is no promise: it takes what memory the machine is known to have, and says nothing where it does not fit. */
export function withinMemory(
  built: Pick<BuiltTrain, "keys" | "decl" | "name" | "batch">,
  phases: readonly Phase[],
  engine: EngineName,
  machine: Machine,
): Outcome<readonly Phase[]> {
  const said = limitOf(built.keys, machine.memory);
  const limit = said ?? machine.available;
  if (limit === undefined) return { value: phases, diagnostics: [] };
  const lowered = phases.map(({ from, program }) => ({ from, ...lower(program, engine, limit) }));
  const bytes = Math.max(...lowered.map((one) => one.bytes));
  const value = lowered.map(({ from, program }) => ({ from, program }));
  if (said === undefined || bytes <= said) return { value, diagnostics: [] };
  const key = built.keys.get("memory");
  const least = gibibytes(bytes);
  return {
    value,
    diagnostics: [
      report(
        "memory-limit",
        { plan: built.name, limit: String(Number((said / 2 ** 30).toPrecision(3))), least },
        key && machine.memory === undefined ? key.span : built.decl.name.span,
        {
          help: [
            `\`memory: ${least}\` can be met`,
            ...(built.batch > 1
              ? [
                  `\`micro: ${Math.ceil(built.batch / 2)}\` computes half of the samples at once`,
                  "or a smaller `batch`",
                ]
              : []),
          ],
        },
      ),
    ],
  };
}

/** Rounded up, so that who writes the number gets it. */
function gibibytes(bytes: number): string {
  return String(Math.ceil((bytes / 2 ** 30) * 100) / 100);
}

function sizes(engine: EngineName): MemoryOptions {
  if (engine === "reference") return { floatBytes: 8 };
  return engine === "auto" || engine === "onnx" ? { indexBytes: 8 } : {};
}

/** The first weights are drawn in 64 bits. What they leave is too cut up to be used again by a run. */
function first(inputs: readonly Input[], { main }: Module): number {
  return inputs.reduce(
    (sum, { role }, i) => sum + (role === "weight" ? 8 * sizeOf(main.params[i]?.type.shape ?? []) : 0),
    0,
  );
}

/** onnxruntime makes the next state beside the one that it reads, and the first of a call stays where the host wrote it. */
function copies(inputs: readonly Input[], outputs: readonly Output[], { main }: Module): number {
  let bytes = 0;
  for (const [, param] of carried(inputs, outputs)) bytes += 4 * sizeOf(main.params[param]?.type.shape ?? []);
  return bytes;
}

/** What comes in and goes out again under the same name is written in place. */
export function carried(inputs: readonly Input[], outputs: readonly Output[]): [result: number, param: number][] {
  const params = new Map<string, number>();
  for (const [i, input] of inputs.entries()) params.set(keyOf(input), i);
  const pairs: [number, number][] = [];
  for (const [i, output] of outputs.entries()) {
    const param = params.get(keyOf(output));
    if (param !== undefined) pairs.push([i, param]);
  }
  return pairs;
}

function keyOf(item: Input | Output): string {
  switch (item.role) {
    case "weight":
    case "state":
      return `${item.role} ${item.path}`;
    case "average":
      return `${item.role} ${item.average} ${item.path}`;
    default:
      return item.role;
  }
}
