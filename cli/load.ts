/** Opening one spec for a command that goes on with it. */

import { countsOf, reportOf, summaryOf } from "../compiler/diagnostics/findings.js";
import { renderPretty } from "../compiler/diagnostics/render/pretty.js";
import type { Diagnostic, Outcome } from "../grammar/diagnostic.js";
import { type Compiler, loadCompiler, type PlanSummary, type Settings, type Spec } from "./compiler.js";
import { ExitCode } from "./exit-codes.js";
import { couldNotRun, Failure } from "./failure.js";
import { specsIn } from "./files.js";
import { DiskHost } from "./host.js";
import { paletteOf, say } from "./output.js";

export interface Opened {
  readonly path: string;
  readonly compiler: Compiler;
  readonly spec: Spec;
}

/** Says what there is to say about the spec; ends the command if that is an error. */
export async function openSpec(path: string, set: Settings = {}): Promise<Opened> {
  const [name = path] = specsIn([path]);
  if (name !== path && specsIn([path]).length > 1) throw couldNotRun(`\`${path}\` holds several specs: say which one`);
  const compiler = await loadCompiler();
  const spec = accept(name, compiler.loadSpec(name, new DiskHost(), { set }));
  return { path: name, compiler, spec };
}

/** The value of a stage, its diagnostics said; errors end the command. */
export function accept<T>(path: string, { value, diagnostics }: Outcome<T | undefined>): T {
  showDiagnostics(path, diagnostics);
  if (value === undefined || diagnostics.some((d) => d.severity === "error"))
    throw new Failure(ExitCode.specErrors, "");
  return value;
}

function showDiagnostics(path: string, diagnostics: readonly Diagnostic[]): void {
  if (!diagnostics.length) return;
  const report = reportOf([path], diagnostics);
  say(renderPretty(report, paletteOf(process.stderr)));
  say(summaryOf(countsOf(report)));
}

/** The plan of this name, or the only one of its kind. */
export function choosePlan({ path, spec }: Opened, kind: PlanSummary["kind"], name?: string): PlanSummary {
  const plans = spec.plans().filter((plan) => plan.kind === kind);
  const names = plans.map((plan) => `\`${plan.name}\``).join(", ");
  const chosen = name === undefined ? plans[0] : plans.find((plan) => plan.name === name);
  if (chosen && (name !== undefined || plans.length === 1)) return chosen;
  if (!plans.length) throw couldNotRun(`\`${path}\` has no \`${kind}\``);
  throw couldNotRun(
    name === undefined ? `\`${path}\` has several: ${names}` : `\`${path}\` has no \`${kind}\` named \`${name}\``,
    name === undefined ? "say which one: --plan NAME" : `it has ${names}`,
  );
}
