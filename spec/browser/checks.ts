/** What a backend has to compute, wherever it runs: here nothing asks for Node. */
import { table } from "../../compiler/ir/table/table.js";
import type { Engine } from "../../runtime/engines/engine.js";
import { openBackend } from "../../runtime/engines/tfjs/backend.js";
import { tfjsOn } from "../../runtime/engines/tfjs/engine.js";
import { extra } from "../engines/cases.js";
import { layoutProgram } from "../engines/layout-graph.js";
import { oddNumbers } from "../engines/odd-numbers.js";
import { agreeAsWhole, rounded } from "../engines/values.js";
import { type Case, cases } from "../ir/cases.js";
import { compile, gradientProgram, type Program, scalarize } from "../ir/helpers.js";
import { randomProgram } from "../ir/random-graph.js";
import { trainStepAgrees } from "./train-step.js";

export interface Report {
  readonly backend: string;
  /** Why it does not start here; then nothing was computed. */
  readonly missing?: string;
  readonly cases: number;
  readonly failures: readonly { readonly what: string; readonly reason: string }[];
  /** Tensors that nobody freed. */
  readonly left: number;
  readonly seconds: number;
}

/** How far a value may be from the reference, as in the tests in Node. */
const tolerances = { op: 2e-5, derivative: 1e-4, graph: 5e-4, layout: 1e-4, layoutGradient: 1e-3 };

type Check = (engine: Engine) => Promise<unknown>;

/** `library`: the files of the standard library by name. */
function checksOf(library: ReadonlyMap<string, string>): Map<string, Check> {
  const checks = new Map<string, Check>();
  const add = (what: string, tolerance: number, make: () => Program, inputs: Case["inputs"]): void => {
    checks.set(what, (engine) => agreeAsWhole(engine, compile(make()), rounded(inputs), what, tolerance));
  };
  for (const kind of Object.keys(table))
    for (const c of [...(cases[kind as keyof typeof cases] ?? []), ...(extra[kind as keyof typeof extra] ?? [])])
      add(`${kind}: ${c.name}`, tolerances.op, () => c, c.inputs);
  for (const c of oddNumbers) add(c.name, tolerances.op, () => c, c.inputs);
  for (const [kind, list] of Object.entries(cases))
    for (const c of list)
      add(`${kind}: ${c.name}, vjp`, tolerances.derivative, () => gradientProgram(scalarize(c)), c.inputs);
  for (const c of extra.rest ?? []) add(c.name, tolerances.op, () => c, c.inputs);
  for (const seed of Array(8).keys()) {
    const { inputs } = randomProgram(seed, "smooth", 12);
    add(`graph ${seed}`, tolerances.graph, () => randomProgram(seed, "smooth", 12), inputs);
    add(
      `graph ${seed}, vjp`,
      tolerances.graph,
      () => gradientProgram(scalarize(randomProgram(seed, "smooth", 12))),
      inputs,
    );
  }
  for (const seed of Array(16).keys()) {
    const { inputs } = layoutProgram(seed, 12);
    add(`layouts ${seed}`, tolerances.layout, () => layoutProgram(seed, 12), inputs);
    add(
      `layouts ${seed}, vjp`,
      tolerances.layoutGradient,
      () => gradientProgram(scalarize(layoutProgram(seed, 12))),
      inputs,
    );
  }
  checks.set("a train step", (engine) => trainStepAgrees(engine, library, tolerances.graph));
  return checks;
}

/** `only`: checks whose name begins so. */
export async function check(backend: string, library: ReadonlyMap<string, string>, only: string): Promise<Report> {
  const start = Date.now();
  const seconds = (): number => (Date.now() - start) / 1000;
  let held: () => number;
  try {
    const { tf } = await openBackend(backend);
    held = () => tf.memory().numTensors;
  } catch (error) {
    return { backend, missing: String(error), cases: 0, failures: [], left: 0, seconds: seconds() };
  }
  const before = held();
  const engine = tfjsOn(backend);
  const failures: { what: string; reason: string }[] = [];
  let cases = 0;
  for (const [what, run] of checksOf(library)) {
    if (!what.startsWith(only)) continue;
    cases++;
    try {
      await run(engine);
    } catch (error) {
      failures.push({ what, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { backend, cases, failures, left: held() - before, seconds: seconds() };
}
