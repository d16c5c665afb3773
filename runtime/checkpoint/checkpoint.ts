/**
 * A checkpoint is a folder that holds all a run needs to go on: `weights.safetensors`, `average-NAME.safetensors` for each average,
 * `states.safetensors` (optimizer moments and other states) and `manifest.json`. Random numbers need no place in it: they are a
 * function of the seed and the step. The folder is written under another name and then renamed, so one that exists is complete.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { HostTensor } from "../../compiler/ir/host.js";
import { hasCode, RuntimeFault } from "../fault.js";
import { digestFile, readJson, syncPath, writeWhole } from "../files.js";
import { findDamage } from "./damage.js";
import { readSafetensors } from "./safetensors.js";
import { type Written, writeSafetensors } from "./safetensors-writer.js";

export type Tensors = ReadonlyMap<string, HostTensor>;

/** The tensors of a run between two steps, by path. */
export interface RunState {
  readonly weights: Tensors;
  /** By name of the average. */
  readonly averages: ReadonlyMap<string, Tensors>;
  readonly states: Tensors;
}

/** What a file gave that a run was started from. */
export interface StartReport {
  readonly instance: string;
  readonly file: string;
  readonly layout?: string | undefined;
  readonly sha256: string;
  /** Tensors of the file that were read. */
  readonly tensors: number;
  /** Weights of the instance that the layout does not know: they start as without a file. */
  readonly kept: readonly string[];
  /** Tensors of the file that nobody asked for. */
  readonly unused: readonly string[];
}

export interface CheckpointInfo {
  /** Name of the train plan. */
  readonly plan: string;
  /** Steps done. */
  readonly step: number;
  readonly seed: number;
  /** Samples taken from the data so far: where the next step goes on. */
  readonly cursor: number;
  /** Hash of the resolved spec. */
  readonly spec: string;
  /** Name of the engine that made it. */
  readonly engine: string;
  /** Bits of a float in its files. */
  readonly precision: 32 | 64;
  /** What the watch on the loss has seen, so that a resumed run judges as the first would have. */
  readonly watch: Readonly<Record<string, number>>;
  /** What the run started from, if from files: a resumed run says so too. */
  readonly start?: readonly StartReport[] | undefined;
}

export interface Manifest extends CheckpointInfo {
  readonly version: 1;
  readonly files: Readonly<Record<string, Written>>;
}

const manifestName = "manifest.json";

/** The name of the folder of a step: seven digits, so that names sort by step. */
export function checkpointName(step: number): string {
  return `step-${String(step).padStart(7, "0")}`;
}

/** Writes `folder`, whole or not at all. One that is there already is replaced. */
export async function writeCheckpoint(folder: string, state: RunState, info: CheckpointInfo): Promise<Manifest> {
  const parent = dirname(folder);
  const draft = join(parent, `.writing-${basename(folder)}`);
  await mkdir(parent, { recursive: true });
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft);
  const options = {
    floats: info.precision === 64 ? "F64" : "F32",
    metadata: { format: "dit", step: String(info.step) },
  } as const;
  const files: Record<string, Written> = {};
  for (const [name, tensors] of filesOf(state))
    files[name] = await writeSafetensors(join(draft, name), tensors, options);
  const manifest: Manifest = { version: 1, ...info, files };
  writeWhole(join(draft, manifestName), `${JSON.stringify(manifest, undefined, 2)}\n`);
  syncPath(draft);
  // A folder cannot be renamed onto a full one. If we die between the two renames, `findCheckpoints` still finds the older ones.
  const old = join(parent, `.old-${basename(folder)}`);
  await rm(old, { recursive: true, force: true });
  if (existsSync(folder)) await rename(folder, old);
  await rename(draft, folder);
  syncPath(parent);
  await rm(old, { recursive: true, force: true });
  return manifest;
}

function filesOf(state: RunState): [name: string, tensors: Tensors][] {
  const averages = [...state.averages].map(([name, tensors]): [string, Tensors] => [
    `average-${name}.safetensors`,
    tensors,
  ]);
  return [["weights.safetensors", state.weights], ...averages, ["states.safetensors", state.states]];
}

/** Reads a checkpoint and checks every byte of it. */
export async function readCheckpoint(folder: string): Promise<{ manifest: Manifest; state: RunState }> {
  const manifest = readManifest(folder);
  let weights: Tensors = new Map();
  let states: Tensors = new Map();
  const averages = new Map<string, Tensors>();
  for (const [name, written] of Object.entries(manifest.files)) {
    const tensors = await readVerified(join(folder, name), written);
    const average = /^average-(.*)\.safetensors$/.exec(name)?.[1];
    if (average !== undefined) averages.set(average, tensors);
    else if (name === "weights.safetensors") weights = tensors;
    else if (name === "states.safetensors") states = tensors;
  }
  return { manifest, state: { weights, averages, states } };
}

/** The manifest alone: cheap, the tensors are not looked at. */
export function readManifest(folder: string): Manifest {
  const file = join(folder, manifestName);
  const help = ["name a folder such as runs/NAME/checkpoints/step-0001000"];
  const value = readJson(file, help);
  const fail = (key: string, what: string) =>
    new RuntimeFault(`not the manifest of a checkpoint: ${what}`, `${file}, key ${key}`, help);
  if (!isRecord(value)) throw fail("", "it is not an object");
  if (value.version !== 1)
    throw fail("version", `version ${JSON.stringify(value.version)}, and this program reads version 1`);
  for (const key of ["step", "seed", "cursor", "precision"])
    if (typeof value[key] !== "number") throw fail(key, "a number is needed");
  for (const key of ["plan", "spec", "engine"])
    if (typeof value[key] !== "string") throw fail(key, "a string is needed");
  if (!isRecord(value.watch)) throw fail("watch", "an object is needed");
  if (value.start !== undefined && !Array.isArray(value.start)) throw fail("start", "a list is needed");
  if (!isRecord(value.files)) throw fail("files", "an object is needed");
  for (const [name, entry] of Object.entries(value.files)) {
    const sound =
      isRecord(entry) && typeof entry.sha256 === "string" && typeof entry.bytes === "number" && isRecord(entry.tensors);
    if (!sound || name !== basename(name))
      throw fail(`files.${name}`, "bytes, sha256 and tensors of a file are needed");
  }
  return value as unknown as Manifest;
}

async function readVerified(file: string, written: Written): Promise<Tensors> {
  const found = await digestFile(file).catch((error: unknown) => {
    if (hasCode(error, "ENOENT"))
      throw new RuntimeFault("a file of the checkpoint is missing", file, damageHelp, error);
    throw error;
  });
  if (found.sha256 !== written.sha256) throw await findDamage(file, written, found.bytes, damageHelp);
  return (await readSafetensors(file)).tensors;
}

const damageHelp = [
  "go on from an older checkpoint: `--resume RUN/checkpoints/step-…`, or bring this one back from a copy",
];

/** The checkpoints in a folder, oldest first. Half-written ones have other names and are not among them. */
export async function findCheckpoints(parent: string): Promise<{ step: number; folder: string }[]> {
  const names = await readdir(parent).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  });
  const steps = names.flatMap((name) => {
    const digits = /^step-(\d+)$/.exec(name)?.[1];
    return digits === undefined ? [] : [{ step: Number(digits), folder: join(parent, name) }];
  });
  return steps.sort((a, b) => a.step - b.step);
}

/**
 * The checkpoint that a path means: the path itself, or the newest one of a run folder.
 */
export async function resolveCheckpoint(path: string): Promise<string> {
  if (existsSync(join(path, manifestName))) return path;
  const last = (await findCheckpoints(join(path, "checkpoints"))).at(-1) ?? (await findCheckpoints(path)).at(-1);
  if (last) return last.folder;
  throw new RuntimeFault("there is no checkpoint", path, [
    "the run may have ended before its first one: start it anew with `--again`",
  ]);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
