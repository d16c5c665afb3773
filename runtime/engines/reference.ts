import { evaluator } from "../../compiler/ir/evaluate.js";
import type { Engine } from "./engine.js";
import { HostSession } from "./host-session.js";

/** The oracle: float64, plain TypeScript, one op after the other. Both modes are the same here. */
export const reference: Engine = {
  name: "reference",
  precision: 64,
  burst: 1,
  load: async (module, options) => new HostSession(module, options, evaluator(module)),
};
