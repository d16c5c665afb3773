/**
 * A `layout` of a model: which weights a file of somebody else holds, under which name and in which order of axes (language reference §8.5).
 * Each entry is a small graph from our weights to the tensor of the file. Reading goes the other way through the same graph: it only moves
 * elements, so running it on element numbers tells where each element of the file belongs.
 */
import { nearest } from "../../grammar/nearest.js";
import type { Span } from "../../grammar/source.js";
import type { AxesSpec, Expr, LayoutDecl, LayoutEntry } from "../../grammar/tree.js";
import { type Axis, axis, findVisible, namesOf, shapeOf } from "../elaborate/axes.js";
import { guard } from "../elaborate/body.js";
import { callBuiltin } from "../elaborate/builtins/index.js";
import { settingsScope } from "../elaborate/call.js";
import { copyOps } from "../elaborate/constants.js";
import type { Ctx } from "../elaborate/ctx.js";
import { type Evaluation, member, plain } from "../elaborate/evaluation.js";
import { evaluateStatic, wholeNumber } from "../elaborate/expr.js";
import { loopScope, positions } from "../elaborate/families.js";
import { MainFrame } from "../elaborate/frame.js";
import type { Instance } from "../elaborate/instance.js";
import { reindex } from "../elaborate/reindex.js";
import { Scope } from "../elaborate/scope.js";
import { permute, relabel, spread, wrap } from "../elaborate/tensors.js";
import type { TensorVal } from "../elaborate/values.js";
import { evaluate as run } from "../ir/evaluate.js";
import type { Module } from "../ir/graph.js";
import type { HostTensor } from "../ir/host.js";
import { bodyAt, chosen, guardedAway, pathOf } from "./layout-path.js";

export interface FileTensor {
  /** Name in the file. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Paths of the weights that the parameters of `module` stand for, in order; none for a computed table. */
  readonly weights: readonly string[];
  /** A computed table instead: the first parameter of `module`, with what it is here. */
  readonly table: { readonly path: string; readonly value: HostTensor } | undefined;
  /** One result: the tensor as the file has it. */
  readonly module: Module;
  readonly span: Span;
}

/** All tensors of a file of this layout, for an instance whose weights are known. */
export function fileTensors(
  ctx: Ctx,
  layout: LayoutDecl,
  instance: Instance,
  prefix: string,
  home: Scope,
): FileTensor[] {
  return new Reader(ctx, instance, home).entries(layout, [], prefix, settingsScope(ctx, instance));
}

/** `prefix` and `name` with a dot between, where both say something. */
function joined(prefix: string, name: string): string {
  return prefix === "" || /[/.]$/.test(prefix) ? prefix + name : name === "" ? prefix : `${prefix}.${name}`;
}

class Reader {
  constructor(
    private readonly ctx: Ctx,
    private readonly instance: Instance,
    /** Where layouts are looked for that the library does not have. */
    private readonly home: Scope,
  ) {}

  /** `settings`: of the part that stands `at` that path, which is what the layout is for. */
  entries(layout: LayoutDecl, at: readonly string[], prefix: string, settings: Scope): FileTensor[] {
    return layout.entries.flatMap((e) => this.ctx.attempt(() => this.entry(e, at, prefix, settings)) ?? []);
  }

  private entry(e: LayoutEntry, at: readonly string[], prefix: string, settings: Scope): FileTensor[] {
    let scopes: Scope[] = [settings];
    for (const loop of e.tail.loops)
      scopes = scopes.flatMap((s) => positions(s, loop.range).map((k) => loopScope(s, loop.index.text, k)));
    return scopes.flatMap((s) => {
      if (e.tail.guard && !guard(s, e.tail.guard)) return [];
      const name = joined(prefix, entryName(e, s));
      if (e.as && "text" in e.as) return this.nested(e, e.as.text, s, at, name, settings);
      return this.tensor(e, s, at, name);
    });
  }

  /** `… as Torch`: that layout below this prefix. */
  private nested(
    e: LayoutEntry,
    layoutName: string,
    s: Scope,
    at: readonly string[],
    name: string,
    settings: Scope,
  ): FileTensor[] {
    const layout = findLayout(s, layoutName, e.span, this.home);
    const own = e.ours.kind === "Name" && e.ours.name === "self" ? [] : pathOf(e.ours, s);
    if (!own) return this.ctx.fail("layout-path", {}, e.ours.span);
    const below = [...at, ...own];
    const part = own.length === 0 ? undefined : this.partAt(below, e.span);
    if (part && part.definition.decl.name.text !== layout.target.text && this.chosenAt(below, e.span)) return [];
    return this.entries(layout, below, name, part ? settingsScope(this.ctx, part) : settings);
  }

  /** The part at a path: its last call knows the instance. */
  private partAt(path: readonly string[], span: Span): Instance | undefined {
    return this.bodyAt(path, span)?.scope?.instance;
  }

  /** A setting said which definition the part at a path is, so a layout for another one is not meant for it. */
  private chosenAt(path: readonly string[], span: Span): boolean {
    const own = path.filter((step) => !/^\d+$/.test(step)).at(-1) ?? "";
    const parent = this.bodyAt(path.slice(0, path.lastIndexOf(own)), span);
    return parent !== undefined && chosen(parent, own);
  }

  private bodyAt(path: readonly string[], span: Span): Evaluation | undefined {
    const evaluation = this.evaluation();
    return evaluation && bodyAt(this.ctx, evaluation, path, span);
  }

  private table: FileTensor["table"];

  private tensor(e: LayoutEntry, s: Scope, at: readonly string[], name: string): FileTensor[] {
    const frame = new MainFrame("layout", new Map());
    const scope = new Scope({ ctx: this.ctx, kind: "plan", parent: s, file: s.file, frame });
    this.table = undefined;
    const value = this.ours(e.ours, scope, at);
    if (!value) return [];
    const as = e.as && !("text" in e.as) ? e.as : undefined;
    // A vector is one axis of the file, as each side of an arrow is.
    const ordered =
      !as && value.arrow === undefined && pathOf(e.ours, scope) ? flattened(value) : inFileOrder(value, as, scope);
    frame.builder.finish([ordered.node]);
    return [
      {
        name,
        shape: ordered.node.type.shape,
        weights: frame.inputs.map((i) => (i.role === "weight" ? i.path : "")),
        table: this.table,
        module: { fns: new Map(), main: frame.builder.fn },
        span: e.span,
      },
    ];
  }

  /** Our side: a weight, a constant tap, zeros, and what axis forms and `concat` make of them. `undefined` for a weight that is not there. */
  private ours(e: Expr, scope: Scope, at: readonly string[]): TensorVal | undefined {
    if (e.kind === "Group") return this.ours(e.inner, scope, at);
    if (isZeros(e)) {
      const v = callBuiltin(scope, "zeros", { positional: [], named: new Map() }, e.span, e.items);
      return v.kind === "tensor" ? v : undefined;
    }
    if (e.kind === "Reindex") {
      const object = this.ours(e.object, scope, at);
      const v = object && reindex(scope, object, e.items, e.span);
      return v?.kind === "tensor" ? v : undefined;
    }
    if (
      e.kind === "Call" &&
      e.callee.kind === "Reindex" &&
      e.callee.object.kind === "Name" &&
      (e.callee.object.name === "concat" || e.callee.object.name === "repeat")
    ) {
      // What is not there is left out; zeros alone are nothing.
      const positional = e.args.flatMap((a) => {
        const value = this.ours(a.value, scope, at);
        return value ? [{ value, span: a.span, zeros: isZeros(a.value) }] : [];
      });
      if (positional.length < e.args.length && positional.every((v) => v.zeros)) return undefined;
      const v = callBuiltin(scope, e.callee.object.name, { positional, named: new Map() }, e.span, e.callee.items);
      return v.kind === "tensor" ? v : undefined;
    }
    const path = pathOf(e, scope);
    if (!path) return this.ctx.fail("layout-path", {}, e.span);
    return this.weight([...at, ...path], scope, e.span) ?? this.constantTap([...at, ...path], scope, e.span);
  }

  private weight(path: readonly string[], scope: Scope, _span: Span): TensorVal | undefined {
    const entry = this.ctx.weights.get([this.instance.path, ...path].join("."));
    if (!entry) return undefined;
    const axes = entry.info.axes.map((n, i) => axis(n, entry.info.shape[i] ?? 1));
    return { ...wrap(scope.frame, scope.frame.weight(entry.info, undefined), axes), arrow: entry.info.arrow };
  }

  /** A call of the model, or of another wiring of its weights. */
  private evaluation(): Evaluation | undefined {
    const { evaluations } = this.ctx;
    const wired = (e: Evaluation) => (e.via?.inner ?? e).scope?.instance?.path === this.instance.path;
    return evaluations.get(this.instance.identity) ?? [...evaluations.values()].find(wired);
  }

  /** A table that is computed: its numbers come from a call of the model that was elaborated. */
  private constantTap(path: readonly string[], scope: Scope, span: Span): TensorVal | undefined {
    const ctx = this.ctx;
    const known = [...ctx.weights.keys()]
      .filter((w) => w.startsWith(`${this.instance.path}.`))
      .map((w) => w.slice(this.instance.path.length + 1));
    const missing = () => {
      const guess = nearest(path.join("."), known);
      return ctx.fail(
        "layout-missing",
        { path: path.join("."), model: this.instance.name },
        span,
        guess ? { help: [`did you mean \`${guess}\`?`] } : {},
      );
    };
    const body = this.bodyAt(path.slice(0, -1), span);
    const last = path[path.length - 1] ?? "";
    const found = body && ctx.attemptQuietly(() => member(ctx, body, last, span));
    const v = found?.kind === "value" ? plain(found.value) : undefined;
    // A weight that no equation of this phase reads is declared by asking for it.
    const unread = this.weight(path, scope, span);
    if (unread) return unread;
    const from = this.evaluation();
    if (v?.kind !== "tensor") return from && guardedAway(ctx, from, path, span) ? undefined : missing();
    const scratch = new MainFrame("table", new Map());
    const copied = copyOps(v.node, v.frame.builder.fn.ops, scratch);
    if (!copied) return ctx.fail("layout-not-constant", { path: path.join(".") }, span);
    scratch.builder.finish([copied]);
    const [numbers] = run({ fns: new Map(), main: scratch.builder.fn }, []);
    if (!numbers) return missing();
    this.table = { path: [this.instance.path, ...path].join("."), value: numbers };
    return wrap(
      scope.frame,
      scope.frame.builder.param(v.node.type),
      v.axes.map((a) => axis(a.name, a.size)),
    );
  }
}

function isZeros(e: Expr): e is Expr & { kind: "Reindex" } {
  return e.kind === "Reindex" && e.object.kind === "Name" && e.object.name === "zeros";
}

export function entryName(e: LayoutEntry, scope: Scope): string {
  return e.name
    .map((part) => {
      if (typeof part === "string") return part;
      const v = plain(evaluateStatic(part, scope));
      if (v.kind === "string") return v.value;
      return v.kind === "number"
        ? String(wholeNumber(scope, v.value, part.span))
        : scope.ctx.fail("wrong-kind", { wanted: "a number", found: v.kind }, part.span);
    })
    .join("");
}

export function findLayout(scope: Scope, name: string, span: Span, extra?: Scope): LayoutDecl {
  for (let s: Scope | undefined = scope; s; s = s.parent) {
    const symbol = s.file.seen.get(name);
    if (symbol?.kind === "layout") return symbol.decl;
  }
  const symbol = extra?.file.seen.get(name);
  if (symbol?.kind === "layout") return symbol.decl;
  return scope.ctx.fail("unknown-definition", { name }, span);
}

function flattened(t: TensorVal): TensorVal {
  return t.axes.length < 2
    ? t
    : relabel(t, [
        axis(
          "to",
          shapeOf(t.axes).reduce((x, y) => x * y, 1),
        ),
      ]);
}

/** The order of the file: what `as` says; else an arrow's right side then its left, each merged; else as declared. */
export function inFileOrder(t: TensorVal, as: AxesSpec | undefined, scope: Scope): TensorVal {
  const ctx = scope.ctx;
  if (as) {
    const order: Axis[] = [];
    const full: Axis[] = [];
    for (const item of as.items) {
      if (item.kind === "size") full.push(axis("one", item.value));
      else if (item.kind === "axis") {
        // A setting of type axes stands for its axes.
        const group = scope.axisList(item.name.text)?.map((g) => g.name) ?? [item.name.text];
        for (const name of group) {
          const a =
            findVisible(t.axes, name) ??
            ctx.fail("unknown-axis", { axis: name, has: namesOf(t.axes).join(", ") }, item.span);
          order.push(a);
          full.push(a);
        }
      }
    }
    const left = t.axes.filter((a) => !order.includes(a));
    if (left.length > 0) return ctx.fail("layout-axes", { axes: namesOf(left).join(", ") }, as.span);
    const ordered = permute(t, order);
    return full.length === order.length ? ordered : relabel(spread(ordered, order), full);
  }
  if (t.arrow === undefined) return t;
  const n = t.axes.length;
  const perm = [
    ...Array.from({ length: n - t.arrow }, (_, i) => (t.arrow as number) + i),
    ...Array.from({ length: t.arrow }, (_, i) => i),
  ];
  const size = (axes: readonly Axis[]) => shapeOf(axes).reduce((x, y) => x * y, 1);
  const b = t.frame.builder;
  const turned = b.emit("transpose", [t.node], { perm });
  const shape = [size(t.axes.slice(t.arrow)), size(t.axes.slice(0, t.arrow))];
  return wrap(t.frame, b.emit("reshape", [turned], { shape, axes: ["to", "from"] }), [
    axis("to", shape[0] as number),
    axis("from", shape[1] as number),
  ]);
}
