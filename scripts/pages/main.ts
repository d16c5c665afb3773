/** `npm run pages`: writes the pages of docs/ that are made from what they describe. `--check` says which are stale. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { mistakesPage } from "../../spec/mistakes/page.js";
import { diagnosticPages } from "./diagnostics.js";
import { linesPage } from "./lines.js";
import { methodPages } from "./methods.js";
import { presetsPage } from "./presets.js";

export const docs = fileURLToPath(new URL("../../docs/", import.meta.url));

/** Folders of docs/ in which nothing else lives. */
const owned = ["diagnostics", "methods"];

/** Paths in docs/ to texts. */
export function allPages(): Map<string, string> {
  const inFolder = (folder: string, pages: ReadonlyMap<string, string>): [string, string][] =>
    [...pages].map(([name, text]) => [`${folder}/${name}`, text]);
  return new Map([
    ...inFolder("diagnostics", diagnosticPages()),
    ...inFolder("methods", methodPages()),
    ["mistakes.md", mistakesPage()],
    ["presets.md", presetsPage()],
    ["lines.md", linesPage()],
  ]);
}

/** Pages that are not as they have to be, those among them that nothing makes any more. */
export function stalePages(wanted: ReadonlyMap<string, string> = allPages()): string[] {
  const there = owned.flatMap((folder) => readdirSync(join(docs, folder)).map((name) => `${folder}/${name}`));
  const gone = there.filter((path) => !wanted.has(path));
  const changed = [...wanted].filter(([path, text]) => read(path) !== text).map(([path]) => path);
  return [...gone, ...changed];
}

function read(path: string): string | undefined {
  try {
    return readFileSync(join(docs, path), "utf8");
  } catch {
    return undefined;
  }
}

function writePages(): void {
  const wanted = allPages();
  for (const path of [...owned.map((folder) => join(docs, folder))]) mkdirSync(path, { recursive: true });
  for (const path of stalePages(wanted)) {
    const text = wanted.get(path);
    if (text === undefined) rmSync(join(docs, path));
    else {
      mkdirSync(dirname(join(docs, path)), { recursive: true });
      writeFileSync(join(docs, path), text);
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === "--check") {
    const stale = stalePages();
    for (const path of stale) console.error(`docs/${path} is stale: npm run pages`);
    if (stale.length > 0) process.exitCode = 1;
  } else writePages();
}
