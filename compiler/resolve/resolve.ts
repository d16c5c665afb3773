/** Prints a spec with all its defaults (language reference §11). */
import type { Spec } from "../index.js";

export function resolve(spec: Spec): string {
  return spec.loaded.main.source.text;
}
