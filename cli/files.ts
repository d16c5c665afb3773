/** The specs a user means by the paths given. */
import { readdirSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { couldNotRun } from "./failure.js";

/** Folders nobody keeps specs in. */
const skipped = new Set(["node_modules", "dist", "runs", "coverage"]);

/** Files as given, folders walked for `*.dit`; each once, sorted within a folder. */
export function specsIn(paths: readonly string[]): string[] {
  const found = new Set<string>();
  for (const path of paths.length ? paths : ["."]) {
    const before = found.size;
    if (kindOf(path) === "file") found.add(named(path));
    else for (const spec of walk(path)) found.add(spec);
    if (found.size === before && kindOf(path) === "folder" && paths.length <= 1)
      throw couldNotRun(`no .dit file in \`${path}\``, "`dit init` writes one to start from");
  }
  return [...found];
}

function kindOf(path: string): "file" | "folder" {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw couldNotRun(`cannot read \`${path}\`: there is no such file`);
  return stat.isDirectory() ? "folder" : "file";
}

function* walk(folder: string): Generator<string> {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!entry.name.startsWith(".") && !skipped.has(entry.name)) yield* walk(path);
    } else if (entry.name.endsWith(".dit")) yield named(path);
  }
}

/** `./a.dit` is `a.dit`: one name a file in all messages. */
function named(path: string): string {
  return posix.normalize(path.replaceAll("\\", "/"));
}
