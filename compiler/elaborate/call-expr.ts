import type { CallExpr, Expr } from "../../grammar/tree.js";
import { type Axis, axis, findVisible } from "./axes.js";
import { readBinding, subInstance } from "./body.js";
import { callBuiltin } from "./builtins/index.js";
import { invoke } from "./call.js";
import { reveal } from "./convert.js";
import { memberAt, memberDomain, plain } from "./evaluation.js";
import { evaluate, evaluateStatic, wholeNumber } from "./expr.js";
import { namesIn, positions } from "./families.js";
import { callFn } from "./functions.js";
import type { Arg, Args } from "./inputs.js";
import { hideCaptured, readName } from "./lookup.js";
import { follow, one, type Path } from "./paths.js";
import { bracketAxes } from "./reindex.js";
import type { Scope } from "./scope.js";
import { lookUp, wrap } from "./tensors.js";
import { describe, type Val } from "./values.js";

export function call(e: CallExpr, scope: Scope): Path {
  const ctx = scope.ctx;
  scope.at(e.span);
  const callee = e.callee;
  if (callee.kind === "Member" && callee.name.text === "at") {
    const object = plain(evaluate(callee.object, scope));
    if (object.kind === "tensor") return one(at(object, e, scope));
  }
  if (callee.kind === "Reindex") return one(bracketCall(e, callee, scope));
  const p =
    callee.kind === "Name" || callee.kind === "Member" || callee.kind === "Call"
      ? follow(callee, scope)
      : one(evaluate(callee, scope));
  if (p.kind === "local" || p.kind === "of") return indexed(p, e, scope);
  if (p.kind === "many")
    return { ...p, items: p.items.map((v) => invoke(scope, v, argsOf(e, scope), e.span, segmentOf(callee, scope))) };
  const target = plain(p.value);
  if (target.kind === "builtin") return one(callBuiltin(scope, target.name, argsOf(e, scope), e.span, undefined));
  if (
    e.args.length === 0 &&
    e.rest &&
    target.kind !== "function" &&
    target.kind !== "definition" &&
    target.kind !== "instance"
  )
    return ctx.fail("not-a-family", { name: "it" }, e.span);
  return one(invoke(scope, p.value, argsOf(e, scope), e.span, segmentOf(callee, scope)));
}

/** `block(3)`, `h(1..6)`, `block(..)` */
function indexed(p: Extract<Path, { kind: "local" | "of" }>, e: CallExpr, scope: Scope): Path {
  const ctx = scope.ctx;
  const read = (i: number): Val => {
    if (p.kind === "of")
      return reveal(ctx, memberAt(ctx, p.evaluation, p.name, i, e.span), ctx.privateNames > 0 ? 0 : scope.tag, e.span);
    return p.binding.kind === "part"
      ? subInstance(p.scope, p.binding, i, e.span)
      : hideCaptured(readBinding(p.scope, p.binding, e.span, i), scope, p.scope, e.span);
  };
  const domain = () =>
    p.kind === "of" ? memberDomain(ctx, p.evaluation, p.name, e.span) : namesIn(p.scope, p.binding, e.span);
  const arg = e.args[0];
  if (!arg) {
    if (e.rest) return { kind: "many", name: p.name, items: domain().map(read) };
    return ctx.fail("family-without-index", { name: p.name }, e.span);
  }
  const v = evaluateStatic(arg.value, scope);
  if (v.kind === "number") return one(read(wholeNumber(scope, v.value, arg.span)));
  if (v.kind === "range" || v.kind === "list")
    return { kind: "many", name: p.name, items: positions(scope, arg.value).map(read) };
  if (v.kind === "error") return ctx.silent();
  return ctx.fail("index-not-static", {}, arg.span);
}

function at(x: Extract<Val, { kind: "tensor" }>, e: CallExpr, scope: Scope): Val {
  const ctx = scope.ctx;
  const arg = e.args[0];
  if (!arg?.name || e.args.length !== 1) return ctx.fail("at-form", {}, e.span);
  const axisName = arg.name.text;
  const target = findVisible(x.axes, axisName) as Axis | undefined;
  if (!target)
    return ctx.fail(
      "unknown-axis",
      {
        axis: axisName,
        has: x.axes
          .filter((a) => a.tag === 0)
          .map((a) => a.name)
          .join(", "),
      },
      arg.name.span,
    );
  const index = plain(evaluate(arg.value, scope));
  if (index.kind === "none") return zerosWithout(x, target, scope);
  if (index.kind !== "tensor" || index.dtype !== "index")
    return ctx.fail(
      "wrong-kind",
      { wanted: `positions on the axis \`${axisName}\``, found: describe(index) },
      arg.value.span,
    );
  if (index.over && index.over.size !== target.size && index.over.size !== Number.MAX_SAFE_INTEGER)
    return ctx.fail("axis-mismatch", { axis: axisName, here: target.size, there: index.over.size }, arg.span);
  return lookUp(ctx, x, target, index, e.span);
}

function zerosWithout(x: Extract<Val, { kind: "tensor" }>, gone: Axis, scope: Scope): Val {
  const axes = x.axes.filter((a) => a !== gone);
  const node = scope.frame.builder.constant(
    { dtype: "float", shape: axes.map((a) => a.size), axes: axes.map((a) => a.name) },
    0,
  );
  return wrap(
    scope.frame,
    node,
    axes.map((a) => axis(a.name, a.size, a.tag)),
  );
}

/** `mean[token](x)`, `unit[dim](x)` */
function bracketCall(e: CallExpr, callee: Extract<Expr, { kind: "Reindex" }>, scope: Scope): Val {
  if (callee.object.kind === "Name") {
    const v = readName(callee.object.name, callee.object.span, scope);
    if (v.kind === "function") return callFn(scope, v, argsOf(e, scope), e.span, bracketAxes(callee.items, scope));
    if (v.kind === "builtin") return callBuiltin(scope, v.name, argsOf(e, scope), e.span, callee.items);
    if (v.kind === "error") return v;
  }
  return invoke(scope, evaluate(callee, scope), argsOf(e, scope), e.span, segmentOf(callee.object, scope));
}

/** How the callee was named: the segment of paths below the call. */
function segmentOf(callee: Expr, scope: Scope): string {
  switch (callee.kind) {
    case "Name":
      return callee.name;
    case "Def":
      return callee.name.text;
    case "Member":
      return callee.name.text;
    case "Call": {
      const arg = callee.args[0];
      const v = arg ? evaluateStatic(arg.value, scope) : undefined;
      const base = segmentOf(callee.callee, scope);
      return v?.kind === "number" ? `${base}(${v.value})` : base;
    }
    case "Reindex":
      return segmentOf(callee.object, scope);
    default:
      return "call";
  }
}

/** Arguments are evaluated when their input is known; `..` hands on what the own signature left over. */
export function argsOf(e: CallExpr, scope: Scope): Args {
  const positional: Arg[] = [];
  const named = new Map<string, Arg>();
  const ctx = scope.ctx;
  const holder = ctx.holder;
  for (const a of e.args) {
    let value: Val | undefined;
    const arg: Arg = {
      span: a.span,
      expr: a.value,
      scope,
      get value() {
        if (value) return value;
        const before = ctx.holder;
        ctx.holder = holder && { ...holder, inArgs: holder.inArgs + 1 };
        try {
          value = evaluate(a.value, scope);
        } finally {
          ctx.holder = before;
        }
        return value;
      },
    };
    if (a.name) {
      if (named.has(a.name.text)) ctx.report("argument-twice", { name: a.name.text }, a.span);
      named.set(a.name.text, arg);
    } else positional.push(arg);
  }
  if (e.rest) {
    let s: Scope | undefined = scope;
    while (s && !s.rest) s = s.parent;
    if (!s?.rest) ctx.fail("nothing-to-hand-on", {}, e.span);
    else {
      positional.push(...s.rest.positional);
      for (const [n, a] of s.rest.named) if (!named.has(n)) named.set(n, a);
    }
  }
  return { positional, named };
}
