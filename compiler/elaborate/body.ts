/** The names that the statements of a body declare, and what they are when first read. */

import { nearest } from "../../grammar/nearest.js";
import type { Span } from "../../grammar/source.js";
import type { Expr, InstanceDecl, LetStatement, Statement, TapStatement } from "../../grammar/tree.js";
import type { Axis } from "./axes.js";
import { toTensor } from "./convert.js";
import { makeDraw } from "./draws.js";
import { plain } from "./evaluation.js";
import { evaluate, evaluateStatic, wholeNumber } from "./expr.js";
import { MainFrame } from "./frame.js";
import { makeInstance } from "./make-instance.js";
import { applySets } from "./rewire.js";
import type { Binding, FamilyBinding, Lazy } from "./scope.js";
import { Scope } from "./scope.js";
import { readState } from "./states.js";
import { constant, stack } from "./tensors.js";
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
      const v = fed ?? loadedTable(scope, name, tap, () => holding(scope, name, tap, () => evaluate(s.value, home)));
      return tap ? applySets(scope, name, v, span) : v;
    },
  };
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
    if (!domain.includes(index)) outOfRange(scope, name, index, domain, span, b.decl.index.range.span);
  } else if (index !== undefined) return ctx.fail("not-a-family", { name }, span);
  if (b.decl.guard && !guard(loopScope(b.scope, b.decl.index?.name.text, index), b.decl.guard))
    return ctx.fail("absent", { name }, span, {
      related: [{ span: b.decl.guard.span, message: "this guard is false here" }],
    });
  return makeInstance(scope, b, index, span);
}

/** The positions a family has, ascending. */
export function namesIn(scope: Scope, b: Binding, span: Span): readonly number[] {
  const ctx = scope.ctx;
  if (b.kind === "part" && b.decl.index) return positions(b.scope, b.decl.index.range);
  if (b.kind === "draw") {
    const loop = b.decl.tail.loops[0];
    return loop ? positions(b.scope, loop.range) : [];
  }
  if (b.kind !== "family") return ctx.fail("not-a-family", { name: "it" }, span);
  if (!b.domain) {
    const all = new Set<number>();
    for (const c of b.clauses) for (const m of clauseMembers(b, c)) all.add(m.index);
    b.domain = [...all].sort((x, y) => x - y);
  }
  return b.domain;
}

/** The ints of a static range or list. */
export function positions(scope: Scope, range: Expr): readonly number[] {
  const v = plain(evaluateStatic(range, scope));
  if (v.kind === "range") {
    const from = wholeNumber(scope, v.from, range.span);
    const to = wholeNumber(scope, v.to, range.span);
    if (to - from + 1 > 10_000) return scope.ctx.fail("too-many-members", {}, range.span);
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
  }
  if (v.kind === "list")
    return v.items.map((x) =>
      x.kind === "number"
        ? x.value
        : scope.ctx.fail("wrong-kind", { wanted: "a range or a list of numbers", found: x.kind }, range.span),
    );
  return scope.ctx.fail("wrong-kind", { wanted: "a range such as `1..depth`", found: v.kind }, range.span);
}

export function loopScope(parent: Scope, name: string | undefined, index: number | undefined): Scope {
  if (name === undefined || index === undefined) return parent;
  const s = new Scope({ ctx: parent.ctx, kind: "loop", parent, file: parent.file, frame: undefined });
  s.bindings.set(name, { kind: "value", value: { kind: "number", value: index } });
  return s;
}

interface Member {
  readonly index: number;
  readonly scope: Scope;
}

/** Every member a clause defines, with the scope in which its loop variables stand. */
function* clauseMembers(b: FamilyBinding, c: LetStatement | TapStatement): Generator<Member> {
  const target = c.target;
  if ("pattern" in target || !target.index) return;
  yield* walk(b.scope, 0, target.index, c);
}

function* walk(scope: Scope, depth: number, index: Expr, c: LetStatement | TapStatement): Generator<Member> {
  const loop = c.tail.loops[depth];
  if (!loop) {
    if (c.tail.guard && !guard(scope, c.tail.guard)) return;
    const v = plain(evaluateStatic(index, scope));
    if (v.kind !== "number") scope.ctx.fail("index-not-static", {}, index.span);
    else yield { index: wholeNumber(scope, v.value, index.span), scope };
    return;
  }
  for (const k of positions(scope, loop.range)) {
    scope.ctx.countMember(loop.range.span);
    yield* walk(loopScope(scope, loop.index.text, k), depth + 1, index, c);
  }
}

function familyMember(scope: Scope, b: FamilyBinding, wanted: number, span: Span): Val {
  const index = scope.ctx.abridged ? tried(b, wanted) : wanted;
  const known = b.members.get(index);
  if (known) return force(scope, known, span);
  approach(scope, b, index, span);
  for (const c of b.clauses) {
    const home = memberScope(b, c, index);
    if (!home) continue;
    const l: Lazy = {
      kind: "lazy",
      name: `${b.name}(${index})`,
      span: c.target.span,
      tap: b.tap,
      expr: c.value,
      state: "new",
      compute: () => {
        const v = holding(scope, `${b.name}(${index})`, b.tap, () => evaluate(c.value, home));
        return b.tap ? applySets(scope, `${b.name}(${index})`, v, span) : v;
      },
    };
    b.members.set(index, l);
    return force(scope, l, span);
  }
  return outOfRange(scope, b.name, index, namesIn(scope, b, span), span, b.clauses[0]?.span);
}

/** Members between this one and those that are known come first, the farthest first: a recurrence over 250 steps is then not 250 calls deep. */
function approach(scope: Scope, b: FamilyBinding, index: number, span: Span): void {
  if (b.approaching || b.clauses.every((c) => c.tail.loops.length === 0)) return;
  if (scope.ctx.abridged && chainsOf(b).length > 0) return;
  const rising = !b.clauses.some((c) => readsAhead(b, c));
  const between = namesIn(scope, b, span).filter((k) => (rising ? k < index : k > index) && !b.members.has(k));
  if (between.length <= 12) return;
  b.approaching = true;
  try {
    for (const k of rising ? between : between.reverse()) familyMember(scope, b, k, span);
  } finally {
    b.approaching = false;
  }
}

/** Chains of more members than that are abridged when a spec is only checked: the first two, the middle one and the last are tried. */
const shortChain = 8;

/**
 * The member that stands for `index` when a spec is only checked: a sampler of 250 steps is then elaborated at some of them, both ends
 * included. Only chains of a program itself are abridged, not those of a function of the graph: a network is looked at block by block.
 */
function tried(b: FamilyBinding, index: number): number {
  for (const { from, to, ahead } of chainsOf(b)) {
    const middle = Math.floor((from + to) / 2);
    if (ahead) return index >= to - 1 || index === middle || index === from ? index : index < middle ? middle : to - 1;
    return index <= from + 1 || index === middle || index === to ? index : index > middle ? middle : from + 1;
  }
  return index;
}

interface Chain {
  readonly from: number;
  readonly to: number;
  /** Members read later ones. */
  readonly ahead: boolean;
}

const chains = new WeakMap<FamilyBinding, readonly Chain[]>();

function chainsOf(b: FamilyBinding): readonly Chain[] {
  let found = chains.get(b);
  if (!found) {
    const main = b.scope.frame instanceof MainFrame;
    found = b.clauses.flatMap((c): Chain[] => {
      const range = main && c.tail.loops.length === 1 ? plainRange(b, c) : undefined;
      if (!range || range.to - range.from < shortChain) return [];
      return [{ ...range, ahead: b.clauses.some((x) => readsAhead(b, x)) }];
    });
    chains.set(b, found);
  }
  return found;
}

/** The range of a clause `h(i) … for i in a..b`. */
function plainRange(b: FamilyBinding, c: LetStatement | TapStatement): { from: number; to: number } | undefined {
  const loop = c.tail.loops[0];
  if (!loop || "pattern" in c.target || c.target.index?.kind !== "Name" || c.target.index.name !== loop.index.text)
    return undefined;
  const range = plain(evaluateStatic(loop.range, b.scope));
  return range.kind === "range" && Number.isInteger(range.from) && Number.isInteger(range.to) ? range : undefined;
}

/** Whether a clause reads its own family at a later index: `x(k + 1)`. */
function readsAhead(b: FamilyBinding, c: LetStatement | TapStatement): boolean {
  const text = c.value.span.source.text.slice(c.value.span.pos, c.value.span.end);
  return new RegExp(`\\b${b.name}\\(\\s*\\w+\\s*\\+`).test(text);
}

/** The loop scope in which a clause defines member `index`; the common clause `h(i) … for i in a..b` is answered without enumeration. */
function memberScope(b: FamilyBinding, c: LetStatement | TapStatement, index: number): Scope | undefined {
  const target = c.target;
  if ("pattern" in target || !target.index) return undefined;
  const loops = c.tail.loops;
  const loop = loops[0];
  const range = loops.length === 1 ? plainRange(b, c) : undefined;
  if (loop && range) {
    if (index < range.from || index > range.to) return undefined;
    b.scope.ctx.countMember(loop.range.span);
    const s = loopScope(b.scope, loop.index.text, index);
    return c.tail.guard && !guard(s, c.tail.guard) ? undefined : s;
  }
  for (const m of clauseMembers(b, c)) if (m.index === index) return m.scope;
  return undefined;
}

function outOfRange(
  scope: Scope,
  name: string,
  index: number,
  domain: readonly number[],
  span: Span,
  declared: Span | undefined,
): never {
  const first = domain[0];
  const last = domain[domain.length - 1];
  const range = first === undefined ? "none" : `${first}..${last}`;
  return scope.ctx.fail("index-range", { name, index, range }, span, {
    related: declared ? [{ span: declared, message: `\`${name}\` is declared for ${range}` }] : [],
    help: index === 0 && first === 1 ? ["positions count from 1"] : [],
  });
}

/** `h(1..6)`, `h(..)`: a new axis with the name of the family. */
export function stackMembers(scope: Scope, name: string, members: readonly Val[], span: Span): Val {
  if (members.length === 0) return scope.ctx.fail("empty-stack", { name }, span);
  return stackVals(scope, name, members.map(plain), span);
}

function stackVals(scope: Scope, name: string, members: readonly Val[], span: Span): Val {
  const first = members[0] as Val;
  if (first.kind === "record") {
    const fields = new Map<string, Val>();
    for (const f of first.fields.keys())
      fields.set(
        f,
        stackVals(
          scope,
          name,
          members.map((m) =>
            m.kind === "record" ? (m.fields.get(f) ?? { kind: "error" as const }) : { kind: "error" as const },
          ),
          span,
        ),
      );
    return { kind: "record", fields };
  }
  if (members.every((m) => m.kind === "number")) return { kind: "list", items: members };
  const tensors = members.map((m) => toTensor(scope, m, span));
  const clash = tensors.find((t) => t.axes.some((a: Axis) => a.tag === 0 && a.name === name));
  if (clash) return scope.ctx.fail("axis-collision", { axis: name }, span);
  return stack(scope.ctx, tensors, name, span);
}

export function didYouMean(name: string, names: Iterable<string>): { help: string[] } | Record<string, never> {
  const guess = nearest(name, names);
  return guess ? { help: [`did you mean \`${guess}\`?`] } : {};
}
