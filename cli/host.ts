import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import type { Host } from "../compiler/host.js";
import type { StoredLibrary } from "../compiler/names/stored.js";
import { packageRoot } from "./package.js";

/** The disk. A text is read once a process, so that all files that import it see the same. */
export class DiskHost implements Host {
  private readonly texts = new Map<string, string | undefined>();
  private std: ReadonlyMap<string, string> | undefined;

  readText(path: string): string | undefined {
    if (!this.texts.has(path)) this.texts.set(path, textOf(path));
    return this.texts.get(path);
  }

  readStd(): ReadonlyMap<string, string> {
    this.std ??= standardLibrary();
    return this.std;
  }

  /** Beside the bundle; running from the sources there is none. */
  storedStd(): StoredLibrary | undefined {
    const text = textOf(fileURLToPath(new URL("../std.json", import.meta.url)));
    return text === undefined ? undefined : (JSON.parse(text) as StoredLibrary);
  }

  /** Stays as the user named it: `examples/a.dit` and `./b.dit` give `examples/b.dit`. */
  join(from: string, to: string): string {
    return posix.join(posix.dirname(from.replaceAll("\\", "/")), to);
  }
}

export function stdFolder(): string {
  return join(packageRoot(), "compiler", "std");
}

function standardLibrary(): ReadonlyMap<string, string> {
  const folder = stdFolder();
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".dit"));
  return new Map(names.sort().map((name) => [name.replaceAll("\\", "/"), readFileSync(join(folder, name), "utf8")]));
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
