/** Weights that a run starts from: files of ours by our paths, files of others through the graphs of a layout. */
import { isAbsolute, resolve } from "node:path";
import { evaluate } from "../../compiler/ir/evaluate.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import { type Filling, fromFile } from "../../compiler/plan/gather.js";
import type { Start, StartTensor, WeightInfo } from "../../compiler/plan/plan.js";
import type { StartReport } from "../checkpoint/checkpoint.js";
import { nearest, RuntimeFault } from "../fault.js";
import { digestFile } from "../files.js";
import { choose, openTensorFile, type TensorFile } from "../weights/tensor-file.js";

/** A table of a file may be rounded to 16 bits; another table differs by as much as it is large. */
const tableTolerance = 1e-2;

/** Hands the weights of one instance to `give`. All that the file should have must be there, in the right shape. */
export async function loadStart(
  weights: readonly WeightInfo[],
  start: Start,
  base: string | undefined,
  give: (path: string, value: HostTensor) => void,
): Promise<StartReport> {
  const file = isAbsolute(start.file) ? start.file : resolve(base ?? ".", start.file);
  const opened = await openTensorFile(file);
  try {
    return await takeWeights(choose(opened).source, weightsBelow(weights, start.instance), start, {}, give);
  } finally {
    await opened.close();
  }
}

/** The weights of an instance among those of a plan. */
export function weightsBelow(weights: readonly WeightInfo[], instance: string): WeightInfo[] {
  return weights.filter((w) => w.path === instance || w.path.startsWith(`${instance}.`));
}

/** What may be wrong with a file that is taken all the same. */
export interface Leniency {
  /** Tensors that are left out. */
  readonly without?: ReadonlySet<string> | undefined;
  /** Told of a computed table that is another one. */
  readonly table?: ((name: string) => void) | undefined;
}

/** The weights of one instance out of an open file: by our paths, or through a layout. */
export async function takeWeights(
  source: TensorFile,
  own: readonly WeightInfo[],
  { instance, file, layout, tensors }: Start,
  lenient: Leniency,
  give: (path: string, value: HostTensor) => void,
): Promise<StartReport> {
  const given = new Set<string>();
  const names = new Set(
    (tensors?.map((t) => t.name) ?? own.map((w) => w.path)).filter((n) => !lenient.without?.has(n)),
  );
  const note = (path: string, value: HostTensor) => {
    given.add(path);
    if (own.some((w) => w.path === path)) give(path, value);
  };
  if (tensors) {
    const read = tensors.filter((t) => names.has(t.name));
    await throughLayout(source, layout ?? "", read, lenient, note);
  } else
    for (const { path, shape } of own)
      if (names.has(path)) note(path, await tensorOf(source, path, shape, "load a file of the same network"));
  return {
    instance,
    file,
    ...(layout === undefined ? {} : { layout }),
    sha256: (await digestFile(source.file)).sha256,
    tensors: names.size,
    kept: own.map((w) => w.path).filter((path) => !given.has(path)),
    unused: [...source.entries.keys()].filter((name) => !names.has(name)),
  };
}

/** One sentence for a person. */
export function startText({ instance, file, layout, tensors, kept, unused }: StartReport): string {
  const by = layout === undefined ? "" : ` by ${layout}`;
  const left = kept.length === 0 ? "" : `; not in the layout, so they start anew: ${some(kept)}`;
  const over = unused.length === 0 ? "" : `; in the file and not used: ${some(unused)}`;
  return `${instance} starts from ${file}${by}, ${tensors} tensors${left}${over}`;
}

function some(names: readonly string[]): string {
  const more = names.length - 4;
  return names.slice(0, 4).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

async function tensorOf(source: TensorFile, name: string, shape: readonly number[], help: string): Promise<HostTensor> {
  const where = `${source.file}, key ${name}`;
  const entry = source.entries.get(name);
  if (!entry) {
    const near = nearest(name, source.entries.keys());
    throw new RuntimeFault(`there is no tensor \`${name}\` in the file`, where, [
      near ? `did you mean \`${near}\`?` : help,
    ]);
  }
  if (entry.shape.join() !== shape.join())
    throw new RuntimeFault(
      `\`${name}\` is [${entry.shape.join(", ")}] in the file and [${shape.join(", ")}] in the spec`,
      where,
      [`${help}, or change the settings of the network`],
    );
  return source.read(name);
}

async function throughLayout(
  source: TensorFile,
  layout: string,
  tensors: readonly StartTensor[],
  lenient: Leniency,
  give: (path: string, value: HostTensor) => void,
): Promise<void> {
  const filling: Filling = new Map();
  /** How many tensors each weight still waits for: it is handed over, and its memory let go, after the last. */
  const waiting = new Map<string, number>();
  const wide = new Set<string>();
  for (const path of tensors.flatMap((t) => t.weights)) waiting.set(path, (waiting.get(path) ?? 0) + 1);
  for (const t of tensors) {
    const where = `${source.file}, key ${t.name}`;
    const value = await tensorOf(source, t.name, t.shape, `load a file that \`${layout}\` is for`);
    if (t.weights.length === 0) {
      if (isSameTable(t, value)) continue;
      if (lenient.table) lenient.table(t.name);
      else
        throw new RuntimeFault(`the table \`${t.name}\` is not the one that the network of the spec computes`, where, [
          "the file is of a network with other positions: an architecture like it, and another one",
        ]);
      continue;
    }
    const wrong = fromFile(t, value, filling);
    if (wrong) throw new RuntimeFault(`\`${t.name}\`: ${wrong}`, where, [`is the file one that \`${layout}\` is for?`]);
    t.weights.forEach((path, i) => {
      if (!(value.data instanceof Float32Array)) wide.add(path);
      const left = (waiting.get(path) ?? 1) - 1;
      waiting.set(path, left);
      const data = filling.get(path);
      if (left > 0 || !data) return;
      filling.delete(path);
      if (data.some(Number.isNaN)) {
        // The rest of it stands in a tensor that is left out.
        if (lenient.without?.size) return;
        throw new RuntimeFault(`the file has no number for some elements of \`${path}\``, where, [
          `the file may be damaged, or \`${layout}\` covers a part of the weight`,
        ]);
      }
      const shape = t.module.main.params[i]?.type.shape ?? [];
      // Numbers of 32 bits are kept in 32 bits.
      give(path, { dtype: "float", shape, data: wide.has(path) ? data : Float32Array.from(data) });
    });
  }
}

/** A position table and the like: the network computes it, so a file with another one is of another network. */
export function isSameTable(t: StartTensor, value: HostTensor): boolean {
  const [ours] = evaluate(t.module, []);
  let most = 0;
  let off = 0;
  ours?.data.forEach((x, i) => {
    most = Math.max(most, Math.abs(x));
    off = Math.max(off, Math.abs(x - (value.data[i] ?? 0)));
  });
  return off <= most * tableTolerance;
}
