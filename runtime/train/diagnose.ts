/** Turns a loss that is not a number into a fault that says which op made it so, and what to try. */
import type { HostTensor } from "../../compiler/ir/host.js";
import type { TrainPlan } from "../../compiler/plan/plan.js";
import type { RunEvents } from "../events.js";
import { RuntimeFault } from "../fault.js";
import { numberLabel } from "../telemetry/scale.js";
import { keyOf, type Wiring } from "../wiring.js";
import type { Feeder } from "./feeder.js";
import { type Culprit, flopsOf, locateNonFinite } from "./locate.js";
import { nonFiniteKeys, type Store } from "./state.js";
import type { Logs, Stepper } from "./stepper.js";

/** A point of the run that the search can go back to. */
export interface Anchor {
  /** Steps done. */
  readonly step: number;
  load(): Promise<Store>;
}

export interface Lost {
  readonly plan: TrainPlan;
  readonly stepper: Stepper;
  readonly feeder: Feeder;
  readonly anchor: Anchor;
  /** Steps done when the step began that gave something not finite. */
  readonly step: number;
  readonly logs: Logs;
  readonly events: RunEvents;
}

/** Repeating more steps than this takes longer than a person waits for a message. */
const repeatLimit = 200;
/** So is interpreting more than this: about a minute. */
const flopsLimit = 2e10;

/** The names in a log whose values are not finite. */
export function nonFiniteLogs(logs: Logs): string[] {
  return [...logs].filter(([, value]) => !Number.isFinite(value)).map(([name]) => name);
}

/** The fault for a step whose log is not finite. The stepper is used up by it. */
export async function explainNonFinite(lost: Lost): Promise<RuntimeFault> {
  const bad = nonFiniteLogs(lost.logs);
  const name = bad[0] ?? "loss";
  const others =
    bad.length > 1
      ? ` (so ${bad.length === 2 ? "is" : "are"} ${bad
          .slice(1)
          .map((n) => `\`${n}\``)
          .join(", ")})`
      : "";
  const what = `\`${name}\` is ${lost.logs.get(name)} at step ${lost.step + 1}${others}`;
  const found = await search(lost);
  if (typeof found === "string") return new RuntimeFault(what, `step ${lost.step + 1}; ${found}`, generalHelp);
  return new RuntimeFault(what, describe(found), [...specificHelp(found.culprit), ...generalHelp]);
}

interface Found {
  /** Steps done when the guilty step began. */
  readonly step: number;
  readonly culprit: Culprit;
}

/** Repeats the steps since the anchor until one gives something not finite, then interprets that one. A string: why nothing was found. */
async function search({ plan, stepper, feeder, anchor, step: last, events }: Lost): Promise<Found | string> {
  if (last - anchor.step > repeatLimit) return `the last state that was kept is that of step ${anchor.step}`;
  events.note?.(`repeating steps ${anchor.step + 1}..${last + 1} to find the first value that is not finite`);
  await stepper.restore(await anchor.load(), anchor.step);
  for (let step = anchor.step; step <= last; step++) {
    await stepper.enter(step);
    const before = await stepper.collect();
    const wiring = stepper.wiringOf(step);
    const fed = await feeder.prepare(wiring, step);
    const [logs] = await stepper.run([fed]);
    const badLogs = new Set(nonFiniteLogs(logs ?? new Map()));
    const badKeys = new Set(nonFiniteKeys(await stepper.collect()));
    if (badLogs.size === 0 && badKeys.size === 0) continue;
    const program = plan.phases[stepper.phaseOf(step)]?.program;
    if (!program) return "the plan has no program for it";
    if (flopsOf(program.module) > flopsLimit) return "the network is too large to be searched op by op";
    const suspects = [
      ...wiring.logs.filter((log) => badLogs.has(log.name)),
      ...wiring.carried.filter(({ key }) => badKeys.has(key)),
      ...wiring.made.filter(({ key }) => badKeys.has(key)),
    ];
    const culprit = locateNonFinite(
      program.module,
      inputsOf(wiring, before, fed),
      program.inputs.map((input) =>
        input.role === "weight"
          ? { name: input.path, weight: true }
          : { name: keyOf(input) ?? input.role, weight: false },
      ),
      suspects.map((s) => s.result),
    );
    if (culprit) return { step, culprit };
    return "in 64 bits all values are finite: a number became too large, or a difference too small, for 32 bits";
  }
  return "it did not happen again when the steps were repeated";
}

function inputsOf(wiring: Wiring, before: Store, fed: ReadonlyMap<number, HostTensor>): HostTensor[] {
  const keys = new Map([...wiring.carried, ...wiring.held].map(({ param, key }) => [param, key]));
  return wiring.types.map((_, param) => {
    const key = keys.get(param);
    const value = key === undefined ? fed.get(param) : before.get(key);
    if (!value) throw new Error(`no value for parameter ${param}`);
    return value;
  });
}

function describe({ step, culprit }: Found): string {
  if (culprit.kind === "input")
    return `step ${step + 1}: \`${culprit.path ?? "an input"}\` was ${culprit.value} before the step`;
  const place = culprit.place ? `${culprit.place}, ` : "";
  const path = culprit.path ? ` at ${culprit.path}` : culprit.after ? `, after ${culprit.after}` : "";
  const operands = culprit.operands.map(([low, high]) =>
    low === high ? numberLabel(low) : `${numberLabel(low)}..${numberLabel(high)}`,
  );
  const from = operands.length > 0 && operands.length <= 3 ? ` of ${operands.join(" and ")}` : "";
  return `${place}step ${step + 1}: the first value that is not finite is ${culprit.value}, from \`${culprit.kind}\`${from}${path}`;
}

function specificHelp(culprit: Culprit): string[] {
  switch (culprit.kind) {
    case "log":
    case "sqrt":
    case "div":
    case "pow":
      return ["keep what is divided by, or what stands under the root or logarithm, away from 0: `max(x, 1e-6)`"];
    case "exp":
      return ["keep the exponent below 80: subtract its maximum first, as `softmax` does, or use `min`"];
    default:
      return [];
  }
}

const generalHelp = [
  "lower `lr`, or let it rise slowly: `schedule: warmup(1_000)`",
  "limit the gradient: `clip 1.0` in `minimize`",
];
