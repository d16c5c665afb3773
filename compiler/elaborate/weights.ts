/** `weight w: [from -> to] ~ xavier`: made by the first call, of one size from then on. */
import type { Span } from "../../grammar/source.js";
import type { WeightStatement } from "../../grammar/tree.js";
import { print } from "../ir/print.js";
import type { Init, WeightInfo } from "../plan/plan.js";
import { type Axis, namesOf, sameAxis, shapeOf, showAxes } from "./axes.js";
import { sized, specAxes } from "./axis-specs.js";
import { guard } from "./body.js";
import { copyOps } from "./constants.js";
import { toInit } from "./convert.js";
import { plain } from "./evaluation.js";
import { evaluate } from "./expr.js";
import { MainFrame } from "./frame.js";
import type { Scope } from "./scope.js";
import { spread, wrap } from "./tensors.js";
import type { InitRule, TensorVal } from "./values.js";

export function readWeight(scope: Scope, decl: WeightStatement, span: Span): TensorVal {
  const ctx = scope.ctx;
  const name = decl.name.text;
  if (decl.guard && !guard(scope, decl.guard))
    return ctx.fail("absent", { name }, span, {
      related: [{ span: decl.guard.span, message: "this guard is false here" }],
    });
  if (decl.type.kind !== "AxesType") return ctx.fail("weight-type", {}, decl.type.span);
  if (!scope.instance)
    return ctx.fail("unnamed-part", { weight: name }, span, {
      help: ["declare it: `part name: Definition { … }`, then call `name(…)`"],
    });
  const spec = specAxes(decl.type.axes, scope);
  if (spec.star) return ctx.fail("weight-type", {}, decl.type.span);
  const axes = sized(spec.axes, scope, decl.type.span);
  const path = `${scope.path}.${name}`;
  const known = ctx.weights.get(path);
  if (known) {
    const before = known.info.shape;
    if (before.length !== axes.length || before.some((d, i) => d !== axes[i]?.size))
      return ctx.fail(
        "weight-size",
        {
          path,
          now: showAxes(axes),
          before: showAxes(known.info.axes.map((n, i) => ({ name: n, size: before[i] ?? 0, tag: 0 }))),
        },
        span,
        {
          related: [{ span: known.sizedBy, message: "an earlier call fixed its size" }],
        },
      );
    return value(scope, decl, known.info, axes, spec.arrow);
  }
  const start = plain(evaluate(decl.init, scope));
  const info: WeightInfo = {
    path,
    shape: shapeOf(axes),
    axes: namesOf(axes),
    init:
      start.kind === "tensor"
        ? computed(start, axes, scope, decl.init.span)
        : resolveInit(toInit(scope, start, decl.init.span), axes, spec.arrow, scope),
    arrow: spec.arrow,
    trained: true,
  };
  if (spec.arrow !== undefined) scope.lastFanIn = product(axes.slice(0, spec.arrow));
  ctx.weights.set(path, { info, declared: decl.span, sizedBy: span });
  return value(scope, decl, info, axes, spec.arrow);
}

/** A weight that its body moves by `next` is no matter of gradients. */
function moves(scope: Scope, name: string): boolean {
  const here = scope.body.nexts.some((n) => n.name.text === name);
  return here || (scope.kind === "loop" && scope.parent !== undefined && moves(scope.parent, name));
}

function value(
  scope: Scope,
  decl: WeightStatement,
  info: WeightInfo,
  axes: readonly Axis[],
  arrow: number | undefined,
): TensorVal {
  const mode = scope.mode;
  if (arrow !== undefined) scope.lastFanIn = product(axes.slice(0, arrow));
  let node = scope.frame.weight(info, mode?.average);
  if (mode?.frozen || moves(scope, decl.name.text)) node = scope.frame.builder.emit("stop_gradient", [node], {});
  return { ...wrap(scope.frame, node, axes), arrow, weight: decl.span };
}

function product(axes: readonly Axis[]): number {
  return axes.reduce((n, a) => n * a.size, 1);
}

/** A table that the spec computes, as a graph without inputs. */
function computed(start: TensorVal, axes: readonly Axis[], scope: Scope, span: Span): Init {
  if (!start.axes.every((a) => axes.some((b) => sameAxis(a, b)))) return scope.ctx.fail("start-not-constant", {}, span);
  const ordered = spread(start, axes);
  const frame = new MainFrame("start", new Map());
  const copied = copyOps(ordered.node, ordered.frame.builder.fn.ops, frame);
  if (!copied) return scope.ctx.fail("start-not-constant", {}, span);
  frame.builder.finish([copied]);
  return { law: "computed", graph: print({ fns: new Map(), main: frame.builder.fn }).trimEnd().split("\n") };
}

/** Fans come from the arrow, all axes of a side merged; `torch_default` of a vector takes the fan of the arrow weight before it. */
function resolveInit(rule: InitRule, axes: readonly Axis[], arrow: number | undefined, scope: Scope): Init {
  if (rule.law === "xavier") {
    const fanIn = arrow === undefined ? 1 : product(axes.slice(0, arrow));
    const fanOut = arrow === undefined ? product(axes) : product(axes.slice(arrow));
    return { law: "uniform", bound: Math.sqrt(6 / (fanIn + fanOut)) };
  }
  if (rule.law === "torch_default") {
    const fanIn = arrow === undefined ? (scope.lastFanIn ?? product(axes)) : product(axes.slice(0, arrow));
    return { law: "uniform", bound: 1 / Math.sqrt(fanIn) };
  }
  return rule;
}
