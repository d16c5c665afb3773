/** Definitions, functions and plans: what they declare, then every name in their equations. */
import type { Span } from "../../grammar/source.js";
import type { Definition, Expr, FnDecl, InstanceDecl, Name, Statement, Tail, TypeNode } from "../../grammar/tree.js";
import { builtinNames } from "../elaborate/builtins/index.js";
import { type Checker, wirings } from "./checker.js";
import { checkExpr, checkType, checkTyped, declareLoop } from "./expressions.js";
import { madeAxes, mentioned, visitDefinition } from "./mentions.js";
import { checkRef } from "./settings.js";
import { type Entry, type EntryKind, Space } from "./space.js";
import { suggest } from "./suggest.js";

/** A part is called, never reduced over: `part norm: LayerNorm` is clear, `let norm = …` is not. */
const locals: ReadonlySet<EntryKind> = new Set(["let", "tap", "weight", "draw", "state", "fn"]);

export function declare(c: Checker, s: Space, name: Name, kind: EntryKind, extra: Partial<Entry> = {}): void {
  const text = name.text;
  if (text === "") return;
  if (text === "in" || text === "out") c.report("member-name", { name: text }, name.span);
  const here = s.entries.get(text);
  if (here) {
    if (here.family && extra.family && here.kind === kind) return;
    // A signature's axis is a number of the body; of two signatures that name it, the first counts.
    if (kind === "size") return;
    const message = here.kind === "size" ? "an axis of the signature has this name" : "first declared here";
    c.report("duplicate-name", { name: text }, name.span, { related: [{ span: here.span, message }] });
    return;
  }
  const outer = s.parent?.find(text);
  if (outer && kind !== "size")
    c.report("shadowed", { name: text }, name.span, {
      related: [{ span: outer.span, message: "the same name stands here" }],
    });
  else if (!outer && locals.has(kind) && builtinNames.has(text)) c.report("hides-builtin", { name: text }, name.span);
  s.entries.set(text, { name: text, kind, span: name.span, family: false, uses: 0, ...extra });
}

const isAxes = (t: TypeNode | undefined) => t?.kind === "NamedType" && t.name.text === "axes";

/** Axes that the types of a signature bind: they are numbers in the body. */
function declareSizes(c: Checker, s: Space, t: TypeNode | undefined): void {
  if (!t) return;
  const bind = (name: Name) => {
    if (!s.isAxisName(name.text)) declare(c, s, name, "size");
  };
  switch (t.kind) {
    case "AxesType":
      for (const i of [...t.axes.items, ...(t.axes.arrow ?? [])]) if (i.kind === "axis") bind(i.name);
      return;
    case "IndexType":
      bind(t.axis);
      for (const i of t.axes?.items ?? []) if (i.kind === "axis") bind(i.name);
      return;
    case "NamedType":
      for (const i of t.axes?.items ?? []) if (i.kind === "axis" && t.name.text === "bool") bind(i.name);
      return;
    case "RecordType":
      for (const f of t.fields) declareSizes(c, s, f.type);
      return;
    case "TupleType":
      for (const i of t.items) declareSizes(c, s, i);
      return;
    case "SignatureType":
    case "ChoiceType":
      return;
  }
}

/** Kinds whose values bring axes that no signature tells: what a network gives, what a field gives. */
const open: ReadonlySet<string> = new Set(["model", "objective", "sampler", "fn"]);

/** The axes that may be named in a body; `undefined` where values of unknown axes come in. */
export function axesOfBody(c: Checker, decl: Definition | FnDecl): ReadonlySet<string> | undefined {
  if (decl.kind === "Fn" && decl.inputs.some((i) => !i.type)) return undefined;
  if (decl.rest) return undefined;
  const callables = decl.inputs
    .map((i) => i.type)
    .filter((t) => t?.kind === "NamedType" || t?.kind === "SignatureType");
  if (callables.some((t) => (t?.kind === "NamedType" || t?.kind === "SignatureType") && open.has(t.name.text)))
    return undefined;
  const axes = new Set<string>(["kept"]);
  const names = new Set<string>();
  const made = madeAxes((n) => axes.add(n));
  visitDefinition(decl, {
    ...made,
    ref: (n) => names.add(n),
    expr: (e) => {
      made.expr?.(e);
      if (e.kind === "Name") names.add(e.name);
    },
  });
  if (decl.kind === "Definition")
    for (const d of decl.settings)
      if (isAxes(d.type) && d.value?.kind === "List")
        for (const i of d.value.items) if (i.kind === "Name") axes.add(i.name);
  for (const a of mentioned(names, c.file)) axes.add(a);
  return axes;
}

export function checkDefinition(c: Checker, decl: Definition): void {
  const s = new Space(undefined, axesOfBody(c, decl), decl.of === "sample");
  for (const d of decl.settings) {
    if (isAxes(d.type)) s.axisNames.add(d.name.text);
    declare(c, s, d.name, "setting", { type: d.type });
  }
  for (const i of decl.inputs) declareSizes(c, s, i.type);
  if (decl.of === "sample")
    s.entries.set("class", { name: "class", kind: "size", span: decl.name.span, family: false, uses: 1 });
  for (const i of decl.inputs) declare(c, s, i.name, "input", { type: i.type });
  // `tap model = …` says which of several evaluations of its model an objective means.
  const body = decl.body === "extern" ? [] : decl.body;
  declareBody(
    c,
    s,
    body.filter((x) => !(decl.of === "objective" && x.kind === "Tap" && x.target.name.text === "model")),
  );
  for (const d of decl.settings) {
    checkType(c, d.type, s, true);
    if (d.value) checkTyped(c, d.value, d.type, s);
  }
  checkSignature(c, decl, s);
  checkBody(c, body, s);
  if (decl.body !== "extern") reportUnused(c, s, decl);
}

function checkSignature(c: Checker, decl: Definition | FnDecl, s: Space): void {
  for (const i of decl.inputs) {
    checkType(c, i.type, s, true);
    if (i.value) checkTyped(c, i.value, i.type, s);
  }
  checkType(c, decl.result, s, true);
}

export function checkFn(c: Checker, decl: FnDecl, parent: Space | undefined): void {
  const own = axesOfBody(c, decl);
  const axes =
    own === undefined || (parent && parent.axes === undefined) ? undefined : new Set([...own, ...(parent?.axes ?? [])]);
  const s = new Space(parent, axes);
  for (const a of decl.axes) s.axisNames.add(a.text);
  for (const i of decl.inputs) declareSizes(c, s, i.type);
  for (const i of decl.inputs) declare(c, s, i.name, "input", { type: i.type });
  declareBody(c, s, decl.body);
  checkSignature(c, decl, s);
  checkBody(c, decl.body, s);
  reportUnused(c, s, decl);
}

export function declareBody(c: Checker, s: Space, body: readonly Statement[]): void {
  for (const x of body) {
    switch (x.kind) {
      case "Let":
        if ("pattern" in x.target) for (const n of x.target.pattern) declare(c, s, n, "let", { group: x });
        else declare(c, s, x.target.name, "let", { family: x.target.index !== undefined });
        break;
      case "Tap":
        declare(c, s, x.target.name, "tap", { family: x.target.index !== undefined });
        break;
      case "Draw":
        declare(c, s, x.target.name, "draw");
        break;
      case "Weight":
        declare(c, s, x.name, "weight");
        break;
      case "State":
        declare(c, s, x.name, "state");
        break;
      case "Instance":
        declare(c, s, x.name, "part", { decl: x });
        break;
      case "Skip":
        declare(c, s, x.name, "skip");
        break;
      case "Fn":
        declare(c, s, x.name, "fn", { decl: x });
        break;
      case "Minimize":
        if (!s.entries.has(x.name?.text ?? "loss"))
          s.entries.set(x.name?.text ?? "loss", {
            name: x.name?.text ?? "loss",
            kind: "minimize",
            span: x.span,
            family: false,
            uses: 0,
          });
        break;
      default:
    }
  }
}

export function checkBody(c: Checker, body: readonly Statement[], s: Space): void {
  for (const x of body) checkStatement(c, x, s);
}

function inTail(c: Checker, tail: Tail, s: Space): Space {
  let inner = s;
  for (const l of tail.loops) {
    checkExpr(c, l.range, inner);
    inner = inner.inside();
    declareLoop(c, inner, l.index);
  }
  if (tail.guard) checkExpr(c, tail.guard, inner);
  return inner;
}

function checkStatement(c: Checker, x: Statement, s: Space): void {
  const go = (e: Expr | undefined, where = s) => {
    if (e) checkExpr(c, e, where);
  };
  switch (x.kind) {
    case "Let":
    case "Tap": {
      const inner = inTail(c, x.tail, s);
      if (!("pattern" in x.target)) checkFamilyIndex(c, x.target.name.text, x.target.index, x.tail, inner);
      checkType(c, x.type, inner, true);
      checkTyped(c, x.value, x.type, inner);
      return;
    }
    case "Weight":
      checkType(c, x.type, s, false);
      go(x.init);
      go(x.guard);
      return;
    case "Draw": {
      const inner = inTail(c, x.tail, s);
      go(x.target.index, inner);
      checkType(c, x.type, inner, false);
      return;
    }
    case "State":
      checkType(c, x.type, s, false);
      go(x.init);
      return;
    case "Next":
      if (s.entries.get(x.name.text)?.kind !== "state" && x.name.text !== "")
        c.report("next-without-state", { name: x.name.text }, x.name.span);
      go(x.value);
      go(x.guard);
      return;
    case "Set": {
      const inner = inTail(c, x.tail, s);
      checkPlace(c, x.target, inner);
      go(x.value, inner);
      return;
    }
    case "Skip": {
      const inner = inTail(c, x.tail, s);
      checkPlace(c, x.from, inner);
      checkPlace(c, x.to, inner);
      checkRef(c, x.via, inner, true);
      return;
    }
    case "Require":
    case "Stop":
      go(x.condition);
      return;
    case "Log":
      go(x.every);
      for (const e of x.entries) {
        const inner = inTail(c, e.tail, s);
        go(e.target.index, inner);
        go(e.value, inner);
      }
      return;
    case "Return":
      go(x.value);
      return;
    case "Minimize":
      checkMinimize(c, x, s);
      return;
    case "Instance":
      checkInstance(c, x, s);
      return;
    case "Fn":
      checkFn(c, x, s);
      return;
  }
}

/** `block(i).out`: the first step is a tap or part of the body. */
function checkPlace(c: Checker, target: Expr, s: Space): void {
  let e = target;
  while (e.kind === "Member" || e.kind === "Call") e = e.kind === "Member" ? e.object : e.callee;
  if (e.kind !== "Name" || s.find(e.name)) {
    checkExpr(c, target, s);
    return;
  }
  c.report("unknown-tap", { name: e.name, of: c.wiring }, e.span, suggest(e.name, e.span, s.names()));
}

/** `let f(k) = …` without a loop is a function in disguise. */
function checkFamilyIndex(c: Checker, family: string, index: Expr | undefined, tail: Tail, s: Space): void {
  if (!index) return;
  if (index.kind === "Name" && tail.loops.length === 0 && !c.knows(index.name, s)) {
    c.report("unknown-name", { name: index.name }, index.span, {
      help: [
        `a function is written \`fn ${family}(${index.name}) = …\`; a family says its range: \`for ${index.name} in 1..n\``,
      ],
    });
    return;
  }
  checkExpr(c, index, s);
}

function checkMinimize(c: Checker, m: Extract<Statement, { kind: "Minimize" }>, s: Space): void {
  for (const by of m.by) {
    checkRef(c, by.optimizer, s, true);
    for (const o of by.over ?? []) for (const t of o.terms) checkExpr(c, t.path, s);
  }
  if (m.clip) checkExpr(c, m.clip, s);
  const seen = new Map<string, Span>();
  for (const t of m.terms) {
    const before = seen.get(t.name.text);
    if (before && t.name.text !== "")
      c.report("duplicate-name", { name: t.name.text }, t.name.span, {
        related: [{ span: before, message: "the first term of this name" }],
      });
    seen.set(t.name.text, t.name.span);
    checkExpr(c, t.value, s);
    if (t.guard) checkExpr(c, t.guard, s);
  }
}

/** An instance, its settings, and the inside of its `with`. `s` is the scope it is declared in. */
export function checkInstance(c: Checker, x: InstanceDecl, s: Space): void {
  let inner = s;
  if (x.index) {
    checkExpr(c, x.index.range, s);
    inner = s.inside();
    declareLoop(c, inner, x.index.name);
  }
  checkRef(c, x.ref, inner, true);
  if (x.guard) checkExpr(c, x.guard, inner);
  if (!x.rewires) return;
  const decl = c.behind(x.ref, inner);
  if (!decl) return;
  const W = new Space(inner, undefined);
  const quiet = new Set<string>();
  const note = (name: Name, kind: EntryKind, extra: Partial<Entry> = {}) => {
    quiet.add(name.text);
    if (!W.entries.has(name.text))
      W.entries.set(name.text, { name: name.text, kind, span: name.span, family: true, uses: 1, ...extra });
  };
  for (const d of decl.settings) {
    note(d.name, "setting", { type: d.type });
    if (isAxes(d.type)) W.axisNames.add(d.name.text);
  }
  for (const i of decl.inputs) note(i.name, "input", { type: i.type });
  for (const i of decl.inputs) for (const n of axisNamesOf(i.type)) note(n, "size");
  const symbol = c.file.seen.get(x.ref.name.text);
  const bodies = [decl.body === "extern" ? [] : decl.body];
  if (symbol?.kind === "instance") for (const w of wirings(symbol.decl, symbol.file)) bodies.push(w.rewires ?? []);
  for (const body of bodies) for (const b of body) for (const n of declaredBy(b)) note(n.name, n.kind, n.extra);
  declareBody(c, W, x.rewires);
  c.wiring = x.name.text;
  checkBody(c, x.rewires, W);
  for (const n of quiet) W.entries.delete(n);
  reportUnused(c, W, undefined);
}

function axisNamesOf(t: TypeNode | undefined): Name[] {
  switch (t?.kind) {
    case "AxesType":
      return [...t.axes.items, ...(t.axes.arrow ?? [])].flatMap((i) => (i.kind === "axis" ? [i.name] : []));
    case "IndexType":
      return [t.axis, ...(t.axes?.items ?? []).flatMap((i) => (i.kind === "axis" ? [i.name] : []))];
    case "RecordType":
      return t.fields.flatMap((f) => axisNamesOf(f.type));
    default:
      return [];
  }
}

function declaredBy(x: Statement): { name: Name; kind: EntryKind; extra?: Partial<Entry> }[] {
  switch (x.kind) {
    case "Let":
      return "pattern" in x.target
        ? x.target.pattern.map((name) => ({ name, kind: "let" as const }))
        : [{ name: x.target.name, kind: "let" }];
    case "Tap":
      return [{ name: x.target.name, kind: "tap" }];
    case "Draw":
      return [{ name: x.target.name, kind: "draw" }];
    case "Weight":
    case "State":
      return [{ name: x.name, kind: x.kind === "Weight" ? "weight" : "state" }];
    case "Instance":
      return [{ name: x.name, kind: "part", extra: { decl: x } }];
    case "Skip":
      return [{ name: x.name, kind: "skip" }];
    case "Fn":
      return [{ name: x.name, kind: "fn", extra: { decl: x } }];
    default:
      return [];
  }
}

/** What nothing reads: a setting that has no effect is a promise not kept, a `let` that nobody reads is not even computed. */
function reportUnused(c: Checker, s: Space, decl: Definition | FnDecl | undefined): void {
  if (c.file.library) return;
  const groups = new Set<object>();
  for (const e of s.entries.values()) if (e.uses > 0 && e.group) groups.add(e.group);
  for (const e of s.entries.values()) {
    if (e.uses > 0 || (e.group && groups.has(e.group))) continue;
    if (e.kind === "setting" && decl?.kind === "Definition") c.unread.push({ name: e.name, span: e.span, of: decl });
    else if (
      e.kind === "input" &&
      decl?.kind === "Definition" &&
      (decl.of === "loss" || decl.of === "metric") &&
      !bindsReadSize(s, e)
    )
      c.report("unused-input", { name: e.name, of: decl.name.text }, e.span);
    else if (e.kind === "let" || e.kind === "draw" || e.kind === "part" || e.kind === "weight" || e.kind === "fn")
      c.report("unused-name", { name: e.name, what: words[e.kind] ?? e.kind }, e.span);
  }
}

const words: Partial<Record<EntryKind, string>> = {
  let: "let",
  draw: "draw",
  part: "part",
  weight: "weight",
  fn: "fn",
};

/** An input may be there for the size of one of its axes. */
function bindsReadSize(s: Space, e: Entry): boolean {
  return axisNamesOf(e.type).some((n) => {
    const size = s.entries.get(n.text);
    return size !== undefined && size.uses > 0 && size.span === n.span;
  });
}
