/** Calls of `fn`s. A function of a file works in the world of its caller; a local one in the scope where it was written. */
import type { Span } from "../../grammar/source.js";
import { freshTag, unionAxes, visible } from "./axes.js";
import { declareBody } from "./body.js";
import { checkRequires, fieldArgs, recordLift, restOf } from "./call.js";
import { leaves, retag, reveal } from "./convert.js";
import { type Evaluation, plain } from "./evaluation.js";
import { evaluate } from "./expr.js";
import { type Args, bindInputs, checkResult, matchInputs } from "./inputs.js";
import { type Held, Scope } from "./scope.js";
import type { AxisRef, FunctionVal, Val } from "./values.js";

/** `brackets`: the axes in `unit[dim](x)`. */
export function callFn(
  scope: Scope,
  fn: FunctionVal,
  args: Args,
  span: Span,
  brackets: readonly AxisRef[] | undefined,
): Val {
  const { decl, scope: home } = fn;
  const ctx = scope.ctx;
  const name = decl.name.text;
  if (decl.axes.length > 0 && !brackets)
    return ctx.fail("axis-argument", { name, axes: decl.axes.map((a) => a.text).join(", ") }, span);
  if (decl.axes.length === 0 && brackets) return ctx.fail("no-axis-argument", { name }, span);
  const overFields = recordLift(args, decl.inputs);
  if (overFields)
    return {
      kind: "record",
      fields: new Map(overFields.map((f) => [f, callFn(scope, fn, fieldArgs(args, f), span, brackets)])),
    };
  const local = home.kind !== "file";
  const world = local ? enter(scope, home, args, span) : undefined;
  const inner = world?.args ?? args;
  const { bound, extra, named } = matchInputs(scope, decl.inputs, inner);
  const tag = freshTag();
  const typed = decl.inputs.some((i) => i.type);
  const hides = new Map<string, number>();
  const taken = local ? takenBy(scope, home, name) : undefined;
  const S = new Scope(
    {
      ctx,
      kind: "fn",
      parent: home,
      file: home.file,
      frame: home.hasFrame ? undefined : scope.frame,
      tag: typed ? tag : local ? home.tag : scope.tag,
      lifted: local ? home.lifted : scope.lifted,
      training: local ? undefined : scope.training,
      mode: local ? undefined : scope.mode,
      owner: local ? undefined : scope.owner,
      path: local ? home.path : scope.path,
      drawPath: local ? home.drawPath : scope.drawPath,
      held: taken ?? scope.held,
    },
    hides,
  );
  bindBrackets(
    S,
    decl.axes.map((a) => a.text),
    brackets ?? [],
  );
  S.rest = restOf(
    scope,
    decl.rest,
    extra,
    named,
    name,
    decl.inputs.map((i) => i.name.text),
    [],
  );
  const lifted = bindInputs(S, bound, tag, span, false);
  for (const a of lifted.axes) hides.set(a.name, tag);
  S.lifted = unionAxes(lifted.axes, S.lifted);
  return ctx.inCall(
    span,
    name,
    lifted.axes.map((a) => a.name),
    () => {
      const result = declareFnBody(S, fn);
      let v = evaluate(result, S);
      if (decl.result) v = checkResult(S, decl.result, v, result.span, name);
      v = v.kind === "evaluation" && !typed ? v : reveal(ctx, v, local ? home.tag : scope.tag, span);
      const given = world ? world.leave(v) : v;
      if (!taken || taken.evaluation.children.size === 0) return given;
      taken.evaluation.output = plain(given);
      return { kind: "evaluation", evaluation: taken.evaluation };
    },
  );
}

/**
 * A local function that another body calls as the whole right side of a tap: what it calls belongs to that tap. A local function called
 * in there has its own name below it.
 */
function takenBy(scope: Scope, home: Scope, name: string): Held | undefined {
  const evaluation: Evaluation = { name, input: undefined, output: { kind: "error" }, children: new Map() };
  if (scope.held) {
    const { children } = scope.held.evaluation;
    children.set(name, [...(children.get(name) ?? []), evaluation]);
    return { path: `${scope.held.path}.${name}`, evaluation };
  }
  const holder = scope.ctx.holder;
  if (!holder?.tap || holder.inArgs > 0 || holder.scope !== scope.owner || holder.scope === home.owner)
    return undefined;
  return { path: `${holder.scope.drawPath}.${holder.name.replace(/\((-?\d+)\)/, ".$1")}`, evaluation };
}

function declareFnBody(S: Scope, fn: FunctionVal): NonNullable<Scope["body"]["result"]> {
  declareBody(S, fn.decl.body, new Map());
  checkRequires(S, fn.decl.body, fn.decl.span);
  return S.body.result ?? S.ctx.silent();
}

/** One bracket name takes one axis each; a single name takes them all: `unit[batch, token](f)`. */
function bindBrackets(S: Scope, names: readonly string[], given: readonly AxisRef[]): void {
  if (names.length === 1 && names[0] !== undefined) S.axisNames.set(names[0], given);
  else
    names.forEach((n, i) => {
      const g = given[i];
      if (g) S.axisNames.set(n, [g]);
    });
}

/**
 * A local function called from inside a call that hides axes: for the function they are visible again. Its result is given back in the
 * caller's world; what the caller cannot know counts as lifted there.
 */
function enter(scope: Scope, home: Scope, args: Args, span: Span): { args: Args; leave: (v: Val) => Val } | undefined {
  const ctx = scope.ctx;
  if (scope.tag <= home.tag && scope.owner === home.owner) return undefined;
  const known = new Set<string>();
  const hidden = new Map<string, number>();
  for (const a of [...args.positional, ...args.named.values()])
    for (const t of leaves(plain(a.value))) {
      for (const x of visible(t.axes)) known.add(x.name);
      for (const x of t.axes) if (x.tag > home.tag) hidden.set(x.name, x.tag);
    }
  for (const a of scope.lifted) if (a.tag > home.tag && !hidden.has(a.name)) hidden.set(a.name, a.tag);
  const bring = (a: (typeof args.positional)[number]) => ({
    ...a,
    value:
      a.value.kind === "evaluation"
        ? reveal(ctx, plain(a.value), home.tag, a.span)
        : reveal(ctx, a.value, home.tag, a.span),
  });
  return {
    args: { positional: args.positional.map(bring), named: new Map([...args.named].map(([k, a]) => [k, bring(a)])) },
    leave: (v) =>
      retag(
        ctx,
        plain(v),
        (a) => {
          if (a.tag !== 0 || known.has(a.name)) return a;
          const tag = hidden.get(a.name);
          return tag === undefined ? a : { ...a, tag };
        },
        span,
      ),
  };
}
