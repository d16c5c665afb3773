/** Trains a small network 500 steps on the engine that is named, and prints the MiB of this process after 200 and after 500. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { compileTrain } from "../../compiler/index.js";
import { openEngine } from "../../runtime/engines/index.js";
import { train } from "../../runtime/train/train.js";
import { sound } from "../language/specs.js";
import { scratch } from "../runtime/toy.js";

const spec = `
use std.{AdamW, Digits, Flow, SiT}
data digits: Digits
model net: SiT { hidden: 32, depth: 2, heads: 2, patch: 7 }
objective flow: Flow
train run {
  data: digits, batch: 16, steps: 500, ema: 0.9
  minimize by AdamW { lr: 1e-3 } clip 1.0 { denoise: flow(net, digits.image, digits.label) }
}
`;

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");
const { value: plan } = compileTrain(sound(spec));
if (!plan) throw new Error("no plan");
const engine = await openEngine(process.argv[2] ?? "onnx");
const sizes: number[] = [];
const measure = ({ step }: { readonly step: number }): void => {
  if (step !== 200 && step !== 500) return;
  collectGarbage();
  sizes.push(process.memoryUsage.rss() / 2 ** 20);
};
await train({ ...plan, checkpoint: 500 }, { engine, folder: scratch(), events: { step: measure } });
console.log(JSON.stringify(sizes));
