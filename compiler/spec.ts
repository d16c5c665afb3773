/** A spec that was read and elaborated: what rules, costs, prints and plans are made from. */
import type { Ctx } from "./elaborate/ctx.js";
import type { Instance } from "./elaborate/instance.js";
import type { Loaded } from "./names/load.js";
import type { BuiltSample } from "./plan/sample.js";
import type { BuiltTrain } from "./plan/train.js";

export interface PlanSummary {
  readonly name: string;
  readonly kind: "train" | "sample" | "evaluate";
  /** `sample`: the train plan whose weights it uses. */
  readonly of?: string | undefined;
  /** `sample`: steps of the training between two sheets on the way. */
  readonly every?: number | undefined;
}

export interface Spec {
  readonly path: string;
  readonly loaded: Loaded;
  readonly ctx: Ctx;
  readonly trains: readonly BuiltTrain[];
  readonly samples: readonly BuiltSample[];
  readonly sources: ReadonlyMap<string, Instance>;
  /** Samplers were tried at some of their steps: they are not fit to compile. */
  readonly abridged: boolean;
  plans(): readonly PlanSummary[];
}
