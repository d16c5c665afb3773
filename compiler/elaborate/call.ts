/** Calls of definitions, with or without an instance: a new scope, inputs bound, the body evaluated, the axes of the caller given back. */

import { nearest } from "../../grammar/nearest.js";
import { contains, type Span } from "../../grammar/source.js";
import type { Input, Statement } from "../../grammar/tree.js";
import type { DefinitionSymbol } from "../names/symbols.js";
import { type Axis, freshTag, unionAxes } from "./axes.js";
import { declareBody, guard } from "./body.js";
import { callBuiltin } from "./builtins/index.js";
import { leaves, retag, reveal } from "./convert.js";
import type { Ctx } from "./ctx.js";
import { type Evaluation, plain } from "./evaluation.js";
import { evaluate } from "./expr.js";
import { fileScope } from "./files.js";
import { NotOutlinable } from "./frame.js";
import { callFn } from "./functions.js";
import { type Arg, type Args, bindInputs, checkResult, matchInputs } from "./inputs.js";
import type { Instance } from "./instance.js";
import { typedValue } from "./make-instance.js";
import { callOutlined, outlinable } from "./outline.js";
import { partners } from "./partners.js";
import { applySets, placeRewires, settersBelow } from "./rewire.js";
import { Scope } from "./scope.js";
import { readField, sourceFields } from "./sources.js";
import { nextStates } from "./states.js";
import { describe, type GivenSetting, type Mode, plainMode, type ShapeVal, type Val } from "./values.js";

/** Calls whatever can be called. `segment` is how the callee was named: `block(3)`, `model`. */
export function invoke(scope: Scope, callee: Val, args: Args, span: Span, segment: string): Val {
  const v = plain(callee);
  switch (v.kind) {
    case "function":
      return callFn(scope, v, args, span, undefined);
    case "builtin":
      return callBuiltin(scope, v.name, args, span, undefined);
    case "definition":
      return callDefinition(
        scope,
        { symbol: v.symbol, given: v.given, preset: v.preset, instance: undefined, mode: scope.mode ?? plainMode },
        args,
        span,
        segment,
      );
    case "instance": {
      const i = v.instance;
      if (i.definition.decl.of === "encoder") return callEncoder(scope, i, args, span);
      return callDefinition(
        scope,
        { symbol: i.definition, given: i.given, preset: i.preset, instance: i, mode: joinModes(scope.mode, v.mode) },
        args,
        span,
        segment,
      );
    }
    case "error":
      return scope.ctx.silent();
    default:
      return scope.ctx.fail("not-callable", { what: describe(v) }, span);
  }
}

function joinModes(outer: Mode | undefined, own: Mode): Mode {
  if (!outer) return own;
  return {
    average: own.average ?? outer.average,
    evaluating: own.evaluating || outer.evaluating,
    frozen: own.frozen || outer.frozen,
  };
}

export interface Target {
  readonly symbol: DefinitionSymbol;
  readonly given: ReadonlyMap<string, GivenSetting>;
  readonly preset: ReadonlyMap<string, GivenSetting>;
  readonly instance: Instance | undefined;
  readonly mode: Mode;
}

/** What a call is named by in paths of draws: after the `let` that holds it in a plan, after the callee inside a definition. */
function drawPathOf(scope: Scope, segment: string): string {
  const owner = scope.owner;
  const holder = scope.ctx.holder;
  const dotted = segment.replace(/\((-?\d+)\)/g, ".$1");
  if (scope.held) return `${scope.held.path}.${dotted}`;
  if (owner.kind === "plan") {
    const base = holder && holder.scope === owner ? `${owner.drawPath}.${holder.name}` : owner.drawPath;
    return holder && holder.inArgs > 0 ? `${base}.${dotted}` : base;
  }
  if (holder?.tap && holder.scope === owner && timesCalled(owner, segment) > 1)
    return `${owner.drawPath}.${holder.name.replace(/\((-?\d+)\)/, ".$1")}`;
  return `${owner.drawPath}.${dotted}`;
}

function timesCalled(owner: Scope, segment: string): number {
  const name = segment.replace(/\(.*$/, "");
  let n = 0;
  for (const s of owner.statements) {
    // `part block(i in 1..depth)` declares and calls nothing.
    if (s.kind === "Instance") continue;
    const text = s.span.source.text.slice(s.span.pos, s.span.end);
    n += text.split(new RegExp(`(?<![\\w.])${name}\\s*\\(`)).length - 1;
  }
  return n;
}

export function callDefinition(scope: Scope, target: Target, args: Args, span: Span, segment: string): Val {
  const ctx = scope.ctx;
  const { symbol, instance } = target;
  const decl = symbol.decl;
  if (decl.body === "extern") return ctx.fail("not-callable", { what: `the ${decl.of} \`${decl.name.text}\`` }, span);
  const owner = scope.owner;
  const part = instance && owner.evaluation ? segment : undefined;
  let callArgs = args;
  if (part !== undefined && owner.setters.has(`${part}.in`))
    callArgs = withFirst(args, applySets(owner, `${part}.in`, args.positional[0]?.value ?? { kind: "error" }, span));
  const overFields = recordLift(callArgs, decl.inputs);
  if (overFields) {
    const fields = new Map<string, Val>();
    for (const f of overFields) fields.set(f, callDefinition(scope, target, fieldArgs(callArgs, f), span, segment));
    return { kind: "record", fields };
  }
  const deep = part === undefined ? new Map() : settersBelow(owner, part);
  const drawPath = drawPathOf(scope, segment);
  const attempt = instance && deep.size === 0 && outlinable(scope, target, callArgs);
  let evaluation: Evaluation | undefined;
  if (attempt) {
    try {
      evaluation = callOutlined(scope, target, callArgs, span, drawPath);
    } catch (e) {
      if (!(e instanceof NotOutlinable)) throw e;
    }
  }
  evaluation ??= callInline(scope, target, callArgs, span, drawPath, deep);
  evaluation.output = reveal(ctx, plain(evaluation.output), scope.tag, span);
  if (instance) ctx.evaluations.set(instance.identity, evaluation);
  const home = scope.held?.evaluation ?? owner.evaluation;
  if (home) {
    const list = home.children.get(segment);
    if (list) list.push(evaluation);
    else home.children.set(segment, [evaluation]);
  }
  // Sets of the result may read what else this call has: its first argument, its taps.
  if (part !== undefined) evaluation.output = applySets(owner, `${part}.out`, evaluation.output, span);
  return { kind: "evaluation", evaluation };
}

function withFirst(args: Args, value: Val): Args {
  const first = args.positional[0];
  return first ? { ...args, positional: [{ ...first, value }, ...args.positional.slice(1)] } : args;
}

/** A record given where a signature names axes: the call is mapped over the fields. */
export function recordLift(args: Args, inputs: readonly Input[]): string[] | undefined {
  for (const [i, input] of inputs.entries()) {
    if (input.type?.kind !== "AxesType") continue;
    const v = args.positional[i]?.value ?? args.named.get(input.name.text)?.value;
    const x = v && plain(v);
    if (x?.kind === "record" && !input.type.axes.items.some((it) => it.kind === "all")) return [...x.fields.keys()];
  }
  return undefined;
}

export function fieldArgs(args: Args, field: string): Args {
  const one = (a: Arg): Arg => {
    const v = plain(a.value);
    return v.kind === "record" && v.fields.has(field)
      ? { ...a, value: v.fields.get(field) as Val, expr: undefined }
      : a;
  };
  return { positional: args.positional.map(one), named: new Map([...args.named].map(([k, a]) => [k, one(a)])) };
}

/** The body in the frame of the caller, or in `frame`. The result still has the axes of the callee's world. */
export function callInline(
  scope: Scope,
  target: Target,
  args: Args,
  span: Span,
  drawPath: string,
  deep: ReadonlyMap<string, import("./rewire.js").Setter[]>,
  frame = scope.frame,
): Evaluation {
  const ctx = scope.ctx;
  const { symbol, instance } = target;
  const decl = symbol.decl;
  const name = instance?.name ?? decl.name.text;
  const tag = freshTag();
  const S = new Scope({
    ctx,
    kind: "definition",
    parent: fileScope(ctx, symbol.file),
    file: symbol.file,
    frame,
    tag,
    training: scope.training && !target.mode.evaluating,
    mode: target.mode,
    path: instance?.path ?? scope.owner.path,
    drawPath,
  });
  S.instance = instance;
  bindSettings(S, target, span);
  if (decl.of === "sample") bindSample(S);
  const { bound, extra, named } = matchInputs(scope, decl.inputs, args);
  const body = decl.body as readonly Statement[];
  const fed = takeFed(body, named, instance);
  S.rest = restOf(
    scope,
    decl.rest,
    extra,
    named,
    decl.name.text,
    decl.inputs.map((i) => i.name.text),
    fed.known,
  );
  const lifted = bindInputs(S, bound, tag, span, decl.of === "optimizer");
  hideFed(S, fed.values, lifted.axes, span);
  S.lifted = unionAxes(lifted.axes, scope.lifted);
  const evaluation: Evaluation = {
    name,
    scope: S,
    input: args.positional[0]?.value,
    output: { kind: "error" },
    children: new Map(),
  };
  S.evaluation = evaluation;
  if (instance && decl.of === "model")
    for (const { input, arg, value } of bound)
      if (arg?.expr?.kind === "None") noteNone(scope, arg.span);
      else if (arg && value && value.kind !== "none")
        ctx.handed.push({ instance, input: input.name.text, body: S, given: arg.span, call: ctx.userPlace(span) });
  return ctx.inCall(
    span,
    name,
    lifted.axes.map((a) => a.name),
    () => {
      declareBody(S, body, fed.values);
      S.statements.push(...body);
      placeRewires(S, [...S.body.sets.splice(0), ...S.body.skips.splice(0)], S);
      for (const r of instance?.rewires ?? []) {
        const W = new Scope({ ctx, kind: "loop", parent: S, file: r.scope.file, frame: undefined });
        for (const [n, b] of r.scope.kind === "loop" ? r.scope.bindings : []) W.bindings.set(n, b);
        declareBody(S, r.statements, fed.values, W);
        S.statements.push(...r.statements);
        placeRewires(S, [...S.body.sets.splice(0), ...S.body.skips.splice(0)], W);
        checkRequires(W, r.statements, span);
      }
      for (const [k, list] of deep) S.setters.set(k, [...(S.setters.get(k) ?? []), ...list]);
      checkRequires(S, body, span);
      const result = S.body.result;
      if (!result) return ctx.silent();
      const before = ctx.holder;
      ctx.holder = undefined;
      try {
        evaluation.output = plain(checkResult(S, decl.result, evaluate(result, S), result.span, decl.name.text));
      } finally {
        ctx.holder = before;
      }
      nextStates(S);
      rememberSettings(S, instance);
      return evaluation;
    },
    S.written,
    decl.of === "objective" ? partiesOf(instance, args) : [],
  );
}

/** Written in the objective itself, not handed on by it. */
function noteNone(scope: Scope, at: Span): void {
  const caller = scope.owner.instance;
  const body = caller?.definition.decl;
  if (caller && body?.of === "objective" && contains(body.span, at)) scope.ctx.askNone.add(caller);
}

function partiesOf(objective: Instance | undefined, args: Args): Instance[] {
  const models = args.positional.flatMap(({ value }) => (value.kind === "instance" ? [value.instance] : []));
  return objective ? [...models, objective] : models;
}

/** The body of a `sample` is one sample, of the shape of `like`. */
function bindSample(S: Scope): void {
  const like = S.bindings.get("like");
  if (like?.kind === "value" && like.value.kind === "shape") bindShape(S, like.value);
}

export function bindShape(S: Scope, shape: ShapeVal): void {
  S.star = shape.axes;
  S.starFields = shape.fields;
  for (const a of shape.axes) S.axes.set(a.name, a.size);
  S.axes.set("class", shape.classes);
}

/** Named arguments that are draws or taps of the definition: they take the place of what the body would make. */
function takeFed(
  body: readonly Statement[],
  named: Map<string, Arg>,
  instance: Instance | undefined,
): { values: Map<string, Val>; known: string[] } {
  const values = new Map<string, Val>();
  const known: string[] = [];
  for (const s of [...body, ...(instance?.rewires.flatMap((r) => [...r.statements]) ?? [])]) {
    if (s.kind !== "Draw" && s.kind !== "Tap") continue;
    const n = s.target.name.text;
    known.push(n);
    const arg = named.get(n);
    if (arg) {
      values.set(n, arg.value);
      named.delete(n);
    }
  }
  return { values, known };
}

/** What is fed is mapped over with the rest: the axes the call was lifted over are hidden in it. */
function hideFed(S: Scope, values: Map<string, Val>, lifted: readonly Axis[], span: Span): void {
  const over = new Map(lifted.map((a) => [a.name, a]));
  for (const [n, v] of values)
    values.set(
      n,
      retag(S.ctx, plain(v), (a) => (a.tag === 0 ? (over.get(a.name) ?? a) : a), span),
    );
}

export function restOf(
  scope: Scope,
  open: boolean,
  extra: readonly Arg[],
  named: ReadonlyMap<string, Arg>,
  name: string,
  inputs: readonly string[],
  taps: readonly string[],
): Scope["rest"] {
  const ctx = scope.ctx;
  if (open) return { positional: extra, named };
  const first = extra[0];
  if (first)
    return ctx.fail("too-many-arguments", { name, takes: inputs.length }, first.span, {
      notes: [`inputs of \`${name}\`: ${inputs.join(", ") || "none"}`],
    });
  for (const [n, arg] of named) {
    const guess = nearest(n, [...inputs, ...taps]);
    return ctx.fail("unknown-argument", { argument: n, name }, arg.span, {
      help: [guess ? `did you mean \`${guess}\`?` : `inputs of \`${name}\`: ${inputs.join(", ") || "none"}`],
    });
  }
  return undefined;
}

/** Settings become names of the body; those of type axes become names of axes. */
function bindSettings(S: Scope, target: Target, span: Span): void {
  const ctx = S.ctx;
  S.written = new Map([...target.preset, ...target.given]);
  for (const d of target.symbol.decl.settings) {
    const name = d.name.text;
    const given = target.given.get(name) ?? target.preset.get(name);
    if (given && !given.offered) S.given.add(name);
    const isAxes = d.type.kind === "NamedType" && d.type.name.text === "axes";
    if (given) {
      S.bindings.set(name, { kind: "value", value: given.value });
      if (given.value.kind === "axes") S.axisNames.set(name, given.value.axes);
      continue;
    }
    const expr = d.value;
    if (!expr) {
      ctx.fail("missing-setting", { name, of: target.symbol.decl.name.text }, target.instance?.declared ?? span, {
        related: [{ span: d.name.span, message: "it has no default" }],
      });
    }
    if (isAxes) {
      const v = typedValue(d, expr as NonNullable<typeof expr>, S);
      S.bindings.set(name, { kind: "value", value: v });
      if (v.kind === "axes") S.axisNames.set(name, v.axes);
      continue;
    }
    S.bindings.set(name, {
      kind: "lazy",
      name,
      span: d.name.span,
      tap: false,
      expr,
      state: "new",
      compute: () => typedValue(d, expr as NonNullable<typeof expr>, S),
    });
  }
}

/** After a call the defaults are known too, those that depend on sizes included. */
function rememberSettings(S: Scope, instance: Instance | undefined): void {
  if (!instance) return;
  if (!S.ctx.sizes.has(instance.identity)) S.ctx.sizes.set(instance.identity, S.axes);
  for (const d of instance.definition.decl.settings) {
    if (instance.settings.has(d.name.text)) continue;
    const b = S.bindings.get(d.name.text);
    if (b?.kind === "value") instance.settings.set(d.name.text, b.value);
    else if (b?.kind === "lazy" && b.state === "done" && b.value) instance.settings.set(d.name.text, b.value);
  }
}

/** Settings alone, for reading `net.depth` and the fields of data before or without a call. */
export function settingsScope(ctx: Ctx, instance: Instance): Scope {
  const S = new Scope({
    ctx,
    kind: "definition",
    parent: fileScope(ctx, instance.definition.file),
    file: instance.definition.file,
    frame: undefined,
    path: instance.path,
  });
  for (const [n, size] of instance.bound) S.axes.set(n, size);
  bindSettings(
    S,
    { symbol: instance.definition, given: instance.given, preset: instance.preset, instance, mode: plainMode },
    instance.declared,
  );
  return S;
}

/** All that do not hold are reported; what else would go wrong in the body follows from them. */
export function checkRequires(S: Scope, body: readonly Statement[], span: Span): void {
  const broken = body.flatMap((s) => (s.kind === "Require" && !guard(S, s.condition) ? [s] : []));
  for (const { condition, message, span: at } of broken) {
    const text = condition.span.source.text.slice(condition.span.pos, condition.span.end);
    S.ctx.report("require", { message: message ?? `\`${text}\` does not hold` }, S.instance?.declared ?? span, {
      related: [...partners(S, condition), { span: at, message: "required here" }],
    });
  }
  if (broken.length > 0) S.ctx.silent();
}

/** An encoder is an input of the step: its outputs for the samples of the batch. */
function callEncoder(scope: Scope, instance: Instance, args: Args, span: Span): Val {
  const ctx = scope.ctx;
  const first = args.positional[0];
  const v = first && plain(first.value);
  if (!first || v?.kind !== "tensor" || leaves(v).length !== 1)
    return ctx.fail("missing-argument", { name: "pixels" }, span);
  const reads = scope.frame.fieldOf(v.node);
  if (reads?.field !== "pixels")
    return ctx.fail(
      "encoder-input",
      { name: instance.name, found: reads ? `\`${reads.instance}.${reads.field}\`` : describe(v) },
      first.span,
    );
  const before = scope.frame.encode(instance.path, { instance: reads.instance, field: reads.field });
  if (before.instance !== reads.instance)
    return ctx.fail(
      "encoder-two-inputs",
      { name: instance.name, first: before.instance, second: reads.instance },
      first.span,
    );
  const fields = new Map<string, Val>();
  for (const [n, f] of sourceFields(ctx, instance)) fields.set(n, readField(scope, instance, f));
  if (fields.size === 0) return ctx.fail("encoder-without-outputs", { name: instance.name }, span);
  return { kind: "record", fields };
}
