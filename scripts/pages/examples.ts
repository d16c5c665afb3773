/** The examples of the repository as the pages see them: what each costs, and beside which other one it stands. */
import { readdirSync, readFileSync } from "node:fs";
import { cost } from "../../compiler/plan/cost.js";
import { sound } from "../../spec/language/specs.js";

const folder = new URL("../../examples/", import.meta.url);

/** By name without ending. */
export const examples: ReadonlyMap<string, string> = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith(".dit"))
    .sort()
    .map((file) => [file.slice(0, -".dit".length), readFileSync(new URL(file, folder), "utf8")] as const),
);

/** What each example of a method adds itself to. */
export const baselines: ReadonlyMap<string, string> = new Map([
  ["delta-fm", "repa"],
  ["disploss", "sit-b"],
  ["dit", "sit-xl"],
  ["diversedit", "repa"],
  ["diversedit-b", "repa"],
  ["diversedit-b-sequential", "repa"],
  ["diversedit-c", "repa"],
  ["diversedit-dispersive", "disploss"],
  ["diversedit-meanflow", "meanflow"],
  ["diversedit-reg", "reg"],
  ["diversedit-repa", "repa"],
  ["diversedit-sra", "sra"],
  ["edm", "sit-b"],
  ["haste", "sit-xl"],
  ["irepa", "repa"],
  ["jit", "sit-b"],
  ["lightningdit", "sit-xl"],
  ["maskdit", "dit"],
  ["meanflow", "sit-xl"],
  ["reg", "sit-xl"],
  ["repa", "sit-b"],
  ["repa-e", "sit-xl"],
  ["speedrundit", "sit-b"],
  ["sprint", "sit-xl"],
  ["sra", "sit-xl"],
  ["tread", "sit-b"],
  ["uvit", "sit-xl"],
]);

export interface Costs {
  readonly parameters: number;
  /** Forward, backward and update, of one sample. */
  readonly flops: number;
  readonly batch: number;
  readonly bytes: number;
}

const known = new Map<string, Costs>();

/** Of the first training of an example. */
export function costsOf(name: string): Costs {
  const before = known.get(name);
  if (before) return before;
  const [plan] = cost(sound(examples.get(name) ?? "", { abridge: true })).plans;
  if (!plan) throw new Error(`${name} has no plan`);
  const { parameters, flopsPerStep, batch, peakBytes } = plan;
  const costs = { parameters, flops: flopsPerStep / batch, batch, bytes: peakBytes };
  known.set(name, costs);
  return costs;
}
