/** Where `dit engine install tensorflow` puts the native library: a folder of the user's, never one of the system. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

/** Of the wheel that the native library and its headers come from. */
export const tensorflowVersion = "2.21.0";

/** `cuda` carries NVIDIA's libraries, some gigabytes. */
export type Variant = "cpu" | "cuda";

/** `DIT_CACHE`, else the folder that the desktop's convention names. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.DIT_CACHE) return resolve(env.DIT_CACHE);
  // The convention: a relative path there counts as none.
  const base = env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME) ? env.XDG_CACHE_HOME : join(homedir(), ".cache");
  return join(base, "ditlang");
}

/** One folder a version and variant: a newer dit builds its own beside. */
export function installFolder(variant: Variant, cache = cacheFolder()): string {
  return join(cache, `tensorflow-${tensorflowVersion}-${variant}`);
}

/** The package inside an installed folder. */
export function packageIn(folder: string): string {
  return join(folder, "node_modules", "@tensorflow", "tfjs-node-gpu");
}

/** The compiled binding, inside the package. Every node from 20 on takes the one of N-API 8. */
export const bindingFile = join("lib", "napi-v8", "tfjs_binding.node");
export const libraryFolder = join("deps", "lib");

/** What a package needs to be loaded and is not there: its own installer leaves these out where its download site is out of reach. */
export function lackingIn(path: string): string | undefined {
  return ["package.json", bindingFile, libraryFolder].find((part) => !existsSync(join(path, part)));
}
