/**
 * `layout NAME for run { … }`: a fixture file held against a plan (language reference §8.6). `weight/…` entries load weights, `input/…`
 * entries feed inputs of the program, `output/…` and `grad/…` entries are computed and compared.
 */

import type { Span } from "../../grammar/source.js";
import type { AxesSpec, Expr, LayoutDecl, LayoutEntry } from "../../grammar/tree.js";
import { type Axis, axis, visible } from "../elaborate/axes.js";
import { guard } from "../elaborate/body.js";
import { copyOps } from "../elaborate/constants.js";
import { reveal, toNumber, toTensor } from "../elaborate/convert.js";
import type { Ctx } from "../elaborate/ctx.js";
import { plain } from "../elaborate/evaluation.js";
import { evaluate, evaluateStatic } from "../elaborate/expr.js";
import { loopScope, positions } from "../elaborate/families.js";
import { fileScope } from "../elaborate/files.js";
import { MainFrame } from "../elaborate/frame.js";
import type { Instance } from "../elaborate/instance.js";
import { Scope } from "../elaborate/scope.js";
import { constant, mean, relabel } from "../elaborate/tensors.js";
import type { TensorVal } from "../elaborate/values.js";
import type { Value as Node } from "../ir/graph.js";
import type { FileSymbols } from "../names/symbols.js";
import { entryName, type FileTensor, fileTensors, findLayout, inFileOrder } from "./layout.js";
import type { StartTensor } from "./plan.js";

/** The name of an entry at a step: `input/x.{step}` counts the steps of a fixture of several. */
export type NameAt = (step: number) => string;

/** One tensor of the file, made of inputs by forms that only move elements; its `weights` are positions of parameters of the program. */
export interface FixtureInput {
  readonly nameAt: NameAt;
  readonly tensor: StartTensor;
  /** Of indices: the one past the last, which stands for `none` in files that give the null label a row of its own. */
  readonly none: number | undefined;
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
  /** Gradients of what: `undefined` where each weight has that of the `minimize` that takes it. */
  readonly total?: TensorVal;
  /** `state(loss.m, net)`: its path in front of the weight's, `loss.m`. */
  readonly state: string | undefined;
  /** The file holds this many times ours: `(0.1 * state(loss.m, net)) as Official`. */
  readonly factor: number;
}

/** The probe that holds the gradient by a weight: of the total of the entry `of`, or of its `minimize`. */
export function gradientName(of: string | undefined, path: string): string {
  return of === undefined ? `grad:${path}` : `grad ${of}:${path}`;
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
function entriesOf(ctx: Ctx, file: FileSymbols, layout: LayoutDecl, scope: Scope): Entry[] {
  // Names of the file that holds the map are seen besides those of the body.
  const home = new Scope({ ctx, kind: "loop", parent: scope, file, frame: undefined });
  home.bindings.set("step", { kind: "value", value: { kind: "number", value: 0 } });
  return layout.entries.flatMap(
    (entry) =>
      ctx.attempt((): Entry[] => {
        let scopes: Scope[] = [home];
        for (const loop of entry.tail.loops)
          scopes = scopes.flatMap((s) => positions(s, loop.range).map((k) => loopScope(s, loop.index.text, k)));
        return scopes
          .filter((s) => !entry.tail.guard || guard(s, entry.tail.guard))
          .map((s) => ({ nameAt: (k: number) => entryName(entry, loopScope(s, "step", k)), entry, scope: s }));
      }) ?? [],
  );
}

/** Evaluates a fixture layout in the body of a plan: `scope` sees what the plan sees. */
export function readFixture(
  ctx: Ctx,
  file: FileSymbols,
  layout: LayoutDecl,
  scope: Scope,
  frame: MainFrame,
): FixtureMap {
  const inputs: FixtureInput[] = [];
  const outputs: FixtureOutput[] = [];
  const weights: FixtureWeights[] = [];
  const grads: FixtureWeights[] = [];
  const after: FixtureWeights[] = [];
  for (const { nameAt, entry, scope: s } of entriesOf(ctx, file, layout, scope)) {
    ctx.attempt(() => {
      const name = nameAt(0);
      const group = name.slice(0, name.indexOf("/"));
      const asLayout = entry.as && "text" in entry.as ? entry.as.text : undefined;
      const tensors = (of: LayoutEntry = entry) =>
        asLayout === undefined ? single(ctx, file, of, nameAt, s) : modelTensors(ctx, file, of, asLayout, nameAt, s);
      const gradient = group === "output" || group === "grad" ? gradientEntry(entry) : undefined;
      if (gradient) {
        const total = toTensor(
          s,
          reveal(ctx, plain(privately(gradient.total, s)), 0, entry.ours.span),
          entry.ours.span,
        );
        grads.push({ ...tensors({ ...entry, ours: gradient.by }), total: mean(total, visible(total.axes)) });
        return;
      }
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
          else outputs.push({ nameAt, value: inFileOrder(outputValue(ctx, entry, s), axesOf(entry), s) });
          return;
        default:
          return ctx.fail("fixture-group", { name }, entry.nameSpan);
      }
    });
  }
  return { inputs, outputs, weights, grads, after };
}

/** `grad(loss, net) as SiTOfficial`: the gradient of something, by the weights of a layout. */
function gradientEntry({ ours, as }: LayoutEntry): { total: Expr; by: Expr } | undefined {
  if (!as || ours.kind !== "Call" || ours.callee.kind !== "Name" || ours.callee.name !== "grad") return undefined;
  const [total, by] = ours.args;
  return total && by ? { total: total.value, by: by.value } : undefined;
}

function axesOf(entry: LayoutEntry): AxesSpec | undefined {
  return entry.as && !("text" in entry.as) ? entry.as : undefined;
}

/** All axes of a value are the file's; a list of numbers (the times of a grid) is a tensor of one axis. */
function outputValue(ctx: Ctx, entry: LayoutEntry, s: Scope): TensorVal {
  const v = reveal(ctx, plain(privately(entry.ours, s)), 0, entry.ours.span);
  if (v.kind === "list" && v.items.every((x) => x.kind === "number"))
    return constant(
      s.frame,
      v.items.map((x) => (x.kind === "number" ? x.value : 0)),
      [axis("item", v.items.length)],
    );
  return ofOneSample(toTensor(s, v, entry.ours.span));
}

/** One sample is no axis of the file. */
function ofOneSample(t: TensorVal): TensorVal {
  return t.axes.some(isSingle)
    ? relabel(
        t,
        t.axes.filter((a) => !isSingle(a)),
      )
    : t;
}

function isSingle(a: Axis): boolean {
  return a.name === "count" && a.size === 1;
}

/** `net as SiTOfficial`, `net.block(1).attn.qkv as Torch`, `ema(net) as SiTOfficial`. */
function modelTensors(
  ctx: Ctx,
  file: FileSymbols,
  entry: LayoutEntry,
  layoutName: string,
  nameAt: NameAt,
  s: Scope,
): FixtureWeights {
  const name = nameAt(0);
  const { instance, path, ...what } = instanceOf(ctx, entry, s);
  const layout = findLayout(s, layoutName, entry.span);
  if (path.length === 0)
    return { tensors: fileTensors(ctx, layout, instance, name, fileScope(ctx, file)), ...what, nameAt };
  const nested: LayoutDecl = {
    ...layout,
    entries: [
      {
        name: [""],
        nameSpan: entry.nameSpan,
        ours: pathExpr(path, entry.ours.span),
        as: { text: layoutName, span: entry.span },
        tail: { loops: [] },
        span: entry.span,
      },
    ],
  };
  return { tensors: fileTensors(ctx, nested, instance, name, fileScope(ctx, file)), ...what, nameAt };
}

/** One weight by its path. */
function single(ctx: Ctx, file: FileSymbols, entry: LayoutEntry, nameAt: NameAt, s: Scope): FixtureWeights {
  const name = nameAt(0);
  const { instance, path, ...what } = instanceOf(ctx, entry, s);
  const one: LayoutDecl = {
    kind: "Layout",
    name: { text: "", span: entry.span },
    target: { text: "", span: entry.span },
    entries: [
      {
        name: [""],
        nameSpan: entry.nameSpan,
        ours: pathExpr(path, entry.ours.span),
        as: entry.as,
        tail: { loops: [] },
        span: entry.span,
      },
    ],
    span: entry.span,
  };
  return { tensors: fileTensors(ctx, one, instance, name, fileScope(ctx, file)), ...what, nameAt };
}

function pathExpr(path: readonly string[], span: Span): LayoutEntry["ours"] {
  let e: LayoutEntry["ours"] = { kind: "Name", name: path[0] ?? "self", span };
  for (const step of path.slice(1))
    e = /^\d+$/.test(step)
      ? {
          kind: "Call",
          callee: e,
          args: [{ value: { kind: "Number", value: Number(step), whole: true, span }, span }],
          rest: false,
          span,
        }
      : { kind: "Member", object: e, name: { text: step, span }, span };
  return e;
}

type What = Pick<FixtureWeights, "average" | "state" | "factor">;

/** The instance at the root of our side, and the path below it. */
function instanceOf(ctx: Ctx, entry: LayoutEntry, s: Scope): What & { instance: Instance; path: string[] } {
  let e = entry.ours;
  let factor = 1;
  let state: string | undefined;
  const path: string[] = [];
  for (;;) {
    if (e.kind === "Group") e = e.inner;
    else if (e.kind === "Binary" && e.op === "*") {
      factor *= toNumber(s, plain(evaluateStatic(e.left, s)), e.left.span, "a number");
      e = e.right;
    } else if (e.kind === "Call" && e.callee.kind === "Name" && e.callee.name === "state") {
      const of = e.args[0]?.value;
      if (of?.kind !== "Member" || of.object.kind !== "Name" || e.args.length !== 2)
        return ctx.fail("fixture-state", {}, e.span);
      state = `${of.object.name}.${of.name.text}`;
      e = e.args[1]?.value ?? e;
    } else if (e.kind === "Member") {
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
  return { instance: v.instance, average: v.mode.average, path, state, factor };
}

/** In a fixture map also `let`s can be read: it is a test of the body, not a use of it. */
function privately(e: Expr, s: Scope) {
  s.ctx.privateNames += 1;
  try {
    return evaluate(e, s);
  } finally {
    s.ctx.privateNames -= 1;
  }
}

/** A field, a draw, or axis forms, `stack` and families of them: the file's numbers are led back through the same graph. */
function fixtureInput(ctx: Ctx, entry: LayoutEntry, nameAt: NameAt, s: Scope, frame: MainFrame): FixtureInput {
  const name = nameAt(0);
  const v = plain(privately(entry.ours, s));
  const fail = () => ctx.fail("fixture-input", { name }, entry.ours.span);
  if (v.kind !== "tensor") return fail();
  const ordered = inFileOrder(ofOneSample(v), axesOf(entry), s);
  const { params, ops } = frame.builder.fn;
  const used: Node[] = [];
  const scratch = new MainFrame("input", new Map());
  const copied = copyOps(ordered.node, ops, scratch, {
    kinds: moves,
    floats: true,
    leaf: (n) => {
      if (!params.includes(n)) return undefined;
      used.push(n);
      return scratch.builder.param({ ...n.type, dtype: "float" });
    },
  });
  if (!copied) return fail();
  scratch.builder.finish([copied]);
  return {
    nameAt,
    none: v.over?.size,
    tensor: {
      name,
      shape: ordered.node.type.shape,
      weights: used.map((n) => String(params.indexOf(n))),
      module: { fns: new Map(), main: scratch.builder.fn },
    },
  };
}

/** They only move elements. */
const moves: ReadonlySet<string> = new Set(["reshape", "transpose", "broadcast", "slice", "concat"]);
