/** `npm run bench -- check`, `-- step` and `-- memory`: each against a peer in the same run. */
import { benchCheck } from "./check.js";
import { benchMemory } from "./memory.js";
import { benchStep } from "./step.js";

const benches = new Map([
  ["check", benchCheck],
  ["step", benchStep],
  ["memory", benchMemory],
]);

const name = process.argv[2] ?? "";
const bench = benches.get(name);
if (bench) await bench();
else {
  console.error(`npm run bench -- ${[...benches.keys()].join("|")}`);
  process.exitCode = 2;
}
