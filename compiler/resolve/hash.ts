/** The hash of what a spec means: it names runs, and two specs that differ in comments or in what they leave to defaults have the same. */
import type { Spec } from "../spec.js";
import { meaning } from "./resolve.js";
import { sha256 } from "./sha256.js";

/** Of the language and its library: raised when a spec that did not change means something else. */
const libraryVersion = "std 1";

/** `files`: hashes of the contents of files that the spec loads. */
export function specHash(spec: Spec, files: readonly string[] = []): string {
  return digest(meaning(spec), files);
}

export function digest(meaning: string, files: readonly string[] = []): string {
  return sha256([libraryVersion, meaning, ...files].join("\n"));
}
