/** A `sample` plan as a program: one batch of samples, drawn from the weights of a run. */
import type { Fix } from "../../grammar/diagnostic.js";
import type { Span } from "../../grammar/source.js";
import type { InstanceDecl, PlanDecl, Setting } from "../../grammar/tree.js";
import { type Axis, axis, freshTag, sameAxis } from "../elaborate/axes.js";
import { declareBody } from "../elaborate/body.js";
import { bindShape, callInline, checkRequires } from "../elaborate/call.js";
import { reveal, toTensor } from "../elaborate/convert.js";
import type { Ctx } from "../elaborate/ctx.js";
import { plain } from "../elaborate/evaluation.js";
import { evaluate } from "../elaborate/expr.js";
import { loopScope } from "../elaborate/families.js";
import { fileScope } from "../elaborate/files.js";
import { MainFrame } from "../elaborate/frame.js";
import { planSettingKeys, resolveRef } from "../elaborate/make-instance.js";
import { Scope } from "../elaborate/scope.js";
import { evaluateShape } from "../elaborate/shapes.js";
import { spread } from "../elaborate/tensors.js";
import { describe, plainMode, type Val } from "../elaborate/values.js";
import type { FileSymbols } from "../names/symbols.js";
import type { FixtureMap } from "./fixture.js";
import { type Key, numberKey, readKeys, sampleKeys } from "./keys.js";
import type { Output, Program } from "./plan.js";
import type { ReadProbes } from "./train.js";

export type SampleDecl = InstanceDecl | PlanDecl;

export interface BuiltSample {
  readonly name: string;
  readonly keys: ReadonlyMap<string, Key>;
  readonly of: string;
  readonly count: number;
  readonly chunk: number;
  readonly labels: readonly number[];
  readonly program: Program;
  readonly frame: MainFrame;
  readonly fixture: FixtureMap | undefined;
}

/** The train plan a sample belongs to, and the averages it keeps. */
export interface RunOf {
  readonly name: string;
  readonly averages: readonly string[];
  /** Weights with an averaged copy. */
  readonly covered: ReadonlySet<string>;
}

/** `of: run`, or the only run there is. */
export function runOf(ctx: Ctx, name: string, keys: ReadonlyMap<string, Key>, runs: readonly RunOf[], at: Span): RunOf {
  const of = keys.get("of");
  if (of?.value.kind === "word") {
    const word = of.value.word;
    return (
      runs.find((r) => r.name === word) ??
      ctx.fail("unknown-plan", { name: word, kind: "train" }, of.span, {
        help: [`train plans here: ${runs.map((r) => r.name).join(", ")}`],
      })
    );
  }
  const [only, ...more] = runs;
  // A file may draw from a network that it does not train; who runs it says where the weights are.
  if (!only) return { name: "", averages: [], covered: new Set() };
  if (more.length > 0) return ctx.fail("plan-needed", { plan: name, have: runs.map((r) => r.name).join(", ") }, at);
  return only;
}

export function sampleSettings(decl: SampleDecl): { keys: Setting[]; at: Span } {
  if (decl.kind === "Plan") return { keys: [...decl.keys], at: decl.name.span };
  return { keys: (decl.ref.settings ?? []).filter((s) => planSettingKeys.has(s.name.text)), at: decl.name.span };
}

const instanceKeys = Object.fromEntries(Object.entries(sampleKeys).map(([k, row]) => [k, { ...row, required: false }]));

export function buildSample(
  ctx: Ctx,
  file: FileSymbols,
  decl: SampleDecl,
  runs: readonly RunOf[],
  chunkWanted: number | undefined,
  index?: number,
  probes?: ReadProbes,
): BuiltSample | undefined {
  return ctx.attempt(() => {
    const name = index === undefined ? decl.name.text : `${decl.name.text}(${index})`;
    const home = fileScope(ctx, file);
    const { keys: written, at } = sampleSettings(decl);
    const keys = readKeys(home, written, decl.kind === "Plan" ? sampleKeys : instanceKeys, "sample", at);
    const run = runOf(ctx, name, keys, runs, at);
    ctx.averages = run.averages;
    ctx.freshProgram(Number.MAX_SAFE_INTEGER / 2, new Set());
    const frame = new MainFrame("sample", ctx.fns);
    const inner = decl.kind === "Instance" ? loopScope(home, decl.index?.name.text, index) : home;
    const prepared =
      decl.kind === "Plan"
        ? planBody(ctx, decl, inner, keys, frame, chunkWanted)
        : instanceBody(ctx, decl, inner, frame, chunkWanted);
    const { value, count, chunk, labels } = prepared;
    const outputs: Output[] = [];
    const nodes = fieldsOf(value).map(([field, v]) => {
      outputs.push({ role: "sample", field });
      const t = toTensor(prepared.scope, v, at);
      const rest = inOrderOf(
        prepared.inner.starFields?.get(field) ?? prepared.inner.star ?? [],
        t.axes.filter((a) => a.name !== "count"),
      );
      const order: Axis[] = [axis("count", chunk), ...rest];
      const counted = t.axes.some((a) => a.name === "count") ? t : { ...t };
      return spread(
        counted,
        order.map((o) => t.axes.find((a) => sameAxis(a, o)) ?? o),
      ).node;
    });
    const fixture = probes?.(prepared.inner, frame);
    for (const p of fixture?.outputs ?? []) {
      outputs.push({ role: "probe", name: p.nameAt(0) });
      nodes.push(p.value.node);
    }
    frame.builder.finish(nodes);
    ctx.fns.delete(frame.builder.fn.name);
    const inputs = frame.inputs.map((i) =>
      i.role === "average" && !run.covered.has(i.path) ? { role: "weight" as const, path: i.path } : i,
    );
    if (run.averages.length > 0 && inputs.some((i) => i.role === "weight" && run.covered.has(i.path)))
      ctx.report("sample-not-averaged", { name, average: run.averages[0] ?? "" }, at, {
        help: ["`model: ema(net)`"],
        fixes: averaged(decl),
      });
    const program: Program = {
      module: { fns: ctx.fns, main: frame.builder.fn },
      inputs,
      outputs,
      draws: [...frame.draws.values()],
    };
    return { name, keys, of: run.name, count, chunk, labels, program, frame, fixture };
  });
}

/** `model: net` as `model: ema(net)`. */
function averaged(decl: SampleDecl): Fix[] {
  const model = decl.kind === "Instance" ? decl.ref.settings?.find((s) => s.name.text === "model")?.value : undefined;
  if (model?.kind !== "Name") return [];
  return [{ title: `write ema(${model.name})`, edits: [{ span: model.span, text: `ema(${model.name})` }] }];
}

/** A sample has its axes in the order of `like`, whatever order the equations left them in. */
function inOrderOf(like: readonly Axis[], axes: readonly Axis[]): Axis[] {
  const place = (a: Axis) => {
    const i = like.findIndex((b) => b.name === a.name);
    return i < 0 ? like.length : i;
  };
  return [...axes].sort((a, b) => place(a) - place(b));
}

function fieldsOf(v: Val): [string, Val][] {
  const x = plain(v);
  return x.kind === "record" ? [...x.fields] : [["", x]];
}

interface Prepared {
  readonly value: Val;
  readonly scope: Scope;
  /** The body: where the names of a fixture map stand. */
  readonly inner: Scope;
  readonly count: number;
  readonly chunk: number;
  readonly labels: readonly number[];
}

/** The scope of a sampler: its body is one sample, mapped over `count`, an axis it cannot see. */
function sampleScope(ctx: Ctx, home: Scope, frame: MainFrame, name: string, chunk: number): Scope {
  const lifted = axis("count", chunk, freshTag());
  return new Scope({
    ctx,
    kind: "plan",
    parent: home,
    file: home.file,
    frame,
    training: false,
    path: name,
    drawPath: name,
    lifted: [lifted],
    tag: lifted.tag,
  });
}

export const defaultChunk = 64;

function instanceBody(
  ctx: Ctx,
  decl: InstanceDecl,
  home: Scope,
  frame: MainFrame,
  chunkWanted: number | undefined,
): Prepared {
  const ref = resolveRef(decl.ref, home);
  if (ref.kind !== "definition" || ref.symbol.decl.of !== "sample")
    return ctx.fail(
      "wrong-kind",
      { wanted: "a definition of kind sample", found: ref.kind === "error" ? "a mistake" : describe(ref) },
      decl.ref.span,
    );
  const given = ref.given.get("count");
  const count = settingNumber(given?.value, 1);
  if (count < 1)
    return ctx.fail(
      "key-type",
      { name: "count", wanted: "a whole number from 1", found: `the number ${count}` },
      given?.setting.span ?? decl.ref.span,
    );
  const chunk = Math.min(count, chunkWanted ?? defaultChunk);
  const labels = ref.given.get("labels")?.value;
  const name = decl.name.text;
  const P = sampleScope(ctx, home, frame, name, chunk);
  const evaluation = callInline(
    P,
    { symbol: ref.symbol, given: ref.given, preset: ref.preset, instance: undefined, mode: plainMode },
    { positional: [], named: new Map() },
    decl.ref.span,
    name,
    new Map(),
  );
  const value = reveal(ctx, plain(evaluation.output), 0, decl.span);
  return {
    value,
    scope: P,
    inner: evaluation.scope ?? P,
    count,
    chunk,
    labels: labels?.kind === "list" ? labels.items.flatMap((x) => (x.kind === "number" ? [x.value] : [])) : [],
  };
}

function planBody(
  ctx: Ctx,
  decl: PlanDecl,
  home: Scope,
  keys: ReadonlyMap<string, Key>,
  frame: MainFrame,
  chunkWanted: number | undefined,
): Prepared {
  const count = numberKey(keys, "count", 1);
  const chunk = Math.min(count, chunkWanted ?? defaultChunk);
  const name = decl.name.text;
  const P = sampleScope(ctx, home, frame, name, chunk);
  const like = decl.keys.find((k) => k.name.text === "like");
  if (like) bindShape(P, evaluateShape(like.value ?? { kind: "Name", name: "like", span: like.span }, home));
  declareBody(P, decl.body, new Map());
  P.statements.push(...decl.body);
  checkRequires(P, decl.body, decl.name.span);
  const result = P.body.result;
  if (!result) return ctx.silent();
  const value = reveal(ctx, plain(evaluate(result, P)), 0, result.span);
  return { value, scope: P, inner: P, count, chunk, labels: [] };
}

function settingNumber(v: Val | undefined, otherwise: number): number {
  return v?.kind === "number" ? v.value : otherwise;
}
