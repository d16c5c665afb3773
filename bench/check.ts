/** `dit check` of a spec of a hundred lines against an empty node process, taken in turns. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type Contender, median, report } from "./result.js";

const spec = "bench/check.dit";
const limit = 6;
const rounds = 25;

export async function benchCheck(): Promise<void> {
  const lines = readFileSync(spec, "utf8").trimEnd().split("\n").length;
  const empty: number[] = [];
  const check: number[] = [];
  time(["dist/cli/main.js", "check", spec]);
  for (let i = 0; i < rounds; i++) {
    empty.push(time(["-e", "0"]));
    check.push(time(["dist/cli/main.js", "check", spec]));
  }
  const contenders: Contender[] = [
    { name: "node -e 0", seconds: empty },
    { name: `dit check ${spec}`, seconds: check },
  ];
  const ratio = median(check) / median(empty);
  report("check", contenders, { spec, lines, ratio });
  console.log(
    `${spec} has ${lines} lines; dit check costs ${ratio.toFixed(1)} times \`node -e 0\` (at most ${limit} wanted)`,
  );
  if (ratio > limit) process.exitCode = 1;
}

function time(args: readonly string[]): number {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with ${status}\n${stderr}`);
  return Number(process.hrtime.bigint() - start) / 1e9;
}
