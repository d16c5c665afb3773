/** The compiler's front door, loaded when a command first needs it. */
import type { Host } from "../compiler/host.js";
import type { SamplePlan, TrainPlan } from "../compiler/plan/plan.js";
import type { Outcome } from "../grammar/diagnostic.js";

export interface PlanSummary {
  readonly name: string;
  readonly kind: "train" | "sample" | "evaluate";
  /** `sample`: the train plan whose weights it uses. */
  readonly of?: string | undefined;
  /** `sample`: steps of the training between two sheets on the way. */
  readonly every?: number | undefined;
}

export interface Spec {
  plans(): readonly PlanSummary[];
}

export interface CostReport {
  readonly instances: readonly { readonly name: string; readonly parameters: number }[];
  readonly plans: readonly PlanCost[];
}

export interface PlanCost {
  readonly name: string;
  readonly kind: PlanSummary["kind"];
  readonly batch: number;
  readonly parameters: number;
  readonly flopsPerSample: number;
  readonly flopsPerStep: number;
  readonly peakBytes: number;
}

/** Values of `param`s given by `--set`, as written. */
export type Settings = Readonly<Record<string, string>>;

export interface Compiler {
  loadSpec(path: string, host: Host, options?: { readonly set?: Settings }): Outcome<Spec | undefined>;
  resolve(spec: Spec): string;
  compileTrain(spec: Spec, name: string, options?: object): Outcome<TrainPlan | undefined>;
  compileSample(spec: Spec, name: string, options?: object): Outcome<SamplePlan | undefined>;
  cost(spec: Spec): CostReport;
}

export async function loadCompiler(): Promise<Compiler> {
  const door = "../compiler/index.js";
  return (await import(door)) as Compiler;
}
