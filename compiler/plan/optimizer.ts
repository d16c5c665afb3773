/**
 * One optimizer applied to one weight: a function of the graph, shared by all weights of a shape. An elementwise signature sees the weight
 * in its own shape with axes of no name (a weight may have one name on both sides), an arrow signature as a matrix.
 */
import type { Span } from "../../grammar/source.js";
import { axis } from "../elaborate/axes.js";
import { callInline, type Target } from "../elaborate/call.js";
import { plain } from "../elaborate/evaluation.js";
import { type Frame, NotOutlinable } from "../elaborate/frame.js";
import type { Scope } from "../elaborate/scope.js";
import { spread, wrap } from "../elaborate/tensors.js";
import { type DefinitionVal, type InstanceVal, plainMode } from "../elaborate/values.js";
import { FnBuilder } from "../ir/builder.js";
import { type Fn, type Value as Node, sizeOf, tensor } from "../ir/graph.js";
import type { FieldRef, WeightInfo } from "./plan.js";

export interface OptimizerFn {
  readonly fn: Fn;
  /** Shape in which the function sees the weight. */
  readonly shape: readonly number[];
  readonly states: readonly { readonly name: string; readonly init: number }[];
}

/** Moments and the like become parameters and results of the function. */
class OptimizerFrame implements Frame {
  readonly builder: FnBuilder;
  readonly states: { name: string; path: string; init: number; node: Node }[] = [];

  constructor(name: string, fns: Map<string, Fn>) {
    this.builder = new FnBuilder(name, fns);
  }

  state(path: string, shape: readonly number[], axes: readonly string[], init: number): Node {
    const known = this.states.find((s) => s.path === path);
    if (known) return known.node;
    const name = path.slice(path.lastIndexOf(".") + 1);
    const node = this.builder.param(tensor(shape, axes), name);
    this.states.push({ name, path, init, node });
    return node;
  }

  weight(): Node {
    throw new NotOutlinable("an optimizer has no weights");
  }
  draw(): Node {
    throw new NotOutlinable("an optimizer draws nothing");
  }
  step(): Node {
    throw new NotOutlinable("an optimizer counts its updates by `k`");
  }
  index(): Node {
    throw new NotOutlinable();
  }
  field(): Node {
    throw new NotOutlinable();
  }
  fieldOf(): undefined {
    return undefined;
  }
  encode(): FieldRef {
    throw new NotOutlinable();
  }
}

export class Optimizers {
  private readonly made = new Map<string, OptimizerFn>();

  constructor(private readonly scope: Scope) {}

  /** `clause` tells apart optimizers with different settings. */
  of(clause: string, optimizer: DefinitionVal | InstanceVal, w: WeightInfo, span: Span): OptimizerFn {
    const ctx = this.scope.ctx;
    const target = targetOf(optimizer);
    const decl = target.symbol.decl;
    const first = decl.inputs[0]?.type;
    const arrow = first?.kind === "AxesType" && first.axes.arrow !== undefined;
    if (arrow && w.arrow === undefined) {
      return ctx.fail(
        "optimizer-shape",
        { optimizer: decl.name.text, weight: w.path, axes: `[${w.axes.join(", ")}]` },
        span,
        { help: ["`over X where matrix` takes weights with an arrow only"] },
      );
    }
    const shape = arrow ? [sizeOf(w.shape.slice(0, w.arrow)), sizeOf(w.shape.slice(w.arrow))] : w.shape;
    const key = `${clause} ${shape.join("x")}`;
    let fn = this.made.get(key);
    if (!fn) {
      fn = this.build(target, clause, shape, arrow, span);
      this.made.set(key, fn);
    }
    return fn;
  }

  private build(target: Target, clause: string, shape: readonly number[], arrow: boolean, span: Span): OptimizerFn {
    const { scope } = this;
    const ctx = scope.ctx;
    const name = `${target.symbol.decl.name.text}_${clause}_${shape.join("x")}`;
    const frame = new OptimizerFrame(name, ctx.fns);
    const names = arrow ? arrowNames(target) : [];
    const axes = shape.map((n, i) => axis(names[i] ?? `d${i}`, n));
    const param = (n: string) => ({
      ...wrap(frame, frame.builder.param(tensor(shape, names), n), axes),
      arrow: arrow ? 1 : undefined,
    });
    const w = param("w");
    const g = param("g");
    const k = wrap(frame, frame.builder.param(tensor([], []), "k"), []);
    const args = { positional: [w, g, k].map((value) => ({ value, span })), named: new Map() };
    const { ops } = scope.frame.builder.fn;
    const before = ops.length;
    const evaluation = callInline(scope, target, args, span, scope.drawPath, new Map(), frame);
    const own = new Set([...frame.builder.fn.params, ...frame.builder.fn.ops.flatMap((op) => op.results)]);
    if (
      ops.slice(before).some((op) => op.operands.some((v) => own.has(v))) ||
      frame.builder.fn.ops.some((op) => op.operands.some((v) => !own.has(v)))
    )
      return ctx.fail("optimizer-outside", { optimizer: target.symbol.decl.name.text }, span, {
        help: ["move the function out of the plan"],
      });
    const out = plain(evaluation.output);
    if (out.kind !== "tensor" || out.axes.length !== axes.length)
      return ctx.fail("optimizer-result", { optimizer: target.symbol.decl.name.text }, span);
    const result = spread({ ...out, axes: out.axes.map((a) => ({ ...a, tag: 0 })) }, axes);
    const next = frame.states.map((s) => {
      const node = ctx.nexts.get(s.path) ?? s.node;
      ctx.nexts.delete(s.path);
      return node;
    });
    frame.builder.finish([result.node, ...next]);
    return { fn: frame.builder.fn, shape, states: frame.states.map(({ name, init }) => ({ name, init })) };
  }
}

function targetOf(v: DefinitionVal | InstanceVal): Target {
  if (v.kind === "definition")
    return { symbol: v.symbol, given: v.given, preset: v.preset, instance: undefined, mode: plainMode };
  return {
    symbol: v.instance.definition,
    given: v.instance.given,
    preset: v.instance.preset,
    instance: undefined,
    mode: plainMode,
  };
}

function arrowNames(target: Target): string[] {
  const type = target.symbol.decl.inputs[0]?.type;
  if (type?.kind !== "AxesType") return [];
  return [...type.axes.items, ...(type.axes.arrow ?? [])].flatMap((i) => (i.kind === "axis" ? [i.name.text] : []));
}
