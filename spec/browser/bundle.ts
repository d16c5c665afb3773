/** Modules of ours as one text that a browser runs. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));

/** Fails where something asks for Node. `tests`: the helpers of the tests get their `assert` from a file beside this one. */
export async function bundled(entry: string, format: "esm" | "iife", tests: boolean): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: [entry],
    bundle: true,
    format,
    platform: "browser",
    target: "es2022",
    alias: tests ? { "node:assert/strict": `${here}assert.ts` } : {},
    write: false,
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}
