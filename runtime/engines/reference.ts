import { evaluator } from "../../compiler/ir/evaluate.js";
import type { Engine, Provider } from "./engine.js";
import { HostSession } from "./host-session.js";

/** The oracle: float64, plain TypeScript, one op after the other. Both modes are the same here. */
export const reference: Engine = {
  name: "reference",
  precision: 64,
  half: false,
  burst: 1,
  load: async (module, options) => new HostSession(module, options, evaluator(module)),
};

export const referenceProvider: Provider = {
  name: "reference",
  auto: () => true,
  state: async () => ({
    engine: reference,
    ok: "float64, plain TypeScript, slow: what the others are tested against",
  }),
};
