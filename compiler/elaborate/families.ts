/** Names with an index: which members there are, what each is, and several of them stacked. */
import { nearest } from "../../grammar/nearest.js";
import type { Span } from "../../grammar/source.js";
import type { Expr, LetStatement, TapStatement } from "../../grammar/tree.js";
import type { Axis } from "./axes.js";
import { force, guard, holding, rightSide } from "./body.js";
import { toTensor } from "./convert.js";
import { plain } from "./evaluation.js";
import { evaluateStatic, wholeNumber } from "./expr.js";
import { MainFrame } from "./frame.js";
import { partners } from "./partners.js";
import { applySets } from "./rewire.js";
import type { Binding, FamilyBinding, Lazy } from "./scope.js";
import { Scope } from "./scope.js";
import { stack } from "./tensors.js";
import type { Val } from "./values.js";

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
    const from = wholeNumber(scope, v.from, range.span, range);
    const to = wholeNumber(scope, v.to, range.span, range);
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

export function familyMember(scope: Scope, b: FamilyBinding, wanted: number, span: Span): Val {
  const index = scope.ctx.abridged && !b.exact ? tried(b, wanted) : wanted;
  const v = memberAt(scope, b, index, span);
  const { kind } = plain(v);
  if (index === wanted || (kind !== "number" && kind !== "bool")) return v;
  b.exact = true;
  return memberAt(scope, b, wanted, span);
}

function memberAt(scope: Scope, b: FamilyBinding, index: number, span: Span): Val {
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
        const v = holding(scope, `${b.name}(${index})`, b.tap, () => rightSide(c, b.name, home));
        return b.tap ? applySets(scope, `${b.name}(${index})`, v, span) : v;
      },
    };
    b.members.set(index, l);
    return force(scope, l, span);
  }
  return outOfRange(
    scope,
    b.name,
    index,
    namesIn(scope, b, span),
    span,
    b.clauses.find((c) => c.tail.loops[0])?.tail.loops[0]?.range,
  );
}

/** Members between this one and those that are known come first, the farthest first: a recurrence over 250 steps is then not 250 calls deep. */
function approach(scope: Scope, b: FamilyBinding, index: number, span: Span): void {
  if (b.approaching || b.clauses.every((c) => c.tail.loops.length === 0)) return;
  if (scope.ctx.abridged && !b.exact && chainsOf(b).length > 0) return;
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
 * included. Only chains of a program itself are abridged, not those of a function of the graph: a network is looked at block by block. Nor
 * are those of static numbers: they cost nothing, and what is required of them holds for all members or for none.
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

export function outOfRange(
  scope: Scope,
  name: string,
  index: number,
  domain: readonly number[],
  span: Span,
  declared: Expr | undefined,
): never {
  const first = domain[0];
  const last = domain[domain.length - 1];
  const range = first === undefined ? "none" : `${first}..${last}`;
  return scope.ctx.fail("index-range", { name, index, range }, span, {
    related: declared
      ? [...partners(scope, declared), { span: declared.span, message: `\`${name}\` is declared for ${range}` }]
      : [],
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
