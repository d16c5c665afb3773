/** The standard library as the bundle carries it: read once, here. Run by scripts/build.mjs. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type StoredLibrary, stored } from "../compiler/names/stored.js";
import { parse } from "../grammar/parse.js";
import { SourceFile } from "../grammar/source.js";

export function storedLibrary(folder: string): StoredLibrary {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".dit"));
  return Object.fromEntries(
    names.sort().map((name) => {
      const { value, diagnostics } = parse(new SourceFile(`std/${name}`, readFileSync(join(folder, name), "utf8")));
      for (const { span, message } of diagnostics)
        throw new Error(`std/${name}:${span.source.position(span.pos).line}: ${message}`);
      return [name.replaceAll("\\", "/"), stored(value)];
    }),
  );
}
