/** Names in expressions, read by what stands around them: values, axes in brackets, choice words, arguments by name. */
import { nearest } from "../../grammar/nearest.js";
import type { Expr, Input, IsExpr, ReindexItem, TypeNode } from "../../grammar/tree.js";
import { checkCall } from "./calls.js";
import type { Checker } from "./checker.js";
import { checkRefSettings } from "./settings.js";
import type { Space } from "./space.js";
import { suggest } from "./suggest.js";

export function checkExpr(c: Checker, e: Expr, s: Space): void {
  const go = (x: Expr) => checkExpr(c, x, s);
  switch (e.kind) {
    case "Name":
      c.readName(e.name, e.span, s);
      return;
    case "Def": {
      const decl = c.definition(e.name.text, e.name.span);
      c.preset(e.name.text, e.member);
      checkRefSettings(c, decl, e.settings ?? [], s);
      return;
    }
    case "Call":
      checkCall(c, e, s);
      return;
    case "Group":
      go(e.inner);
      return;
    case "Tuple":
      e.items.forEach(go);
      return;
    case "List":
      e.items.forEach(go);
      return;
    case "Record":
      e.fields.forEach((f) => {
        go(f.value);
      });
      return;
    case "Comprehension": {
      let inner = s;
      for (const l of e.loops) {
        checkExpr(c, l.in, inner);
        inner = inner.inside();
        for (const n of l.pattern) declareLoop(c, inner, n);
      }
      checkExpr(c, e.item, inner);
      if (e.guard) checkExpr(c, e.guard, inner);
      return;
    }
    case "Axes":
      for (const i of e.items) {
        if (i.size) go(i.size);
        else c.readAxis(i.name.text, i.name.span, s);
      }
      return;
    case "Member":
      c.members.add(e.name.text);
      go(e.object);
      checkMember(c, e, s);
      return;
    case "Reindex":
      go(e.object);
      checkBrackets(c, e.items, s);
      return;
    case "Unary":
      go(e.value);
      return;
    case "Binary":
      go(e.left);
      go(e.right);
      return;
    case "Range":
      go(e.from);
      go(e.to);
      return;
    case "Is":
      checkIs(c, e, s);
      return;
    case "If":
      go(e.condition);
      go(e.then);
      go(e.else);
      return;
    case "Number":
    case "String":
    case "Bool":
    case "None":
    case "Missing":
      return;
  }
}

/** A loop variable: like every other name it may not hide one that is there. */
export function declareLoop(c: Checker, s: Space, name: { readonly text: string; readonly span: Input["span"] }): void {
  const before = s.parent?.find(name.text);
  if (before)
    c.report("shadowed", { name: name.text }, name.span, {
      related: [{ span: before.span, message: "the same name stands here" }],
    });
  s.entries.set(name.text, { name: name.text, kind: "loop", span: name.span, family: false, uses: 0 });
}

/** An expression where a type is declared: choice words are no names, lists may be axes. */
export function checkTyped(c: Checker, e: Expr, type: TypeNode | undefined, s: Space): void {
  if (e.kind === "Group") {
    checkTyped(c, e.inner, type, s);
    return;
  }
  if (e.kind === "If") {
    checkExpr(c, e.condition, s);
    checkTyped(c, e.then, type, s);
    checkTyped(c, e.else, type, s);
    return;
  }
  if (type?.kind === "ChoiceType") {
    const words = type.words.map((w) => w.text);
    if (e.kind !== "Name") {
      checkExpr(c, e, s);
      return;
    }
    if (words.includes(e.name)) return;
    if (c.knows(e.name, s)) {
      c.readName(e.name, e.span, s);
      return;
    }
    c.report(
      "unknown-word",
      { word: e.name, words: words.join(", ") },
      e.span,
      suggest(e.name, e.span, words, [`the words are ${words.map((w) => `\`${w}\``).join(", ")}`]),
    );
    return;
  }
  if (type?.kind === "NamedType" && (type.name.text === "axes" || type.name.text === "shape") && e.kind === "List") {
    for (const i of e.items) {
      if (i.kind === "Name") c.readAxis(i.name, i.span, s);
      else checkExpr(c, i, s);
    }
    return;
  }
  checkExpr(c, e, s);
}

/** A list in the setting of a part that is not known: bare names may be axes or values. */
export function checkUntyped(c: Checker, e: Expr, s: Space): void {
  if (e.kind === "List" && e.items.every((i) => i.kind === "Name")) {
    for (const i of e.items) {
      if (i.kind !== "Name") continue;
      if (c.knows(i.name, s) && !s.isAxisName(i.name)) c.readName(i.name, i.span, s);
      else c.readAxis(i.name, i.span, s);
    }
    return;
  }
  // A bare word may be a choice of the part that will be given.
  if (e.kind === "Name" && !c.knows(e.name, s)) return;
  checkExpr(c, e, s);
}

export function checkBrackets(c: Checker, items: readonly ReindexItem[], s: Space): void {
  for (const i of items) {
    if (i.kind !== "size") for (const a of i.left.axes) c.readAxis(a.name.text, a.name.span, s);
    for (const side of i.kind === "to" ? [i.left, i.right] : [i.left])
      for (const a of side.axes) if (a.size) checkExpr(c, a.size, s);
    if (i.kind === "to")
      for (const a of i.right.axes) if (s.isAxisName(a.name.text)) c.readAxis(a.name.text, a.name.span, s);
    if (i.kind === "at") checkAt(c, i.value, s);
    if (i.kind === "size") checkExpr(c, i.size, s);
  }
}

function checkAt(c: Checker, e: Expr, s: Space): void {
  checkExpr(c, e, s);
}

/** `predict is velocity`: the word must be one of the choice. */
function checkIs(c: Checker, e: IsExpr, s: Space): void {
  checkExpr(c, e.subject, s);
  const type = e.subject.kind === "Name" ? s.find(e.subject.name)?.type : undefined;
  if (type?.kind !== "ChoiceType") return;
  const words = type.words.map((w) => w.text);
  if (words.includes(e.word.text)) return;
  c.report("unknown-word", { word: e.word.text, words: words.join(", ") }, e.word.span, {
    ...suggest(e.word.text, e.word.span, words, []),
    related: [{ span: type.span, message: "the words are declared here" }],
  });
}

/** `digits.label`: the fields of data and the outputs of encoders are known by name. */
function checkMember(c: Checker, e: Extract<Expr, { kind: "Member" }>, s: Space): void {
  const object = e.object;
  const called = object.kind === "Call" && object.callee.kind === "Name" ? object.callee.name : undefined;
  const name = object.kind === "Name" ? object.name : called;
  if (name === undefined || s.find(name)) return;
  const symbol = c.file.seen.get(name);
  if (symbol?.kind !== "instance") return;
  const known = c.callee(name, s)?.decl;
  if (known?.kind !== "Definition") return;
  if (known.of === "data" && !called) {
    const fields = known.result.kind === "RecordType" ? known.result.fields.map((f) => f.name.text) : [];
    const settings = known.settings.map((d) => d.name.text);
    if (fields.length === 0 || fields.includes(e.name.text) || settings.includes(e.name.text)) return;
    c.report(
      "unknown-field",
      { name: e.name.text, has: fields.join(", ") },
      e.name.span,
      suggest(e.name.text, e.name.span, [...fields, ...settings]),
    );
  }
  if (known.of === "encoder" && called) {
    const declared = new Set(known.settings.map((d) => d.name.text));
    const outputs = (symbol.decl.ref.settings ?? []).map((x) => x.name.text).filter((n) => !declared.has(n));
    if (outputs.length === 0 || outputs.includes(e.name.text)) return;
    const guess = nearest(e.name.text, outputs);
    c.report(
      "unknown-field",
      { name: e.name.text, has: outputs.join(", ") },
      e.name.span,
      guess ? suggest(e.name.text, e.name.span, outputs) : {},
    );
  }
}
