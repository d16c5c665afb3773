/** Finds TensorFlow's native library under its npm package. Nothing is loaded here: a look costs a few stats. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import type { Missing } from "../engine.js";
import { cacheFolder, installFolder, lackingIn, libraryFolder, packageIn, tensorflowVersion } from "./cache.js";

export interface Located {
  /** The folder or file to require; absolute. */
  readonly path: string;
  readonly origin: "DIT_TFJS_NODE" | "installed by dit" | "node_modules";
  /** Of TensorFlow, where the files tell. */
  readonly version?: string;
}

/** The folder of an npm package as Node finds it from here, or undefined. */
export type FindPackage = (name: string) => string | undefined;

const packages = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"];
const help = "install it: npx dit engine install tensorflow";

/** `DIT_TFJS_NODE`, else what dit installed, else a package in node_modules that has its native parts. */
export function locateTensorflow(
  env: NodeJS.ProcessEnv = process.env,
  findPackage: FindPackage = installedPackage,
): Located | Missing {
  if (env.DIT_TFJS_NODE) return named(resolve(env.DIT_TFJS_NODE));
  const cache = cacheFolder(env);
  for (const variant of ["cuda", "cpu"] as const) {
    const path = packageIn(installFolder(variant, cache));
    if (lackingIn(path) === undefined) return { path, origin: "installed by dit", version: tensorflowVersion };
  }
  const broken: string[] = [];
  for (const name of packages) {
    const path = findPackage(name);
    if (path === undefined) continue;
    const lack = lackingIn(path);
    if (lack === undefined) return { path, origin: "node_modules", ...versionIn(path) };
    broken.push(`\`${name}\` in node_modules has no ${lack}`);
  }
  const others = broken.length ? `, and ${broken.join(", ")}` : "";
  return { missing: `TensorFlow's native library is not installed in ${cache}${others}`, help };
}

/** Who names a path wants this one: nothing else is tried. */
function named(path: string): Located | Missing {
  const unset = "let DIT_TFJS_NODE name the folder of @tensorflow/tfjs-node-gpu, or unset it";
  if (!existsSync(path)) return { missing: `DIT_TFJS_NODE names ${path}, which is not there`, help: unset };
  if (!statSync(path).isDirectory()) return { path, origin: "DIT_TFJS_NODE" };
  const lack = lackingIn(path);
  if (lack !== undefined) return { missing: `DIT_TFJS_NODE names ${path}, which has no ${lack}`, help: unset };
  return { path, origin: "DIT_TFJS_NODE", ...versionIn(path) };
}

/** The prebuilt library has its version in a file name; ours is in a folder `tensorflow-VERSION-…`. */
function versionIn(path: string): { version?: string } {
  const ours = /tensorflow-(\d+\.\d+\.\d+)-(?:cpu|cuda)[\\/]node_modules[\\/]/.exec(path)?.[1];
  const names = readdirSync(join(path, libraryFolder));
  const version = ours ?? names.flatMap((name) => /^libtensorflow\.so\.(\d+\.\d+\.\d+)$/.exec(name)?.[1] ?? [])[0];
  return version === undefined ? {} : { version };
}

function installedPackage(name: string): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}
