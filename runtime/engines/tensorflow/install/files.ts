/** What a step does to the disk, in a way that can be done again. */
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import type { Act } from "./plan.js";

export type FileAct = Exclude<Act, { readonly act: "run" | "verify" }>;

export function changeFiles(act: FileAct): void {
  switch (act.act) {
    case "write":
      return writeFileSync(act.file, act.text);
    case "folder":
      return void mkdirSync(act.path, { recursive: true });
    case "remove":
      return rmSync(act.path, { recursive: true, force: true });
    case "move": {
      // Moved before the step was cut off.
      if (!existsSync(act.from) && existsSync(act.to)) return;
      rmSync(act.to, { recursive: true, force: true });
      mkdirSync(dirname(act.to), { recursive: true });
      return renameSync(act.from, act.to);
    }
    case "link":
      rmSync(act.at, { force: true });
      return symlinkSync(act.to, act.at);
    case "strip":
      for (const file of filesIn(act.folder)) {
        const name = relative(act.folder, file).replaceAll(sep, "/");
        if (!act.keep.some((pattern) => pattern.test(name))) rmSync(file);
      }
  }
}

/** Of all files in folders, or that are the paths themselves; what goes away meanwhile counts nothing. */
export function bytesIn(paths: readonly string[]): number {
  let bytes = 0;
  for (const path of paths) for (const file of filesIn(path)) bytes += sizeOf(file);
  return bytes;
}

function* filesIn(path: string): Generator<string> {
  let entries: ReturnType<typeof entriesOf>;
  try {
    entries = entriesOf(path);
  } catch {
    return;
  }
  for (const entry of entries) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) yield* filesIn(inner);
    else yield inner;
  }
}

function entriesOf(folder: string) {
  return readdirSync(folder, { withFileTypes: true });
}

function sizeOf(file: string): number {
  return lstatSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
