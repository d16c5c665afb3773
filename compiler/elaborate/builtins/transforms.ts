/** What acts on functions and gradients (language reference §7). */

import { type Value as Node, tensor } from "../../ir/graph.js";
import { jvp } from "../../passes/jvp.js";
import { vjp } from "../../passes/vjp.js";
import { namesOf, shapeOf } from "../axes.js";
import { invoke } from "../call.js";
import { leaves, mapTensors, toTensor } from "../convert.js";
import { plain } from "../evaluation.js";
import type { Frame } from "../frame.js";
import type { Arg } from "../inputs.js";
import { constant, spread, wrap } from "../tensors.js";
import { describe, type Mode, type TensorVal, type Val } from "../values.js";
import { arg, argument, type Builtin, type Call, expectCount } from "./builtin.js";

function onInstance(call: Call, change: (mode: Mode) => Mode): Val {
  const v = arg(call, 0);
  if (v.kind === "error") return v;
  if (v.kind !== "instance")
    return call.scope.ctx.fail("transform-instance", { name: call.name, found: describe(v) }, argument(call, 0).span);
  return { ...v, mode: change(v.mode) };
}

function ema(call: Call): Val {
  expectCount(call, 1, 2);
  const second = call.args.positional[1];
  let name: string | undefined;
  if (second) {
    if (second.expr?.kind !== "Name") return call.scope.ctx.fail("average-name", {}, second.span);
    name = second.expr.name;
  }
  const known = call.scope.ctx.averages;
  if (known.length === 0)
    return call.scope.ctx.fail("no-average", {}, call.span, { help: ["the train plan keeps one with `ema: 0.9999`"] });
  if (name === undefined && known.length > 1)
    return call.scope.ctx.fail("average-ambiguous", { names: known.join(", ") }, call.span);
  if (name !== undefined && !known.includes(name))
    return call.scope.ctx.fail("unknown-average", { name, names: known.join(", ") }, (second as Arg).span);
  const average = name ?? (known[0] as string);
  return onInstance(call, (mode) => ({ ...mode, average }));
}

/** A value of its own, so that only what is computed from it here counts as depending on it. */
function fresh(t: TensorVal): TensorVal {
  const node = t.frame.builder.emit("reshape", [t.node], {
    shape: shapeOf(t.axes),
    axes: namesOf(t.axes).map((n) => `${n}~`),
  });
  return node === t.node ? t : wrap(t.frame, node, t.axes, t.over);
}

interface Point {
  /** What `f` is called with. */
  readonly args: Val[];
  /** The tensors among them that derivatives are taken by. */
  readonly tensors: TensorVal[];
  /** Stand-ins for constants, which the builder would fold away: replaced when the derivative is taken. */
  readonly standIns: { readonly param: Node; readonly value: Node }[];
  readonly tuple: boolean;
  /** How many ops there were before: only later ones can read the stand-ins. */
  readonly since: number;
}

function point(call: Call): Point {
  const at = call.args.named.get("at");
  if (!at) return call.scope.ctx.fail("missing-argument", { name: "at" }, call.span);
  const v = plain(at.value);
  const frame = call.scope.frame;
  const standIns: Point["standIns"] = [];
  const since = frame.builder.fn.ops.length;
  const one = (x: Val): Val =>
    mapTensors(x.kind === "number" ? toTensor(call.scope, x, at.span) : plain(x), (t) => {
      if (t.node.op?.kind === "constant") {
        const param = frame.builder.param(tensor(shapeOf(t.axes), namesOf(t.axes)));
        standIns.push({ param, value: t.node });
        return wrap(frame, param, t.axes);
      }
      return t.node.op === undefined && t.axes.length === 0 ? scalarCopy(frame, t, standIns) : fresh(t);
    });
  const args = v.kind === "tuple" ? v.items.map((x) => one(plain(x))) : [one(v)];
  return { args, tensors: args.flatMap((x) => leaves(x)), standIns, tuple: v.kind === "tuple", since };
}

/** A scalar cannot be renamed into a new value; a stand-in does it. */
function scalarCopy(frame: Frame, t: TensorVal, standIns: Point["standIns"]): TensorVal {
  const param = frame.builder.param(tensor([], []));
  standIns.push({ param, value: t.node });
  return wrap(frame, param, t.axes);
}

/** Puts the constants back where their stand-ins were. */
function settle(frame: Frame, p: Point): void {
  if (p.standIns.length === 0) return;
  const fn = frame.builder.fn;
  const swap = new Map(p.standIns.map((s) => [s.param, s.value]));
  for (const op of fn.ops.slice(p.since)) {
    for (let i = 0; i < op.operands.length; i++) {
      const value = swap.get(op.operands[i] as Node);
      if (value) op.operands[i] = value;
    }
  }
  for (const s of p.standIns) fn.params.splice(fn.params.indexOf(s.param), 1);
}

function swapVal(v: Val, p: Point): Val {
  const swap = new Map(p.standIns.map((s) => [s.param, s.value]));
  const swapped = (x: Val): Val => mapTensors(x, (t) => ({ ...t, node: swap.get(t.node) ?? t.node }));
  if (v.kind !== "evaluation") return swapped(v);
  // What hands its argument back gives the stand-in itself.
  const output = plain(v);
  return leaves(output).some((t) => swap.has(t.node))
    ? { kind: "evaluation", evaluation: { ...v.evaluation, output: swapped(output) } }
    : v;
}

function applied(call: Call, p: Point): Val {
  const f = argument(call, 0, "f");
  const span = f.span;
  const args = { positional: p.args.map((value) => ({ span, value })), named: new Map() };
  const name = f.expr?.kind === "Name" ? f.expr.name : call.name;
  return invoke(call.scope, f.value, args, call.span, name);
}

/** Tangents or cotangents as given, in the shape of what they belong to; a number is spread. */
function along(call: Call, targets: readonly TensorVal[]): Node[] {
  const a = call.args.named.get("along");
  if (!a) return call.scope.ctx.fail("missing-argument", { name: "along" }, call.span);
  const v = plain(a.value);
  const given = v.kind === "tuple" ? v.items.map(plain) : v.kind === "record" ? [...v.fields.values()].map(plain) : [v];
  const flat = given.flatMap((g): Val[] => (g.kind === "record" ? [...g.fields.values()].map(plain) : [g]));
  if (flat.length !== targets.length)
    return call.scope.ctx.fail("along-count", { wanted: targets.length, found: flat.length }, a.span);
  return targets.map((t, i) => {
    const g = flat[i] as Val;
    if (g.kind === "number") return constant(t.frame, g.value, t.axes).node;
    return spread(toTensor(call.scope, g, a.span), t.axes).node;
  });
}

function forward(call: Call): Val {
  const p = point(call);
  const frame = call.scope.frame;
  const value = applied(call, p);
  const outputs = leaves(plain(value));
  const tangents = along(call, p.tensors);
  const result = jvp(
    frame.builder,
    p.tensors.map((t, i) => ({ value: t.node, tangent: tangents[i] as Node })),
    outputs.map((t) => t.node),
    p.since,
  );
  let k = 0;
  const derivative = mapTensors(plain(value), (t) => {
    const node = result[k++];
    return node ? wrap(t.frame, node, t.axes) : constant(t.frame, 0, t.axes);
  });
  const plainNumber = plain(value).kind === "number";
  settle(frame, p);
  return {
    kind: "tuple",
    items: [swapVal(value, p), plainNumber ? { kind: "number", value: 0 } : swapVal(derivative, p)],
  };
}

function backward(call: Call): Val {
  const p = point(call);
  const frame = call.scope.frame;
  const value = applied(call, p);
  const outputs = leaves(plain(value));
  const cotangents = along(call, outputs);
  const grads = vjp(
    frame.builder,
    outputs.map((t, i) => ({ value: t.node, cotangent: cotangents[i] as Node })),
    p.tensors.map((t) => t.node),
  );
  let k = 0;
  const back = p.args.map((x) =>
    mapTensors(x, (t) => {
      const node = grads[k++];
      return node ? wrap(frame, node, t.axes) : constant(frame, 0, t.axes);
    }),
  );
  settle(frame, p);
  const gradient: Val = p.tuple ? { kind: "tuple", items: back } : (back[0] as Val);
  return { kind: "tuple", items: [swapVal(value, p), swapVal(gradient, p)] };
}

export const transforms: Record<string, Builtin> = {
  stop_gradient: {
    signature: "stop_gradient(x)",
    run: (call) => {
      expectCount(call, 1);
      const v = arg(call, 0);
      if (v.kind === "number") return v;
      if (v.kind === "record" || v.kind === "tuple") return mapTensors(v, stop);
      const t = toTensor(call.scope, v, argument(call, 0).span);
      if (t.weight) call.scope.ctx.still.add(t.weight);
      return stop(t);
    },
  },
  ema: { signature: "ema(f), ema(f, name)", run: ema },
  eval: { signature: "eval(f)", run: (call) => onInstance(call, (mode) => ({ ...mode, evaluating: true })) },
  freeze: { signature: "freeze(f)", run: (call) => onInstance(call, (mode) => ({ ...mode, frozen: true })) },
  jvp: { signature: "jvp(f, at: a, along: v)", run: forward },
  vjp: { signature: "vjp(f, at: a, along: g)", run: backward },
  grad: {
    signature: "grad(loss, X)",
    run: (call) => {
      const hook = call.scope.ctx.gradient;
      return hook ? hook(call) : call.scope.ctx.fail("grad-only-in-train", {}, call.span);
    },
  },
};

function stop(t: TensorVal): TensorVal {
  return t.dtype === "float" ? wrap(t.frame, t.frame.builder.emit("stop_gradient", [t.node], {}), t.axes) : t;
}
