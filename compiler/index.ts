/** The compiler's front door: from the path of a spec to diagnostics, plans and costs. */
import type { Diagnostic, Outcome } from "../grammar/diagnostic.js";
import type { SourceFile } from "../grammar/source.js";
import type { Item, PlanDecl } from "../grammar/tree.js";
import { Ctx } from "./elaborate/ctx.js";
import { positions } from "./elaborate/families.js";
import { fileScope } from "./elaborate/files.js";
import type { Instance } from "./elaborate/instance.js";
import { sourceInfo } from "./elaborate/sources.js";
import type { Host } from "./host.js";
import type { HostTensor } from "./ir/host.js";
import { applyAllows } from "./names/allow.js";
import { checkNames } from "./names/check.js";
import { type Library, type Loaded, load, loadLibrary } from "./names/load.js";
import type { FileSymbols } from "./names/symbols.js";
import { optimized } from "./optimize.js";
import { parseParams } from "./params.js";
import { engines, numberKey, precisions, wordKey } from "./plan/keys.js";
import { type Machine, withinMemory } from "./plan/memory.js";
import { notYet } from "./plan/not-yet.js";
import type {
  FieldInfo,
  FieldRef,
  Program,
  SamplePlan,
  SourceInfo,
  StartTensor,
  StateInfo,
  TrainPlan,
  WeightInfo,
} from "./plan/plan.js";
import { type BuiltSample, buildSample, type RunOf, type SampleDecl } from "./plan/sample.js";
import { type BuiltTrain, buildTrain } from "./plan/train.js";
import { type CompiledFixture, compileFixtures as fixturesOf } from "./plan/verify.js";
import { layoutTensors } from "./plan/weights.js";
import { specHash } from "./resolve/hash.js";
import { checkRules } from "./rules/index.js";
import type { PlanSummary, Spec } from "./spec.js";

export type { PlanSummary, Spec } from "./spec.js";

export interface LoadOptions {
  readonly set?: Readonly<Record<string, string>>;
  /** Samples drawn at once; 64. */
  readonly chunk?: number;
  /** For checks: samplers are tried at some of their steps and cannot be compiled. */
  readonly abridge?: boolean;
}

/** The same for all samplers of a spec that is only checked, so that they share the functions of their networks. */
const checkChunk = 8;

let library: { host: Host; outcome: Outcome<Library> } | undefined;

/** The library is read once a host. */
function libraryOf(host: Host): Outcome<Library> {
  if (library?.host !== host) library = { host, outcome: loadLibrary(host) };
  return library.outcome;
}

/** Reads, checks and elaborates a spec. The value is there whenever the file could be read; it is fit to compile if no error is reported. */
export function loadSpec(path: string, host: Host, options: LoadOptions = {}): Outcome<Spec | undefined> {
  const text = host.readText(path);
  if (text === undefined) return { value: undefined, diagnostics: [] };
  const std = libraryOf(host);
  const loaded = load(path, text, host, std.value);
  const diagnostics: Diagnostic[] = [...std.diagnostics, ...loaded.diagnostics];
  const names = checkNames(loaded.value, loaded.diagnostics);
  const params = parseParams(loaded.value.main, options.set ?? {});
  diagnostics.push(...names, ...params.diagnostics);
  // What the names already tell is not said a second time by the elaboration.
  const broken = loaded.value.broken || names.some((d) => d.severity === "error");
  const ctx = new Ctx(params.value);
  const spec = elaborate(path, { ...loaded.value, broken }, ctx, options);
  diagnostics.push(...ctx.diagnostics);
  if (!diagnostics.some((d) => d.severity === "error")) diagnostics.push(...checkRules(spec));
  return { value: spec, diagnostics: applyAllows(loaded.value.files, diagnostics) };
}

function elaborate(path: string, loaded: Loaded, ctx: Ctx, options: LoadOptions): Spec {
  const trains: BuiltTrain[] = [];
  const samples: BuiltSample[] = [];
  const sources = new Map<string, Instance>();
  const file = loaded.main;
  const noteSources = () => {
    for (const [p, i] of ctx.sources) sources.set(p, i);
  };
  if (!loaded.broken) {
    for (const item of file.tree.items) {
      if (item.kind !== "Plan" || item.plan !== "train") continue;
      const built = buildTrain(ctx, file, item);
      noteSources();
      if (built) trains.push(built);
    }
    const runs = runsOf(trains);
    ctx.freshProgram(0, new Set());
    ctx.abridged = options.abridge ?? false;
    for (const item of file.tree.items) {
      const isSample =
        (item.kind === "Plan" && item.plan === "sample") || (item.kind === "Instance" && item.of === "sample");
      if (!isSample) continue;
      for (const index of indices(ctx, loaded, item as SampleDecl)) {
        const built = buildSample(
          ctx,
          file,
          item as SampleDecl,
          runs,
          options.abridge ? checkChunk : options.chunk,
          index,
        );
        noteSources();
        if (built) samples.push(built);
      }
    }
  }
  return { path, loaded, ctx, trains, samples, sources, abridged: ctx.abridged, plans: () => summaries(file, samples) };
}

/** In the order of the file; a family of samplers is one plan a member. */
function summaries(file: FileSymbols, samples: readonly BuiltSample[]): PlanSummary[] {
  return file.tree.items.flatMap((item): PlanSummary[] => {
    const kind = item.kind === "Plan" ? item.plan : item.kind === "Instance" ? item.of : undefined;
    if (kind === "train" || kind === "evaluate") return [{ name: nameOf(item), kind }];
    if (kind !== "sample") return [];
    const own = samples.filter((s) => s.name === nameOf(item) || s.name.startsWith(`${nameOf(item)}(`));
    return own.map((s) => ({ name: s.name, kind, of: s.of, every: numberKey(s.keys, "every", 0) || undefined }));
  });
}

function nameOf(item: Item): string {
  return "name" in item ? item.name.text : "";
}

function indices(ctx: Ctx, loaded: Loaded, decl: SampleDecl): readonly (number | undefined)[] {
  if (decl.kind !== "Instance" || !decl.index) return [undefined];
  const range = decl.index.range;
  return ctx.attempt(() => positions(fileScope(ctx, loaded.main), range)) ?? [];
}

function runsOf(trains: readonly BuiltTrain[]): RunOf[] {
  return trains.map((t) => ({ name: t.name, averages: t.averages.map((a) => a.name), covered: t.covered }));
}

interface Reading {
  readonly fields: ReadonlyMap<string, FieldInfo>;
  readonly encoded: ReadonlyMap<string, FieldRef>;
}

function sourcesOf(spec: Spec, built: readonly { readonly frame: Reading }[]): SourceInfo[] {
  const byInstance = new Map<string, FieldInfo[]>();
  const encoded = new Map<string, FieldRef>();
  for (const { frame } of built) {
    for (const f of frame.fields.values()) {
      const list = byInstance.get(f.instance) ?? [];
      if (!list.some((x) => x.field === f.field)) list.push(f);
      byInstance.set(f.instance, list);
    }
    for (const [path, reads] of frame.encoded) encoded.set(path, reads);
  }
  return [...byInstance].flatMap(([path, fields]) => {
    const instance = spec.sources.get(path);
    return instance ? [sourceInfo(spec.ctx, instance, fields, encoded.get(path))] : [];
  });
}

function weightsOf(spec: Spec, programs: readonly Program[], covered: ReadonlySet<string>): WeightInfo[] {
  const paths = new Set<string>();
  for (const p of programs)
    for (const i of p.inputs) if (i.role === "weight" || i.role === "average") paths.add(i.path);
  return [...paths].flatMap((path) => {
    const entry = spec.ctx.weights.get(path);
    return entry ? [{ ...entry.info, trained: covered.has(path) }] : [];
  });
}

export interface CompileOptions extends Machine {
  /** Instead of the one the plan says. */
  readonly engine?: TrainPlan["engine"] | undefined;
}

/** Makes the plan of a run. What this version does not execute is said here, once each. */
export function compileTrain(spec: Spec, name?: string, options: CompileOptions = {}): Outcome<TrainPlan | undefined> {
  const built = name === undefined ? spec.trains[0] : spec.trains.find((t) => t.name === name);
  const diagnostics: Diagnostic[] = [];
  if (!built) return { value: undefined, diagnostics };
  diagnostics.push(...notYet(spec, built.decl, built));
  const engine = options.engine ?? wordKey(built.keys, "engine", "auto", engines);
  const whole = built.phases.map((p) => ({ from: p.from, program: optimized(p.program) }));
  const { value: phases, diagnostics: tooLarge } = withinMemory(built, whole, engine, options);
  diagnostics.push(...tooLarge);
  // A weight that no op reads is still one of the network's: it is stored, though no step is fed it.
  const programs = built.phases.map((p) => p.program);
  const used = new Set(programs.flatMap((p) => p.inputs.flatMap((i) => (i.role === "state" ? [i.path] : []))));
  const states: StateInfo[] = [...built.states.values()].filter((s) => used.has(s.path));
  const data = built.keys.get("data")?.value;
  return {
    value: {
      version: 1,
      kind: "train",
      name: built.name,
      spec: specHash(spec),
      seed: numberKey(built.keys, "seed", 0),
      engine: wordKey(built.keys, "engine", "auto", engines),
      precision: wordKey(built.keys, "precision", "f32", precisions),
      weights: weightsOf(spec, programs, built.covered),
      states,
      sources: sourcesOf(spec, built.phases),
      data: data?.kind === "instance" ? data.instance.path : "",
      batch: built.batch,
      steps: built.steps,
      averages: built.averages,
      checkpoint: numberKey(built.keys, "checkpoint", Math.min(50_000, built.steps)),
      log: numberKey(built.keys, "log", Math.min(50, built.steps)),
      start: built.start,
      phases,
    },
    diagnostics,
  };
}

export function compileSample(spec: Spec, name?: string): Outcome<SamplePlan | undefined> {
  const built = name === undefined ? spec.samples[0] : spec.samples.find((s) => s.name === name);
  if (!built) return { value: undefined, diagnostics: [] };
  if (spec.abridged) throw new Error("the spec was loaded for a check");
  const program = optimized(built.program);
  const run = spec.trains.find((t) => t.name === built.of);
  const average = program.inputs.find((i) => i.role === "average");
  return {
    value: {
      version: 1,
      kind: "sample",
      name: built.name,
      spec: specHash(spec),
      seed: numberKey(built.keys, "seed", 0),
      engine: wordKey(built.keys, "engine", "auto", engines),
      precision: wordKey(built.keys, "precision", "f32", precisions),
      weights: weightsOf(spec, [program], run?.covered ?? new Set()),
      states: [],
      sources: sourcesOf(spec, [built]),
      of: built.of,
      average: average?.role === "average" ? average.average : undefined,
      count: built.count,
      chunk: built.chunk,
      labels: built.labels,
      program,
    },
    diagnostics: [],
  };
}

export { optimized } from "./optimize.js";
export { cost } from "./plan/cost.js";
export { resolve } from "./resolve/resolve.js";
export type { PlanDecl, SourceFile };

/** The fixture maps of a spec as programs. `numbers`: the tensors of the fixture, for tables that it holds too. */
export function compileFixtures(spec: Spec, numbers: ReadonlyMap<string, HostTensor>): Outcome<CompiledFixture[]> {
  const before = spec.ctx.diagnostics.length;
  const value = fixturesOf(spec, numbers);
  return { value, diagnostics: spec.ctx.diagnostics.slice(before) };
}

export { weighted } from "./plan/weights.js";

/** What a file of this layout holds of an instance of the spec. */
export function compileLayout(spec: Spec, instance: string, layout: string): Outcome<StartTensor[] | undefined> {
  const before = spec.ctx.diagnostics.length;
  const value = layoutTensors(spec, instance, layout);
  return { value, diagnostics: spec.ctx.diagnostics.slice(before) };
}
