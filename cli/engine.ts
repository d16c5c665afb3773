import type { Engine } from "../runtime/engines/engine.js";

/** The engine of this name; `auto`: the fastest that works here. */
export async function pickEngine(name: string): Promise<Engine> {
  const { openEngine } = await import("../runtime/engines/index.js");
  return openEngine(name);
}
