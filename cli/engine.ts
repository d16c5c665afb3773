import type { Engine } from "../runtime/engines/engine.js";
import type { Needs } from "../runtime/engines/index.js";

/** The engine of this name; `auto`: the fastest that works here and has what is needed. */
export async function pickEngine(name: string, needs: Needs = {}): Promise<Engine> {
  const { openEngine } = await import("../runtime/engines/index.js");
  return openEngine(name, needs);
}
