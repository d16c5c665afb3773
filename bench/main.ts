/** `npm run bench -- check` and `npm run bench -- step`: each against a peer in the same run. */
import { benchCheck } from "./check.js";
import { benchStep } from "./step.js";

const benches = new Map([
  ["check", benchCheck],
  ["step", benchStep],
]);

const name = process.argv[2] ?? "";
const bench = benches.get(name);
if (bench) await bench();
else {
  console.error(`npm run bench -- ${[...benches.keys()].join("|")}`);
  process.exitCode = 2;
}
