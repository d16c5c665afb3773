import type { Span } from "../../grammar/source.js";
import type { Expr, InstanceDecl, LetStatement, Statement, TapStatement } from "../../grammar/tree.js";
import { makeDraw } from "./draws.js";
import { plain } from "./evaluation.js";
import { evaluate, evaluateStatic } from "./expr.js";
import { familyMember, loopScope, namesIn, outOfRange } from "./families.js";
import { checkResult } from "./inputs.js";
import { makeInstance } from "./make-instance.js";
import { applySets } from "./rewire.js";
import type { Binding, Lazy, Scope } from "./scope.js";
import { readState } from "./states.js";
import { constant } from "./tensors.js";
import type { Val } from "./values.js";
import { readWeight } from "./weights.js";

/** Registers statements; nothing is evaluated. `fed` holds draws and taps that the caller gives. */
export function declareBody(
  scope: Scope,
  statements: readonly Statement[],
  fed: ReadonlyMap<string, Val>,
  home: Scope = scope,
): void {
  const families = new Map<string, (LetStatement | TapStatement)[]>();
  for (const s of statements) {
    switch (s.kind) {
      case "Let":
        if ("pattern" in s.target)
          declarePattern(
            scope,
            s,
            s.target.pattern.map((n) => ({ text: n.text, span: n.span })),
            home,
          );
        else if (s.target.index) push(families, s.target.name.text, s);
        else
          declare(
            scope,
            s.target.name.text,
            lazy(scope, s.target.name.text, s.target.span, false, s, home),
            s.target.span,
          );
        break;
      case "Tap":
        if (s.target.index) push(families, s.target.name.text, s);
        else
          declareTap(
            scope,
            s,
            lazy(scope, s.target.name.text, s.target.span, true, s, home, fed.get(s.target.name.text)),
          );
        break;
      case "Weight":
        declare(scope, s.name.text, { kind: "weight", decl: s, scope: home }, s.name.span);
        break;
      case "Draw":
        declare(
          scope,
          s.target.name.text,
          { kind: "draw", decl: s, scope: home, members: new Map(), fed: fed.get(s.target.name.text) },
          s.target.span,
        );
        break;
      case "State":
        declare(scope, s.name.text, { kind: "state", decl: s, scope: home }, s.name.span);
        break;
      case "Instance":
        declare(scope, s.name.text, { kind: "part", decl: s, scope: home }, s.name.span);
        break;
      case "Fn":
        declare(scope, s.name.text, { kind: "value", value: { kind: "function", decl: s, scope: home } }, s.name.span);
        break;
      case "Set":
        scope.body.sets.push(s);
        break;
      case "Skip":
        declare(scope, s.name.text, { kind: "part", decl: partOfSkip(s), scope: home }, s.name.span);
        scope.body.skips.push(s);
        break;
      case "Next":
        scope.body.nexts.push(s);
        break;
      case "Return":
        scope.body.result = s.value;
        break;
      case "Require":
      case "Stop":
      case "Log":
      case "Minimize":
        break;
    }
  }
  for (const [name, clauses] of families) {
    const before = scope.bindings.get(name);
    if (before?.kind === "family") (before.clauses as (LetStatement | TapStatement)[]).push(...clauses);
    else
      declare(
        scope,
        name,
        { kind: "family", name, tap: clauses.some((c) => c.kind === "Tap"), clauses, scope: home, members: new Map() },
        clauses[0]?.target.span as Span,
      );
  }
}

/** `tap model = …` says which evaluation of the input `model` is meant from outside; in the body the name stays the input's. */
function declareTap(scope: Scope, s: TapStatement, tap: Lazy): void {
  const before = scope.bindings.get(tap.name);
  const input = before?.kind === "value" ? before.value : undefined;
  if (input && (input.kind === "instance" || input.kind === "function" || input.kind === "definition"))
    scope.taps.set(tap.name, tap);
  else declare(scope, tap.name, tap, s.target.span);
}

/** `skip long(i): … via F for i in R if G` declares `part long(i in R): F if G`. */
function partOfSkip(s: Extract<Statement, { kind: "Skip" }>): InstanceDecl {
  const loop = s.tail.loops[0];
  return {
    kind: "Instance",
    of: "part",
    name: s.name,
    index: s.index && loop ? { name: s.index, range: loop.range } : undefined,
    ref: s.via,
    guard: s.tail.guard,
    span: s.span,
  };
}

function push<T>(map: Map<string, T[]>, key: string, item: T): void {
  const list = map.get(key);
  if (list) list.push(item);
  else map.set(key, [item]);
}

export function declare(scope: Scope, name: string, binding: Binding, span: Span): void {
  const before = scope.bindings.get(name);
  if (before) {
    scope.ctx.report("duplicate-name", { name }, span, {
      related: [{ span: spanOf(before) ?? span, message: "first declared here" }],
    });
    return;
  }
  scope.bindings.set(name, binding);
}

function spanOf(b: Binding): Span | undefined {
  switch (b.kind) {
    case "lazy":
      return b.span;
    case "family":
      return b.clauses[0]?.target.span;
    case "weight":
    case "state":
      return b.decl.name.span;
    case "draw":
      return b.decl.target.span;
    case "part":
      return b.decl.name.span;
    case "value":
      return undefined;
  }
}

function lazy(
  scope: Scope,
  name: string,
  span: Span,
  tap: boolean,
  s: LetStatement | TapStatement,
  home: Scope,
  fed?: Val,
): Lazy {
  return {
    kind: "lazy",
    name,
    span,
    tap,
    expr: s.value,
    state: "new",
    compute: () => {
      if (s.tail.guard && !guard(home, s.tail.guard))
        return scope.ctx.fail("absent", { name }, span, {
          related: [{ span: s.tail.guard.span, message: "this guard is false here" }],
        });
      const v = fed ?? loadedTable(scope, name, tap, () => holding(scope, name, tap, () => rightSide(s, name, home)));
      return tap ? applySets(scope, name, v, span) : v;
    },
  };
}

/** The right side of a `let` or `tap`, held to the type that may stand there. */
export function rightSide(s: LetStatement | TapStatement, name: string, home: Scope): Val {
  const v = evaluate(s.value, home);
  return s.type ? checkResult(home, s.type, v, s.value.span, name) : v;
}

/** A table that a file holds too has the numbers of the file: the official code stores it rounded to 32 bits. */
function loadedTable(scope: Scope, name: string, tap: boolean, compute: () => Val): Val {
  const value = compute();
  const file = tap ? scope.ctx.tables.get(`${scope.path}.${name}`) : undefined;
  const v = plain(value);
  if (!file || v.kind !== "tensor") return value;
  return constant(v.frame, Float64Array.from(file.data), v.axes);
}

/** Remembers which `let`, `tap` or term is being evaluated: draws of the calls in it are named after it (language reference §6.2). */
export function holding<T>(scope: Scope, name: string, tap: boolean, body: () => T): T {
  const ctx = scope.ctx;
  const before = ctx.holder;
  ctx.holder = { scope: scope.owner, name, tap, inArgs: 0 };
  try {
    return body();
  } finally {
    ctx.holder = before;
  }
}

function declarePattern(
  scope: Scope,
  s: LetStatement,
  names: readonly { text: string; span: Span }[],
  home: Scope,
): void {
  const label = names.map((n) => n.text).join("_");
  const whole: Lazy = {
    kind: "lazy",
    name: label,
    span: s.target.span,
    tap: false,
    expr: s.value,
    state: "new",
    compute: () => holding(scope, label, false, () => evaluate(s.value, home)),
  };
  names.forEach((n, i) => {
    declare(
      scope,
      n.text,
      {
        kind: "lazy",
        name: n.text,
        span: n.span,
        tap: false,
        expr: s.value,
        state: "new",
        compute: () => {
          const v = plain(force(scope, whole, n.span));
          if (v.kind !== "tuple") return scope.ctx.fail("not-a-tuple", { found: v.kind }, s.value.span);
          if (v.items.length !== names.length)
            return scope.ctx.fail("tuple-size", { wanted: names.length, found: v.items.length }, s.target.span);
          return v.items[i] as Val;
        },
      },
      n.span,
    );
  });
}

export function guard(scope: Scope, expr: Expr): boolean {
  const v = evaluateStatic(expr, scope);
  if (v.kind !== "bool") return scope.ctx.fail("guard-not-static", {}, expr.span);
  return v.value;
}

/** Evaluates a lazy name once; a name that needs itself is an error. */
export function force(scope: Scope, l: Lazy, span: Span): Val {
  const ctx = scope.ctx;
  switch (l.state) {
    case "done":
      return l.value as Val;
    case "failed":
      return { kind: "error" };
    case "running": {
      const edge = ctx.edges[ctx.edges.length - 1];
      if (edge) return ctx.fail("edge-backward", { at: edge.at, from: edge.from, to: edge.to }, edge.span);
      const chain = ctx.running.slice(ctx.running.indexOf(l)).map((r) => r.name);
      return ctx.fail("cycle", { path: [...chain, l.name].join(" -> ") }, span, {
        related: [{ span: l.span, message: `\`${l.name}\` is defined here` }],
      });
    }
    case "new": {
      l.state = "running";
      ctx.running.push(l);
      const privateNames = ctx.privateNames;
      ctx.privateNames = 0;
      if (ctx.running.length > 20_000) ctx.fail("too-deep-calls", {}, span);
      try {
        l.value = l.compute();
        l.state = "done";
        return l.value;
      } catch (e) {
        l.state = "failed";
        throw e;
      } finally {
        ctx.running.pop();
        ctx.privateNames = privateNames;
      }
    }
  }
}

/** The value of a name, or of member `index` of a family. `scope` is the one that binds it. */
export function readBinding(scope: Scope, b: Binding, span: Span, index?: number): Val {
  const ctx = scope.ctx;
  if (b.kind === "family") {
    if (index === undefined) return ctx.fail("family-without-index", { name: b.name }, span);
    return familyMember(scope, b, index, span);
  }
  if (b.kind === "draw") return makeDraw(scope, b, index, span);
  if (b.kind === "part") return subInstance(scope, b, index, span);
  if (index !== undefined) return ctx.fail("not-a-family", { name: "it" }, span);
  switch (b.kind) {
    case "value":
      return b.value;
    case "lazy":
      return force(scope, b, span);
    case "weight":
      return readWeight(scope, b.decl, span);
    case "state":
      return readState(scope, b.decl);
  }
}

export function subInstance(
  scope: Scope,
  b: Extract<Binding, { kind: "part" }>,
  index: number | undefined,
  span: Span,
): Val {
  const ctx = scope.ctx;
  const name = b.decl.name.text;
  if (b.decl.index) {
    if (index === undefined) return ctx.fail("family-without-index", { name }, span);
    const domain = namesIn(scope, b, span);
    if (!domain.includes(index)) outOfRange(scope, name, index, domain, span, b.decl.index.range);
  } else if (index !== undefined) return ctx.fail("not-a-family", { name }, span);
  if (b.decl.guard && !guard(loopScope(b.scope, b.decl.index?.name.text, index), b.decl.guard))
    return ctx.fail("absent", { name }, span, {
      related: [{ span: b.decl.guard.span, message: "this guard is false here" }],
    });
  return makeInstance(scope, b, index, span);
}
