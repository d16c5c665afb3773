/** The hash of what a spec means. */
import type { Spec } from "../index.js";

export function specHash(spec: Spec): string {
  void spec;
  return "";
}
