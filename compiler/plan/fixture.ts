/**
 * `layout NAME for run { … }`: a fixture file held against a plan (language reference §8.6). `weight/…` entries load weights, `input/…`
 * entries feed inputs of the program, `output/…` and `grad/…` entries are computed and compared.
 */
import type { Span } from "../../grammar/source.js";
import type { AxesSpec, LayoutDecl, LayoutEntry } from "../../grammar/tree.js";
import { guard, loopScope, positions } from "../elaborate/body.js";
import { toTensor } from "../elaborate/convert.js";
import type { Ctx } from "../elaborate/ctx.js";
import { plain } from "../elaborate/evaluation.js";
import { evaluate } from "../elaborate/expr.js";
import { fileScope } from "../elaborate/files.js";
import type { MainFrame } from "../elaborate/frame.js";
import type { Instance } from "../elaborate/instance.js";
import type { Scope } from "../elaborate/scope.js";
import type { TensorVal } from "../elaborate/values.js";
import type { FileSymbols } from "../names/symbols.js";
import { entryName, fileTensors, findLayout, inFileOrder, type FileTensor } from "./layout.js";

/** The name of an entry at a step: `input/x.{step}` counts the steps of a fixture of several. */
export type NameAt = (step: number) => string;

export interface FixtureInput {
  readonly nameAt: NameAt;
  /** Position of the parameter in the main function. */
  readonly input: number;
  /** Dimension i of the file is dimension `perm[i]` of the parameter. */
  readonly perm: readonly number[];
}

export interface FixtureOutput {
  readonly nameAt: NameAt;
  readonly value: TensorVal;
}

/** One weight, or one average, of the file. */
export interface FixtureWeights {
  /** The name of the entry: the names of its tensors begin with it. */
  readonly nameAt: NameAt;
  readonly tensors: readonly FileTensor[];
  readonly average: string | undefined;
}

export interface FixtureMap {
  readonly inputs: readonly FixtureInput[];
  readonly outputs: readonly FixtureOutput[];
  readonly weights: readonly FixtureWeights[];
  /** Gradients of the loss, by the names of the file. */
  readonly grads: readonly FixtureWeights[];
  /** `output/param…`: weights (or averages) after the step. */
  readonly after: readonly FixtureWeights[];
}

interface Entry {
  readonly nameAt: NameAt;
  readonly entry: LayoutEntry;
  readonly scope: Scope;
}

/** The entries of a fixture layout, loops written out. `step` may stand in names: `input/x.{step}`. */
function entriesOf(ctx: Ctx, layout: LayoutDecl, scope: Scope): Entry[] {
  const home = loopScope(scope, "step", 0);
  return layout.entries.flatMap((entry) =>
    ctx.attempt((): Entry[] => {
      let scopes: Scope[] = [home];
      for (const loop of entry.tail.loops) scopes = scopes.flatMap((s) => positions(s, loop.range).map((k) => loopScope(s, loop.index.text, k)));
      return scopes.filter((s) => !entry.tail.guard || guard(s, entry.tail.guard)).map((s) => ({ nameAt: (k: number) => entryName(entry, loopScope(s, "step", k)), entry, scope: s }));
    }) ?? [],
  );
}

/** Evaluates a fixture layout in the body of a plan: `scope` sees what the plan sees. */
export function readFixture(ctx: Ctx, file: FileSymbols, layout: LayoutDecl, scope: Scope, frame: MainFrame): FixtureMap {
  const inputs: FixtureInput[] = [];
  const outputs: FixtureOutput[] = [];
  const weights: FixtureWeights[] = [];
  const grads: FixtureWeights[] = [];
  const after: FixtureWeights[] = [];
  for (const { nameAt, entry, scope: s } of entriesOf(ctx, layout, scope)) {
    ctx.attempt(() => {
      const name = nameAt(0);
      const group = name.slice(0, name.indexOf("/"));
      const asLayout = entry.as && "text" in entry.as ? entry.as.text : undefined;
      const tensors = () => (asLayout === undefined ? single(ctx, file, entry, nameAt, s) : modelTensors(ctx, file, entry, asLayout, nameAt, s));
      switch (group) {
        case "weight":
          weights.push(tensors());
          return;
        case "grad":
          grads.push(tensors());
          return;
        case "input":
          inputs.push(fixtureInput(ctx, entry, nameAt, s, frame));
          return;
        case "output":
          if (asLayout !== undefined) after.push(tensors());
          else outputs.push({ nameAt, value: inFileOrder(toTensor(s, privately(entry, s), entry.ours.span), axesOf(entry), s) });
          return;
        default:
          return ctx.fail("fixture-group", { name }, entry.nameSpan);
      }
    });
  }
  return { inputs, outputs, weights, grads, after };
}

function axesOf(entry: LayoutEntry): AxesSpec | undefined {
  return entry.as && !("text" in entry.as) ? entry.as : undefined;
}

/** `net as SiTOfficial`, `net.block(1).attn.qkv as Torch`, `ema(net) as SiTOfficial`. */
function modelTensors(ctx: Ctx, file: FileSymbols, entry: LayoutEntry, layoutName: string, nameAt: NameAt, s: Scope): FixtureWeights {
  const name = nameAt(0);
  const { instance, average, path } = instanceOf(ctx, entry, s);
  const layout = findLayout(s, layoutName, entry.span);
  if (path.length === 0) return { tensors: fileTensors(ctx, layout, instance, name, fileScope(ctx, file)), average, nameAt };
  const nested: LayoutDecl = { ...layout, entries: [{ name: [""], nameSpan: entry.nameSpan, ours: pathExpr(path, entry.ours.span), as: { text: layoutName, span: entry.span }, tail: { loops: [] }, span: entry.span }] };
  return { tensors: fileTensors(ctx, nested, instance, name, fileScope(ctx, file)), average, nameAt };
}

/** One weight by its path. */
function single(ctx: Ctx, file: FileSymbols, entry: LayoutEntry, nameAt: NameAt, s: Scope): FixtureWeights {
  const name = nameAt(0);
  const { instance, average, path } = instanceOf(ctx, entry, s);
  const one: LayoutDecl = {
    kind: "Layout",
    name: { text: "", span: entry.span },
    target: { text: "", span: entry.span },
    entries: [{ name: [""], nameSpan: entry.nameSpan, ours: pathExpr(path, entry.ours.span), as: entry.as, tail: { loops: [] }, span: entry.span }],
    span: entry.span,
  };
  return { tensors: fileTensors(ctx, one, instance, name, fileScope(ctx, file)), average, nameAt };
}

function pathExpr(path: readonly string[], span: Span): LayoutEntry["ours"] {
  let e: LayoutEntry["ours"] = { kind: "Name", name: path[0] ?? "self", span };
  for (const step of path.slice(1))
    e = /^\d+$/.test(step)
      ? { kind: "Call", callee: e, args: [{ value: { kind: "Number", value: Number(step), whole: true, span }, span }], rest: false, span }
      : { kind: "Member", object: e, name: { text: step, span }, span };
  return e;
}

/** The instance at the root of our side, and the path below it. */
function instanceOf(ctx: Ctx, entry: LayoutEntry, s: Scope): { instance: Instance; average: string | undefined; path: string[] } {
  let e = entry.ours;
  const path: string[] = [];
  for (;;) {
    if (e.kind === "Group") e = e.inner;
    else if (e.kind === "Member") {
      path.unshift(e.name.text);
      e = e.object;
    } else if (e.kind === "Call" && e.args.length === 1 && e.callee.kind !== "Name") {
      const v = plain(evaluate(e.args[0]?.value ?? e, s));
      path.unshift(v.kind === "number" ? String(v.value) : "");
      e = e.callee;
    } else break;
  }
  const v = plain(evaluate(e, s));
  if (v.kind !== "instance") return ctx.fail("layout-path", {}, entry.ours.span);
  return { instance: v.instance, average: v.mode.average, path };
}

/** In a fixture map also `let`s can be read: it is a test of the body, not a use of it. */
function privately(entry: LayoutEntry, s: Scope) {
  s.ctx.privateNames += 1;
  try {
    return evaluate(entry.ours, s);
  } finally {
    s.ctx.privateNames -= 1;
  }
}

function fixtureInput(ctx: Ctx, entry: LayoutEntry, nameAt: NameAt, s: Scope, frame: MainFrame): FixtureInput {
  const name = nameAt(0);
  const v = plain(privately(entry, s));
  if (v.kind !== "tensor") return ctx.fail("fixture-input", { name }, entry.ours.span);
  const input = frame.builder.fn.params.indexOf(v.node);
  if (input < 0) return ctx.fail("fixture-input", { name }, entry.ours.span);
  const spec = axesOf(entry);
  const perm = spec ? spec.items.flatMap((i) => (i.kind === "axis" ? [v.axes.findIndex((a) => a.name === i.name.text)] : [])) : v.axes.map((_, i) => i);
  if (perm.some((p) => p < 0) || perm.length !== v.axes.length) return ctx.fail("layout-axes", { axes: v.axes.map((a) => a.name).join(", ") }, entry.span);
  return { nameAt, input, perm };
}
