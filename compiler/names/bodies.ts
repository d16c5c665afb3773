/** Definitions, functions and plans: what they declare, then every name in their equations. */
import type { Span } from "../../grammar/source.js";
import type { Definition, Expr, FnDecl, Statement, Tail } from "../../grammar/tree.js";
import type { Checker } from "./checker.js";
import { axesOfBody, declare, declareBody, declareSizes, isAxes } from "./declarations.js";
import { checkExpr, checkTyped, declareLoop } from "./expressions.js";
import { checkRef } from "./settings.js";
import { Space } from "./space.js";
import { suggest } from "./suggest.js";
import { checkType } from "./types.js";
import { reportUnused } from "./unread.js";
import { checkInstance } from "./wiring.js";

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
    case "Next": {
      const kind = s.entries.get(x.name.text)?.kind;
      if (kind !== "state" && kind !== "weight" && x.name.text !== "")
        c.report("next-without-state", { name: x.name.text }, x.name.span);
      go(x.value);
      go(x.guard);
      return;
    }
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
