/** Drawing samples of a plan and writing them where a person finds them. */
import { mkdirSync } from "node:fs";
import { dirname, extname } from "node:path";
import type { HostTensor } from "../compiler/ir/host.js";
import type { SamplePlan } from "../compiler/plan/plan.js";
import type { RunState } from "../runtime/checkpoint/checkpoint.js";
import type { Engine } from "../runtime/engines/engine.js";
import { couldNotRun } from "./failure.js";
import type { Progress } from "./progress.js";

export interface SheetOptions {
  readonly engine: Engine;
  readonly state: RunState;
  /** What the data of the training is, as `Digits`: its classes have names then. */
  readonly data: string | undefined;
  /** Steps the state was trained. */
  readonly step: number;
  readonly count: number;
  readonly seed?: number | undefined;
  /** What relative paths in the plan count from. */
  readonly base?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly progress: Progress;
}

/** More than that nobody looks at on one sheet. */
export const sheetLimit = 1024;

/** Draws `count` samples into `file`: a sheet of pictures if it is a .png, the numbers themselves if it is a .safetensors. */
export async function drawTo(file: string, plan: SamplePlan, options: SheetOptions): Promise<void> {
  const kind = extname(file);
  if (kind !== ".png" && kind !== ".safetensors")
    throw couldNotRun(`\`${file}\`: samples are written as .png or .safetensors`);
  if (kind === ".png" && options.count > sheetLimit)
    throw couldNotRun(
      `${options.count} pictures do not fit on one sheet`,
      "`-o samples.safetensors` takes any number",
      "`--count` draws fewer",
    );
  const { sample } = await import("../runtime/sample/sample.js");
  const { engine, state, step, count, seed, base, signal, progress } = options;
  const fields = await sample(plan, {
    engine,
    ...state,
    step,
    count,
    seed,
    base,
    signal,
    events: { sampled: ({ done }) => progress.update(`drawing ${plan.name}: ${done}/${count}`) },
  });
  mkdirSync(dirname(file), { recursive: true });
  if (kind === ".png") await writeSheet(file, fields, plan, options);
  else {
    const { writeSafetensors } = await import("../runtime/checkpoint/safetensors-writer.js");
    await writeSafetensors(file, new Map([...fields].map(([name, value]) => [name || "sample", value])), {
      floats: "F32",
      metadata: { format: "dit" },
    });
  }
}

/** The picture of a sample is the whole of it or its field `image`. */
async function writeSheet(
  file: string,
  fields: ReadonlyMap<string, HostTensor>,
  plan: SamplePlan,
  { data, progress }: SheetOptions,
): Promise<void> {
  const picture = fields.get("") ?? fields.get("image");
  if (!picture)
    throw couldNotRun(`a sample of \`${plan.name}\` has no \`image\``, "`-o samples.safetensors` writes all of it");
  const { writeGrid } = await import("../runtime/sample/picture.js");
  const { notes } = await writeGrid(file, picture, { captions: captionsOf(plan, data, picture.shape[0] ?? 0) });
  for (const note of notes) progress.say(`${file}: ${note}`);
}

/** The class asked for, under each picture, if classes were dealt out. */
function captionsOf({ labels }: SamplePlan, data: string | undefined, count: number): string[] | undefined {
  if (!labels.length) return undefined;
  // The classes of Digits are the digits: position 1 is a nought.
  const digits = data === "Digits";
  return Array.from({ length: count }, (_, i) => {
    const position = labels[i % labels.length] ?? 0;
    return digits ? String(position - 1) : `class ${position}`;
  });
}
