/** `npm run bench -- NAME`: each measures against a peer or a limit in the same run, and ends with 1 if it is not met. */
import { benchCheck } from "./check.js";
import { benchCompile } from "./compile.js";
import { benchMemory } from "./memory.js";
import { benchPage } from "./page.js";
import { warnIfBusy } from "./result.js";
import { benchSample } from "./sample.js";
import { benchStep } from "./step.js";

const benches = new Map<string, (args: readonly string[]) => Promise<void>>([
  ["check", benchCheck],
  ["step", benchStep],
  ["memory", benchMemory],
  ["compile", benchCompile],
  ["sample", benchSample],
  ["page", benchPage],
]);

const [name = "", ...args] = process.argv.slice(2);
const bench = benches.get(name);
if (bench) {
  if (bench !== benchPage) warnIfBusy();
  try {
    await bench(args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  }
} else {
  console.error(`npm run bench -- ${[...benches.keys()].join("|")}`);
  process.exitCode = 2;
}
