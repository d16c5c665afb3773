#!/usr/bin/env node
import { letReadersLeave } from "./output.js";
import { run } from "./program.js";
import { endWith } from "./verdict.js";

letReadersLeave();
process.on("uncaughtException", (error) => process.exit(endWith(error)));
process.on("unhandledRejection", (error) => process.exit(endWith(error)));
await run(process.argv.slice(2)).catch((error: unknown) => {
  process.exitCode = endWith(error);
});
