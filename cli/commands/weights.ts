import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import type { Command } from "commander";
import type { SamplePlan, Start, TrainPlan } from "../../compiler/plan/plan.js";
import type { Chosen } from "../../runtime/weights/tensor-file.js";
import type { Settings } from "../compiler.js";
import { couldNotRun, declined } from "../failure.js";
import { accept, type Opened, openSpec } from "../load.js";
import { table } from "../numbers.js";
import { setOption } from "../options.js";
import { print, printLine, say } from "../output.js";
import { holdings, matchText } from "../weights-text.js";

interface ImportOptions {
  readonly spec?: string;
  readonly model?: string;
  readonly layout?: string;
  readonly key?: string;
  readonly plan?: string;
  readonly run?: string;
  readonly set?: Settings;
  readonly partial?: true;
  readonly force?: true;
}

interface ExportOptions {
  readonly out: string;
  readonly spec?: string;
  readonly model?: string;
  readonly layout?: string;
  readonly average?: string;
  readonly force?: true;
}

const aboutImport = `
FILE is a .safetensors, or a .pt or .pth of PyTorch; it is known by its first bytes. A pickle in it is read and never run: a file that
tries to reach anything but tensors is refused. Without --spec the command tells what the file holds.
Official checkpoints hold several state dicts. Without --key the first of \`ema\`, \`model\`, \`state_dict\` is taken, as official samplers
draw from the average. A key reaches further down with dots, and cuts what all names begin with: --key model.module`;

const aboutExport = `
By the ending of --out: .safetensors, or .pt and .pth as torch.save writes. Numbers are written in 32 bits. Without --average the average
of the run is taken if it has exactly one.`;

export function weights(program: Command): void {
  const group = program.command("weights").summary("take official weights, and hand ours back");
  group
    .command("import")
    .summary("make a run of weights from a file")
    .description("Takes the weights of a file into a run folder, for `dit sample`, `dit train --resume` and `load(…)`.")
    .argument("<file>", "a file of weights")
    .option("--spec <file>", "the spec whose network they are for")
    .option("--layout <name>", "whose names the file has, as `SiTOfficial` (default: our own)")
    .option("--key <key>", "which dict of the file")
    .option("--model <name>", "which network of the spec, where it has several")
    .option("--plan <name>", "which `train`, where the spec has several")
    .option("--run <name>", "the run folder: a path, or a name in runs/ (default: the name of the file)")
    .addOption(setOption())
    .option("--partial", "take what fits, where not all of it does")
    .option("--force", "throw away a run that is there")
    .addHelpText("after", aboutImport)
    .action(runImport);
  group
    .command("export")
    .summary("write the weights of a run for others")
    .description(
      "Writes the weights of the newest checkpoint of a run, or of a checkpoint, under the names of a layout.",
    )
    .argument("<run>", "a run folder or one of its checkpoints")
    .requiredOption("-o, --out <file>", "a .safetensors, .pt or .pth file")
    .option("--layout <name>", "whose names the file gets (default: our own)")
    .option("--average <name>", "which average; `none` for the weights themselves")
    .option("--model <name>", "which network, where the spec has several")
    .option("--spec <file>", "a spec that declares the layout (default: that of the run)")
    .option("--force", "overwrite a file that is there")
    .addHelpText("after", aboutExport)
    .action(runExport);
}

async function runImport(path: string, options: ImportOptions): Promise<void> {
  const { choose, openTensorFile } = await import("../../runtime/weights/tensor-file.js");
  const file = await openTensorFile(path);
  try {
    if (options.spec === undefined) {
      print(holdings(file));
      return say(`${file.entries.size} tensors; \`--spec FILE\` takes them into a run of that spec`);
    }
    const chosen = choose(file, options.key);
    if (chosen.why) say(chosen.why);
    await take(chosen, path, await openSpec(options.spec, options.set), options);
  } finally {
    await file.close();
  }
}

async function take({ source, key }: Chosen, path: string, opened: Opened, options: ImportOptions): Promise<void> {
  const { match, isWhole } = await import("../../runtime/weights/match.js");
  const { allWeights, importWeights } = await import("../../runtime/weights/import.js");
  const { weightsBelow } = await import("../../runtime/train/start.js");
  const model = chooseModel(opened, options.model);
  const { plan, samplers } = plansOf(opened, options.plan);
  const folder = folderOf(options.run ?? basename(path, extname(path)));
  await refuseOld(folder, options.force);
  const own = weightsBelow(allWeights(plan, samplers), model.path);
  if (own.length === 0)
    throw couldNotRun(`neither a \`train\` nor a \`sample\` of \`${opened.path}\` reaches \`${model.name}\``);
  const tensors = tensorsOf(opened, model, options.layout);
  const matching = match(source, own, tensors);
  const other = model.layouts.filter((l) => l !== options.layout);
  if (matching.matched.length === 0)
    throw couldNotRun(
      "no tensor of the file fits",
      ...(options.layout === undefined && other.length > 0
        ? [`say whose names it has: --layout ${other.join(" or ")}`]
        : []),
      ...prefixHelp([...source.entries.keys()], key),
    );
  const names = options.layout === undefined ? "names of ours" : `layout ${options.layout}`;
  print(matchText(matching, `${path}${key ? `, key ${key}` : ""}`, `${model.name}, ${names}`));
  if (!isWhole(matching) && !options.partial)
    throw couldNotRun(
      "the file and the network do not fit in every part",
      "`--partial` takes what fits; weights that nothing fills start as in a new run",
      "compare the settings of the network with those the file was trained with",
    );
  const tables: string[] = [];
  const start: Start = { instance: model.path, file: path, layout: options.layout, tensors };
  const { paths, checkpoint } = await importWeights({
    source,
    start,
    matching,
    plan,
    samplers,
    base: dirname(opened.path),
    folder: {
      folder,
      spec: readFileSync(opened.path, "utf8"),
      resolved: opened.compiler.resolve(opened.spec),
      specPath: opened.path,
      again: options.force,
    },
    table: options.partial ? (name) => tables.push(name) : undefined,
  });
  for (const name of tables) say(`the table \`${name}\` of the file is another one; the network computes its own`);
  print(
    table([
      ["run", paths.folder],
      ["checkpoint", checkpoint],
    ]),
  );
  if (samplers.length > 0) say(`next: dit sample ${paths.folder}`);
}

interface Model {
  readonly name: string;
  readonly path: string;
  readonly layouts: readonly string[];
}

/** The instance of this name, or the only model. */
function chooseModel({ path, compiler, spec }: Opened, wanted: string | undefined): Model {
  const all = compiler.weighted(spec);
  const named = wanted === undefined ? all.filter((m) => m.kind === "model") : all.filter((m) => m.name === wanted);
  const [only] = named;
  if (only && named.length === 1) return only;
  const list = (wanted === undefined && named.length > 0 ? named : all).map((m) => `\`${m.name}\``).join(", ");
  if (all.length === 0) throw couldNotRun(`\`${path}\` has nothing with weights that a plan reaches`);
  throw wanted === undefined
    ? couldNotRun(
        `\`${path}\` has ${named.length > 0 ? "several models" : "no model"}: ${list}`,
        "say which one: --model NAME",
      )
    : couldNotRun(`\`${path}\` has no \`${wanted}\` with weights`, `it has ${list}`);
}

/** The training of the spec and its samplers; without one, all samplers. */
function plansOf(opened: Opened, wanted: string | undefined): { plan: TrainPlan | undefined; samplers: SamplePlan[] } {
  const { path, compiler, spec } = opened;
  const plans = spec.plans();
  const trains = plans.filter((p) => p.kind === "train");
  const train = wanted === undefined ? trains[0] : trains.find((p) => p.name === wanted);
  const names = trains.map((p) => `\`${p.name}\``).join(", ");
  if (wanted !== undefined && !train)
    throw couldNotRun(`\`${path}\` has no \`train\` named \`${wanted}\``, `it has ${names || "none"}`);
  if (wanted === undefined && trains.length > 1)
    throw couldNotRun(`\`${path}\` has several: ${names}`, "say which one: --plan NAME");
  const plan = train && accept(path, compiler.compileTrain(spec, train.name));
  const samplers = plans.filter((p) => p.kind === "sample" && (train === undefined || p.of === train.name));
  if (!plan && samplers.length === 0)
    throw couldNotRun(`\`${path}\` has neither \`train\` nor \`sample\`: nothing would use the weights`);
  return { plan, samplers: samplers.map((p) => accept(path, compiler.compileSample(spec, p.name))) };
}

function tensorsOf({ path, compiler, spec }: Opened, model: Model, layout: string | undefined): Start["tensors"] {
  if (layout === undefined) return undefined;
  if (!model.layouts.includes(layout)) {
    const list = model.layouts.map((l) => `\`${l}\``).join(", ");
    throw couldNotRun(
      `there is no layout \`${layout}\` for \`${model.name}\``,
      list ? `there are ${list}` : "declare one: `layout NAME for DEFINITION { … }`, see spec/language.md, Layout",
    );
  }
  return accept(path, compiler.compileLayout(spec, model.name, layout));
}

async function refuseOld(folder: string, force: true | undefined): Promise<void> {
  const { isRunFolder } = await import("../../runtime/run-folder.js");
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  if (!isRunFolder(folder))
    throw declined(`\`${folder}\` holds something else than a run`, "`--run OTHER` gives this one another name");
  if (!force)
    throw declined(
      `the run \`${folder}\` is there already`,
      "`--run OTHER` gives this one another name",
      "`--force` throws it away",
    );
}

function folderOf(run: string): string {
  return /[\\/]/.test(run) ? run : join("runs", run);
}

/** All names begin alike: what wraps a network (`module.`, `_orig_mod.`) stands there. */
function prefixHelp(names: readonly string[], key: string): string[] {
  const first = names[0]?.split(".")[0];
  if (first === undefined || !names.every((name) => name.startsWith(`${first}.`))) return [];
  return [`all names begin with \`${first}.\`: --key ${key ? `${key}.` : ""}${first}`];
}

/** The spec that a run folder holds, if it is all there. */
function ownSpec(resolved: string): string {
  if (/^use "/m.test(readFileSync(resolved, "utf8")))
    throw couldNotRun(
      "the spec of the run uses other files, which are not in its folder",
      "say where it is: --spec FILE",
    );
  return resolved;
}

async function runExport(run: string, options: ExportOptions): Promise<void> {
  if (!/\.(safetensors|pth?)$/.test(options.out))
    throw couldNotRun(`\`${options.out}\`: weights are written as .safetensors, .pt or .pth`);
  if (existsSync(options.out) && !options.force)
    throw declined(`\`${options.out}\` is there already; nothing was written`, "`--force` overwrites it");
  const { isRunFolder, runFolderPaths } = await import("../../runtime/run-folder.js");
  const folder = [run, join(run, "..", "..")].find(isRunFolder);
  if (folder === undefined)
    throw couldNotRun(
      `\`${run}\` is not the folder of a run`,
      "`dit train` makes one in runs/, `dit weights import` too",
    );
  const opened = await openSpec(options.spec ?? ownSpec(runFolderPaths(folder).resolved));
  const model = chooseModel(opened, options.model);
  const tensors = tensorsOf(opened, model, options.layout);
  const { readCheckpoint, resolveCheckpoint } = await import("../../runtime/checkpoint/checkpoint.js");
  const { exported, weightsOf, writeTensors } = await import("../../runtime/weights/export.js");
  const checkpoint = await resolveCheckpoint(run);
  const { state } = await readCheckpoint(checkpoint);
  const names = [...state.averages.keys()];
  const average =
    options.average === "none" ? undefined : (options.average ?? (names.length === 1 ? names[0] : undefined));
  if (options.average === undefined && average !== undefined)
    say(`taking the average \`${average}\`; --average none takes the weights themselves`);
  const tensorsOut = exported(weightsOf(state, average, checkpoint), model.path, tensors, checkpoint);
  mkdirSync(dirname(options.out), { recursive: true });
  await writeTensors(options.out, tensorsOut);
  printLine(options.out);
  say(`${tensorsOut.size} tensors, ${options.layout === undefined ? "names of ours" : `layout ${options.layout}`}`);
}
