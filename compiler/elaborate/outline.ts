/**
 * Calls that become functions of the graph: a member of a family of parts (all blocks share one function), and a model (a sampler calls it
 * hundreds of times). The body is elaborated once for each distinct signature; later calls only hand over their arguments and weights.
 */
import type { Span } from "../../grammar/source.js";
import { type Fn, type Value as Node, tensor } from "../ir/graph.js";
import { type Axis, namesOf, shapeOf } from "./axes.js";
import { callInline, type Target } from "./call.js";
import { mapTensors, toTensor } from "./convert.js";
import type { Ctx } from "./ctx.js";
import { claim } from "./draws.js";
import { type Evaluation, exportVal, plain, type Via } from "./evaluation.js";
import { type Need, NotOutlinable, OutlinedFrame } from "./frame.js";
import type { Arg, Args } from "./inputs.js";
import type { Scope } from "./scope.js";
import { wrap } from "./tensors.js";
import type { GivenSetting, TensorVal, Val } from "./values.js";

export interface Outlined {
  readonly fn: Fn;
  readonly frame: OutlinedFrame;
  readonly inner: Evaluation;
  /** Distinct tags of the arguments' axes, in order of appearance. */
  readonly tags: readonly number[];
}

/** Whether a call may become a function: nothing it is given belongs to the graph it is called from, except tensors. */
export function outlinable(scope: Scope, target: Target, args: Args): boolean {
  const { instance, symbol } = target;
  if (!instance) return false;
  const of = symbol.decl.of;
  const member = instance.name.endsWith(")");
  if (of !== "model" && !(of === "part" && member)) return false;
  if (scope.lifted.some((a) => a.size === 0)) return false;
  if (target.symbol.decl.rest) return false;
  for (const a of [...args.positional, ...args.named.values()]) if (!portable(plain(a.value))) return false;
  for (const g of [...target.given.values(), ...target.preset.values()]) if (!portable(plain(g.value))) return false;
  return true;
}

function portable(v: Val): boolean {
  switch (v.kind) {
    case "instance":
    case "evaluation":
    case "shape":
    case "step":
    case "error":
      return false;
    case "function":
      return v.scope.kind === "file";
    case "definition":
      return [...v.given.values(), ...v.preset.values()].every(
        (g) => portable(plain(g.value)) && plain(g.value).kind !== "tensor",
      );
    case "record":
      return [...v.fields.values()].every((x) => portable(plain(x)));
    case "tuple":
    case "list":
      return v.items.every((x) => portable(plain(x)));
    default:
      return true;
  }
}

export function callOutlined(scope: Scope, target: Target, args: Args, span: Span, drawPath: string): Evaluation {
  const ctx = scope.ctx;
  const instance = target.instance;
  if (!instance) throw new NotOutlinable();
  const prepared = prepare(scope, target, args);
  const tags = [
    ...new Set([...prepared.tensors.flatMap((t) => t.axes.map((a) => a.tag)), ...scope.lifted.map((a) => a.tag)]),
  ].filter((t) => t !== 0);
  const key = [
    target.symbol.decl.of === "model" ? instance.identity : "",
    defKey(ctx, target),
    String(scope.training && !target.mode.evaluating),
    prepared.key,
    scope.lifted.map((a) => axisKey(a, tags)).join(","),
    prepared.tensors.map((t) => t.axes.map((a) => axisKey(a, tags)).join(",")).join(";"),
  ].join("|");
  let outlined = ctx.outlined.get(key);
  if (!outlined) {
    outlined = build(scope, target, prepared, tags, span, drawPath, instance.path);
    ctx.outlined.set(key, outlined);
  }
  return connect(scope, target, outlined, prepared.tensors, tags, span, drawPath, instance.path, args);
}

function axisKey(a: Axis, tags: readonly number[]): string {
  return `${a.name}:${a.size}:${a.tag === 0 ? 0 : tags.indexOf(a.tag) + 1}`;
}

interface Prepared {
  /** Every tensor among the arguments, in order. */
  readonly tensors: readonly TensorVal[];
  /** The arguments with tensors of `give`, in the same order. */
  readonly rebuild: (give: readonly TensorVal[]) => Args;
  readonly key: string;
}

/** Numbers where a tensor is declared become constants of the caller, so that a time that differs does not make another function. */
function prepare(scope: Scope, target: Target, args: Args): Prepared {
  const inputs = target.symbol.decl.inputs;
  const tensorised = (a: Arg, type: (typeof inputs)[number]["type"]): Arg => {
    const v = plain(a.value);
    return v.kind === "number" && type?.kind === "AxesType"
      ? { ...a, value: toTensor(scope, v, a.span), expr: undefined }
      : { ...a, value: v };
  };
  const positional = args.positional.map((a, i) => tensorised(a, inputs[i]?.type));
  const named = [...args.named].map(
    ([n, a]) => [n, tensorised(a, inputs.find((i) => i.name.text === n)?.type)] as const,
  );
  const tensors: TensorVal[] = [];
  const parts: string[] = [];
  for (const [n, a] of [...positional.map((a, i) => [String(i), a] as const), ...named]) {
    parts.push(`${n}=${valKey(scope.ctx, a.value)}`);
    mapTensors(a.value, (t) => {
      tensors.push(t);
      return t;
    });
  }
  return {
    tensors,
    key: parts.join(","),
    rebuild: (give) => {
      let k = 0;
      const swap = (a: Arg): Arg => ({ ...a, value: mapTensors(a.value, () => give[k++] as TensorVal) });
      return { positional: positional.map(swap), named: new Map(named.map(([n, a]) => [n, swap(a)])) };
    },
  };
}

function build(
  scope: Scope,
  target: Target,
  prepared: Prepared,
  tags: readonly number[],
  span: Span,
  drawPath: string,
  path: string,
): Outlined {
  const ctx = scope.ctx;
  const base = path.replace(/[^A-Za-z0-9_]/g, "_");
  let name = base;
  for (let n = 2; ctx.fnNames.has(name); n++) name = `${base}_${n}`;
  ctx.fnNames.add(name);
  const frame = new OutlinedFrame(name, ctx.fns, path, drawPath);
  const params = prepared.tensors.map((t) => ({
    ...wrap(frame, frame.builder.param(tensor(shapeOf(t.axes), namesOf(t.axes), t.dtype)), t.axes, t.over),
    arrow: t.arrow,
  }));
  // Averaged or frozen weights are the caller's to hand over; the function is the same.
  const bare: Target = { ...target, mode: { evaluating: target.mode.evaluating, frozen: false } };
  const inner = callInline(scope, bare, prepared.rebuild(params), span, drawPath, new Map(), frame);
  frame.builder.finish([]);
  return { fn: frame.builder.fn, frame, inner, tags };
}

/** One call of the function: its arguments, then what the body needs, by path relative to this instance and this call. */
function connect(
  scope: Scope,
  target: Target,
  outlined: Outlined,
  tensors: readonly TensorVal[],
  tags: readonly number[],
  span: Span,
  drawPath: string,
  path: string,
  args: Args,
): Evaluation {
  const ctx = scope.ctx;
  const frame = scope.frame;
  const translateTag = (tag: number) => {
    const i = outlined.tags.indexOf(tag);
    return i < 0 ? tag : (tags[i] as number);
  };
  const translate = (a: Axis): Axis => (a.tag === 0 ? a : { ...a, tag: translateTag(a.tag) });
  const operands = tensors.map((t) => t.node);
  const answer = (need: Need): Node => {
    switch (need.kind) {
      case "weight": {
        const full = `${path}.${need.path}`;
        const entry = ctx.weights.get(full) ?? { info: { ...need.info, path: full }, declared: span, sizedBy: span };
        ctx.weights.set(full, entry);
        const node = frame.weight(entry.info, target.mode.average);
        return target.mode.frozen ? frame.builder.emit("stop_gradient", [node], {}) : node;
      }
      case "draw": {
        const axes = need.axes.map(translate);
        const full = `${drawPath}.${need.path}`;
        claim(scope, full, operands, span);
        return frame.draw({ ...need.info, path: full }, axes);
      }
      case "step":
        return frame.step();
      case "index":
        return frame.index(need.size);
    }
  };
  for (const need of outlined.frame.needs) operands.push(answer(need));
  const call = frame.builder.call(outlined.fn, operands, span);
  outlined.frame.onNeed((need) => call.operands.push(answer(need)));
  const tag = outlined.inner.scope?.tag ?? 0;
  const via: Via = { call, frame, inner: outlined.inner, tag, translate };
  const lazyOutput = exportVal(outlined.inner.output, via);
  return {
    name: target.instance?.name ?? target.symbol.decl.name.text,
    via,
    input: args.positional[0]?.value,
    output: lazyOutput,
    children: new Map(),
  };
}

function defKey(ctx: Ctx, target: Target): string {
  return `${ctx.idOf(target.symbol)}{${givenKey(ctx, target.given)}/${givenKey(ctx, target.preset)}}${ctx.idOf(target.instance?.rewires.length ? target.instance.rewires : noRewires)}`;
}

const noRewires: object = {};

function givenKey(ctx: Ctx, given: ReadonlyMap<string, GivenSetting>): string {
  return [...given].map(([n, g]) => `${n}:${valKey(ctx, plain(g.value))}`).join(",");
}

/** A value as part of a key: equal keys mean that the body is elaborated the same way. Tensors are keyed by their type elsewhere. */
function valKey(ctx: Ctx, v: Val): string {
  switch (v.kind) {
    case "number":
    case "bool":
      return String(v.value);
    case "string":
      return JSON.stringify(v.value);
    case "none":
    case "step":
      return v.kind;
    case "word":
      return `'${v.word}`;
    case "range":
      return `${v.from}..${v.to}`;
    case "list":
    case "tuple":
      return `[${v.items.map((x) => valKey(ctx, plain(x))).join(",")}]`;
    case "record":
      return `(${[...v.fields].map(([k, x]) => `${k}:${valKey(ctx, plain(x))}`).join(",")})`;
    case "axes":
      return `<${v.axes.map((a) => `${a.name}:${a.size ?? "?"}`).join(",")}>`;
    case "init":
      return JSON.stringify(v.rule);
    case "tensor":
      return `T${v.dtype}${v.over ? `@${v.over.axis}:${v.over.size}` : ""}${v.arrow ?? ""}`;
    case "builtin":
      return `b:${v.name}`;
    case "function":
      return `f${ctx.idOf(v.decl)}`;
    case "definition":
      return `d${ctx.idOf(v.symbol)}{${givenKey(ctx, v.given)}/${givenKey(ctx, v.preset)}}`;
    default:
      throw new NotOutlinable();
  }
}
