/** Memory that nothing refers to any more, given back at a moment of our choice. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Collects now. While an engine runs no JavaScript does, so what the making of the first state and the compiler left behind would stay
 * beside the fullest moment of the first run.
 */
export function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const gc: unknown = runInNewContext("gc");
  if (typeof gc === "function") gc();
}
