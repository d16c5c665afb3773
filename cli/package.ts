/** Where this package lies on disk, from the sources as from the bundle. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

let root: string | undefined;

export function packageRoot(): string {
  if (root) return root;
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) {
      root = folder;
      return folder;
    }
    if (folder === dirname(folder)) throw new Error("package.json of dit is missing");
  }
}

export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8"));
  const given = typeof manifest === "object" && manifest && "version" in manifest ? manifest.version : undefined;
  return typeof given === "string" ? given : "0.0.0";
}
