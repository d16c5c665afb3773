/** The engine, for a browser too: nothing from here on asks for Node. */
import type { Engine } from "../engine.js";
import { openBackend } from "./backend.js";
import { loadStepwise, TfjsSession } from "./session.js";

/** Every op as a kernel of its own, on any backend of tfjs: what a browser has, too. */
export function tfjsOn(backend: string): Engine {
  return {
    name: "tfjs",
    precision: 32,
    half: false,
    burst: 1,
    load: async (module, options) => {
      const target = await openBackend(backend);
      return options.mode === "whole"
        ? TfjsSession.load(target, module, options)
        : loadStepwise(target, module, options);
    },
  };
}
