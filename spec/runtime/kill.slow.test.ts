import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readCheckpoint, resolveCheckpoint } from "../../runtime/checkpoint/checkpoint.js";
import { readMetrics } from "../../runtime/telemetry/metrics.js";
import { train } from "../../runtime/train/train.js";
import { plan } from "./kill-child.js";
import { scratch, toyEngine, toySources } from "./toy.js";

const child = fileURLToPath(new URL("kill-child.ts", import.meta.url));

/** Runs the training until it ends, or kills it so many milliseconds after its first step. Whether it ended. */
function attempt(folder: string, after: number): Promise<boolean> {
  const running = spawn(process.execPath, ["--import", "tsx", child, folder], { stdio: ["ignore", "pipe", "inherit"] });
  running.stdout.once("data", () => setTimeout(() => running.kill("SIGKILL"), after));
  return new Promise((done, fail) => {
    running.once("error", fail);
    running.once("exit", (code, signal) => {
      if (signal === "SIGKILL" || code === 0) done(code === 0);
      else fail(new Error(`the training ended with ${code}`));
    });
  });
}

describe("a training that is killed at any moment", () => {
  it("ends with the bits of one that was not", async () => {
    const whole = scratch();
    await train(plan, { engine: toyEngine(32), folder: whole, sources: toySources() });
    const folder = join(scratch(), "run");
    let kills = 0;
    // Odd times, so that all kinds of work are hit; longer ones later, so that it ends.
    for (let tries = 0; !(await attempt(folder, 37 + 61 * tries)); tries++) kills++;
    assert.ok(kills > 2, `killed only ${kills} times`);
    const [a, b] = [
      await readCheckpoint(await resolveCheckpoint(folder)),
      await readCheckpoint(await resolveCheckpoint(whole)),
    ];
    assert.deepEqual(a, b);
    const lines = (of: string) =>
      readMetrics(join(of, "metrics.jsonl")).map(({ step, loss, terms }) => ({ step, loss, terms }));
    assert.deepEqual(lines(folder), lines(whole));
  });
});
