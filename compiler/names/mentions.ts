/** Which axes a declaration makes or names, and which other declarations it mentions: what a body may call by name in brackets. */
import type {
  AxesSpec,
  Definition,
  Expr,
  FnDecl,
  Input,
  Setting,
  Statement,
  Tail,
  TypeNode,
} from "../../grammar/tree.js";
import type { FileSymbol, FileSymbols } from "./symbols.js";

/** Visits everything an expression, a type or a statement is made of. */
export interface Visitor {
  readonly expr?: (e: Expr) => void;
  readonly type?: (t: TypeNode) => void;
  readonly axes?: (a: AxesSpec) => void;
  /** A definition named in a `ref`. */
  readonly ref?: (name: string) => void;
  /** The settings that a `ref` gives. */
  readonly given?: (of: string, settings: readonly Setting[] | undefined) => void;
}

export function visitExpr(e: Expr, v: Visitor): void {
  v.expr?.(e);
  const go = (x: Expr) => visitExpr(x, v);
  switch (e.kind) {
    case "Call":
      go(e.callee);
      for (const a of e.args) go(a.value);
      break;
    case "Group":
      go(e.inner);
      break;
    case "Tuple":
    case "List":
      for (const i of e.items) go(i);
      break;
    case "Record":
      for (const f of e.fields) go(f.value);
      break;
    case "Comprehension":
      go(e.item);
      for (const l of e.loops) go(l.in);
      if (e.guard) go(e.guard);
      break;
    case "Axes":
      for (const i of e.items) if (i.size) go(i.size);
      break;
    case "Member":
      go(e.object);
      break;
    case "Reindex":
      go(e.object);
      for (const i of e.items) {
        for (const side of i.kind === "to" ? [i.left, i.right] : [i.left])
          for (const a of side.axes) if (a.size) go(a.size);
        if (i.kind === "at") go(i.value);
        if (i.kind === "size") go(i.size);
      }
      break;
    case "Unary":
      go(e.value);
      break;
    case "Binary":
      go(e.left);
      go(e.right);
      break;
    case "Range":
      go(e.from);
      go(e.to);
      break;
    case "Is":
      go(e.subject);
      break;
    case "If":
      go(e.condition);
      go(e.then);
      go(e.else);
      break;
    case "Def":
      v.ref?.(e.name.text);
      v.given?.(e.name.text, e.settings);
      visitSettings(e.settings, v);
      break;
    case "Number":
    case "String":
    case "Bool":
    case "None":
    case "Name":
    case "Missing":
      break;
  }
}

export function visitSettings(settings: readonly Setting[] | undefined, v: Visitor): void {
  for (const s of settings ?? []) visitExpr(s.value ?? { kind: "Name", name: s.name.text, span: s.name.span }, v);
}

function visitSpec(spec: AxesSpec | undefined, v: Visitor): void {
  if (!spec) return;
  v.axes?.(spec);
  for (const i of [...spec.items, ...(spec.arrow ?? [])]) if (i.kind === "axis" && i.size) visitExpr(i.size, v);
}

export function visitType(t: TypeNode | undefined, v: Visitor): void {
  if (!t) return;
  v.type?.(t);
  switch (t.kind) {
    case "AxesType":
      visitSpec(t.axes, v);
      return;
    case "IndexType":
      if (t.size) visitExpr(t.size, v);
      visitSpec(t.axes, v);
      return;
    case "NamedType":
      visitSpec(t.axes, v);
      return;
    case "SignatureType":
      visitInputs(t.inputs, v);
      visitType(t.result, v);
      return;
    case "RecordType":
      for (const f of t.fields) visitType(f.type, v);
      return;
    case "TupleType":
      for (const i of t.items) visitType(i, v);
      return;
    case "ChoiceType":
      return;
  }
}

export function visitInputs(inputs: readonly Input[], v: Visitor): void {
  for (const i of inputs) {
    visitType(i.type, v);
    if (i.value) visitExpr(i.value, v);
  }
}

function visitTail(tail: Tail, v: Visitor): void {
  for (const l of tail.loops) visitExpr(l.range, v);
  if (tail.guard) visitExpr(tail.guard, v);
}

export function visitStatement(s: Statement, v: Visitor): void {
  const go = (e: Expr | undefined) => {
    if (e) visitExpr(e, v);
  };
  switch (s.kind) {
    case "Let":
    case "Tap":
      if (!("pattern" in s.target)) go(s.target.index);
      visitType(s.type, v);
      go(s.value);
      visitTail(s.tail, v);
      return;
    case "Weight":
      visitType(s.type, v);
      go(s.init);
      go(s.guard);
      return;
    case "Draw":
      visitType(s.type, v);
      visitTail(s.tail, v);
      return;
    case "State":
      visitType(s.type, v);
      go(s.init);
      return;
    case "Next":
      go(s.value);
      go(s.guard);
      return;
    case "Set":
      go(s.target);
      go(s.value);
      visitTail(s.tail, v);
      return;
    case "Skip":
      go(s.from);
      go(s.to);
      v.ref?.(s.via.name.text);
      v.given?.(s.via.name.text, s.via.settings);
      visitSettings(s.via.settings, v);
      visitTail(s.tail, v);
      return;
    case "Require":
    case "Stop":
      go(s.condition);
      return;
    case "Log":
      go(s.every);
      for (const e of s.entries) {
        go(e.value);
        visitTail(e.tail, v);
      }
      return;
    case "Return":
      go(s.value);
      return;
    case "Minimize":
      for (const by of s.by) {
        v.ref?.(by.optimizer.name.text);
        v.given?.(by.optimizer.name.text, by.optimizer.settings);
        visitSettings(by.optimizer.settings, v);
        for (const o of by.over ?? []) for (const t of o.terms) go(t.path);
      }
      go(s.clip);
      for (const t of s.terms) {
        go(t.value);
        go(t.guard);
      }
      return;
    case "Instance":
      v.ref?.(s.ref.name.text);
      v.given?.(s.ref.name.text, s.ref.settings);
      visitSettings(s.ref.settings, v);
      if (s.index) go(s.index.range);
      for (const r of s.rewires ?? []) visitStatement(r, v);
      go(s.guard);
      return;
    case "Fn":
      visitInputs(s.inputs, v);
      visitType(s.result, v);
      for (const b of s.body) visitStatement(b, v);
      return;
  }
}

export function visitDefinition(d: Definition | FnDecl, v: Visitor): void {
  if (d.kind === "Definition")
    for (const s of d.settings) {
      visitType(s.type, v);
      if (s.value) visitExpr(s.value, v);
    }
  visitInputs(d.inputs, v);
  visitType(d.result, v);
  if (d.body !== "extern") for (const s of d.body) visitStatement(s, v);
}

export function visitSymbol(symbol: FileSymbol, v: Visitor): void {
  switch (symbol.kind) {
    case "definition":
    case "fn":
      visitDefinition(symbol.decl, v);
      return;
    case "instance":
      visitStatement(symbol.decl, v);
      return;
    case "param":
      visitType(symbol.decl.type, v);
      if (symbol.decl.value) visitExpr(symbol.decl.value, v);
      return;
    case "plan":
      for (const k of symbol.decl.keys) visitSettings([k], v);
      for (const s of symbol.decl.body) visitStatement(s, v);
      return;
    case "layout":
    case "sweep":
      return;
  }
}

/** Axes in places that make or declare them: types, sizes, right sides of `->`, axes values, families. */
export function madeAxes(add: (name: string) => void): Visitor {
  return {
    axes: (spec) => {
      for (const i of [...spec.items, ...(spec.arrow ?? [])]) if (i.kind === "axis") add(i.name.text);
    },
    type: (t) => {
      if (t.kind === "IndexType") add(t.axis.text);
    },
    expr: (e) => {
      if (e.kind === "Axes") for (const i of e.items) add(i.name.text);
      if (e.kind === "Reindex")
        for (const i of e.items) {
          if (i.kind === "to") for (const a of i.right.axes) add(a.name.text);
          if (i.kind === "size") for (const a of i.left.axes) add(a.name.text);
        }
      // `h(..)`, `block(2..7)`: the family is an axis of what is stacked.
      if (e.kind === "Call" && (e.callee.kind === "Name" || e.callee.kind === "Member"))
        if (e.rest || e.args[0]?.value.kind === "Range")
          add(e.callee.kind === "Name" ? e.callee.name : e.callee.name.text);
      if (e.kind === "Call" && e.callee.kind === "Reindex" && e.callee.object.kind === "Name") {
        const f = e.callee.object.name;
        if (f === "stack" || f === "repeat" || f === "windows" || f === "eigenvectors")
          for (const i of e.callee.items) for (const a of i.left.axes) add(a.name.text);
      }
    },
  };
}

const known = new WeakMap<object, ReadonlySet<string>>();

/** All axes a declaration can bring along: its own and those of everything it mentions. */
export function axesOf(symbol: FileSymbol): ReadonlySet<string> {
  const found = known.get(symbol.decl);
  if (found) return found;
  const all = new Set<string>();
  known.set(symbol.decl, all);
  const add = (name: string) => all.add(name);
  const own = madeAxes(add);
  const names = new Set<string>();
  visitSymbol(symbol, {
    ...own,
    ref: (n) => names.add(n),
    expr: (e) => {
      own.expr?.(e);
      if (e.kind === "Name") names.add(e.name);
    },
  });
  for (const a of mentioned(names, symbol.file)) all.add(a);
  // A circle saw a set that was still growing; it is not remembered for anyone else.
  return all;
}

export function mentioned(names: Iterable<string>, file: FileSymbols): Set<string> {
  const all = new Set<string>();
  for (const n of names) {
    const symbol = file.seen.get(n);
    if (symbol) for (const a of axesOf(symbol)) all.add(a);
  }
  return all;
}
