/** `dit train` and `dit sample` as a user meets them, on a network that trains in a second. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dit, inFolder } from "./dit.js";

const spec = (steps: number) => `use std.{AdamW, Digits, Euler, Flow, Generate, LabelDropout, SiT}
data digits: Digits
model net: SiT { hidden: 8, depth: 1, heads: 1, patch: 14 }
objective flow: Flow
train run {
  data: digits, batch: 4, steps: ${steps}, ema: 0.9, log: 2
  let y = LabelDropout {}(digits.label)
  minimize by AdamW { lr: 1e-3 } { denoise: flow(net, digits.image, y) }
}
sample pictures: Generate {
  flow, model: ema(net), like: digits, count: 4, every: 4, method: Euler { steps: 2 }, labels: [1, 2]
}
`;

/** A folder with `a.dit` in it. */
function trained(steps: number, use: (cwd: string) => Promise<void>): () => Promise<void> {
  return () =>
    inFolder(async (cwd) => {
      writeFileSync(join(cwd, "a.dit"), spec(steps));
      await use(cwd);
    });
}

const isPng = (file: string) => readFileSync(file).subarray(1, 4).toString("latin1") === "PNG";

describe("dit train, dit sample", () => {
  it(
    "trains into a folder that explains itself, and draws",
    trained(6, async (cwd) => {
      const { code, out, err } = await dit(["train", "a.dit"], { cwd });
      assert.equal(code, 0, err);
      for (const row of ["parameters", "steps", "seconds", "images/s", "final loss", "engine", "loss curve", "samples"])
        assert.match(out, new RegExp(`^${row} +\\S`, "m"));
      assert.match(err, /parameters, 10,000 samples, engine /);
      const run = join(cwd, "runs", "a");
      for (const file of ["README.md", "spec.dit", "resolved.dit", "plan.json", "metrics.jsonl", "summary.json"])
        assert.ok(existsSync(join(run, file)), file);
      assert.deepEqual(readdirSync(join(run, "samples")).sort(), ["pictures-4.png", "pictures.png"]);
      for (const file of ["loss.png", "samples/pictures.png"]) assert.ok(isPng(join(run, file)), file);
      assert.equal((await dit(["check", "runs/a/resolved.dit"], { cwd })).code, 0);

      const again = await dit(["train", "a.dit"], { cwd });
      assert.deepEqual([again.code, again.out], [3, ""]);
      assert.match(again.err, /is there already\n {2}= help: `--run OTHER`/);
      assert.equal((await dit(["train", "a.dit", "--again", "--engine", "reference"], { cwd })).code, 0);

      const sheet = await dit(["sample", "runs/a", "--count", "2", "--seed", "7"], { cwd });
      assert.deepEqual([sheet.code, sheet.out], [0, "runs/a/samples/pictures-seed-7.png\n"]);
      assert.ok(isPng(join(run, "samples", "pictures-seed-7.png")));
      const numbers = await dit(["sample", "runs/a", "-o", "s.safetensors"], { cwd });
      assert.deepEqual([numbers.code, existsSync(join(cwd, "s.safetensors"))], [0, true]);
      const unknown = await dit(["sample", "runs/a", "--plan", "picture"], { cwd });
      assert.equal(unknown.code, 2);
      assert.match(unknown.err, /no sampler `picture`\n {2}= help: it has `pictures`/);
    }),
  ).timeout(60_000);

  it(
    "stops on Ctrl-C with a checkpoint, and goes on to the same end",
    trained(120, async (cwd) => {
      let asked = false;
      const stopped = await dit(["train", "a.dit", "--engine", "reference"], {
        cwd,
        watch: (err, interrupt) => {
          if (asked || !err.includes("engine reference")) return;
          asked = true;
          setTimeout(interrupt, 300);
        },
      });
      assert.equal(stopped.code, 130, stopped.err);
      const [, step] = /stopped at step (\d+) of 120; checkpoint runs\/a\/checkpoints\/step-/.exec(stopped.err) ?? [];
      assert.ok(Number(step) < 120);
      assert.match(stopped.err, /go on with: dit train a\.dit --resume runs\/a/);
      const resumed = await dit(["train", "a.dit", "--resume", "runs/a", "--engine", "reference"], { cwd });
      assert.equal(resumed.code, 0, resumed.err);
      assert.match(resumed.err, new RegExp(`going on at step ${step}`));
      const whole = await dit(["train", "a.dit", "--run", "whole", "--engine", "reference"], { cwd });
      assert.equal(whole.code, 0, whole.err);
      const weights = (run: string) =>
        readFileSync(join(cwd, "runs", run, "checkpoints", "step-0000120", "weights.safetensors"));
      assert.ok(weights("a").equals(weights("whole")));
    }),
  ).timeout(120_000);

  it(
    "names what is missing",
    trained(6, async (cwd) => {
      const none = await dit(["sample", "runs/none"], { cwd });
      assert.equal(none.code, 2);
      assert.match(none.err, /^error: `runs\/none` is not the folder of a run/);
      const resume = await dit(["train", "a.dit", "--resume", "runs/none"], { cwd });
      assert.equal(resume.code, 2, resume.err);
      const data = spec(6).replace("data digits: Digits", 'data digits: Digits { path: "nowhere" }');
      writeFileSync(join(cwd, "b.dit"), data);
      const missing = await dit(["train", "b.dit"], { cwd });
      assert.equal(missing.code, 2, missing.err);
      assert.match(missing.err, /nowhere/);
    }),
  ).timeout(60_000);
});
