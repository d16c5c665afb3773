/** A training of its own process, to be killed: `tsx kill-child.ts FOLDER`. Says `ready` when it takes its first step. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { findCheckpoints } from "../../runtime/checkpoint/checkpoint.js";
import { train } from "../../runtime/train/train.js";
import { toyEngine, toySources, toyTrainPlan } from "./toy.js";

export const plan = toyTrainPlan({ steps: 60, checkpoint: 2, second: 31 });

async function main(folder: string): Promise<void> {
  const resume = existsSync(folder) && (await findCheckpoints(join(folder, "checkpoints"))).length > 0;
  const events = { started: () => void process.stdout.write("ready\n") };
  await train(plan, {
    engine: toyEngine(32),
    folder,
    sources: toySources(),
    events,
    resume: resume ? true : undefined,
  });
}

const [, script, folder] = process.argv;
if (script?.endsWith("kill-child.ts") && folder) await main(folder);
