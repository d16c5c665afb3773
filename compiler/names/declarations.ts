/** What bodies and signatures declare, and which axes may be named in them. */
import type { Definition, FnDecl, Name, Statement, TypeNode } from "../../grammar/tree.js";
import { builtinNames } from "../elaborate/builtins/index.js";
import type { Checker } from "./checker.js";
import { madeAxes, mentioned, visitDefinition } from "./mentions.js";
import type { Entry, EntryKind, Space } from "./space.js";

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

export const isAxes = (t: TypeNode | undefined) => t?.kind === "NamedType" && t.name.text === "axes";

/** Axes that the types of a signature bind: they are numbers in the body. */
export function declareSizes(c: Checker, s: Space, t: TypeNode | undefined): void {
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

export function axisNamesOf(t: TypeNode | undefined): Name[] {
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

export function declaredBy(x: Statement): { name: Name; kind: EntryKind; extra?: Partial<Entry> }[] {
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
