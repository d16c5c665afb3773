/** What a name is where it is read: a binding of the body or of those around it, a declaration of the file, a builtin. */
import { nearest } from "../../grammar/nearest.js";
import type { Span } from "../../grammar/source.js";
import type { FileSymbol } from "../names/symbols.js";
import { readBinding } from "./body.js";
import { builtinNames } from "./builtins/index.js";
import { retag, reveal } from "./convert.js";
import { fileScope } from "./files.js";
import { definitionOf, makeInstance, typedValue } from "./make-instance.js";
import type { Scope } from "./scope.js";
import { wrap } from "./tensors.js";
import { bool, num, type Val } from "./values.js";

export function fileSymbol(scope: Scope, name: string): FileSymbol | undefined {
  for (let s: Scope | undefined = scope; s; s = s.parent) {
    const symbol = s.file.seen.get(name);
    if (symbol) return symbol;
  }
  return undefined;
}

function symbolValue(scope: Scope, symbol: FileSymbol, span: Span): Val {
  const ctx = scope.ctx;
  const home = fileScope(ctx, symbol.file);
  const name = symbol.decl.name.text;
  switch (symbol.kind) {
    case "fn":
      return { kind: "function", decl: symbol.decl, scope: home };
    case "instance":
      return makeInstance(home, { kind: "part", decl: symbol.decl, scope: home }, undefined, span);
    case "definition":
      return definitionOf(symbol);
    case "param": {
      const set = ctx.params.get(name);
      const value =
        set ??
        (symbol.decl.value
          ? typedValue(symbol.decl, symbol.decl.value, home)
          : ctx.fail("param-not-set", { name }, span, {
              related: [{ span: symbol.decl.span, message: "declared here without a default" }],
            }));
      ctx.readParams.set(name, value);
      return value;
    }
    case "plan":
    case "layout":
    case "sweep":
      return ctx.fail("wrong-kind", { wanted: "a value", found: `the ${symbol.kind} \`${name}\`` }, span);
  }
}

/** A name read in `scope`; what a typed fn was mapped over is hidden in what it captures. */
export function readName(name: string, span: Span, scope: Scope): Val {
  for (let s: Scope | undefined = scope; s; s = s.parent) {
    const old = s.old.get(name);
    if (old) return old;
    const binding = s.bindings.get(name);
    if (binding?.kind === "value") s.read.add(name);
    if (binding) return seen(hideCaptured(readBinding(s, binding, span), scope, s, span), scope, span);
    const size = s.axes.get(name);
    if (size !== undefined) return num(size);
  }
  const symbol = fileSymbol(scope, name);
  if (symbol) return symbolValue(scope, symbol, span);
  return ambient(name, span, scope);
}

/** A fixture map sees all axes, those that the body was mapped over too. */
function seen(v: Val, scope: Scope, span: Span): Val {
  return scope.ctx.privateNames > 0 ? reveal(scope.ctx, v, 0, span) : v;
}

export function hideCaptured(v: Val, from: Scope, to: Scope, span: Span): Val {
  let x = v;
  for (let s: Scope | undefined = from; s && s !== to; s = s.parent) {
    const hides = s.hides;
    if (hides.size === 0) continue;
    if (x.kind === "tensor" || x.kind === "record" || x.kind === "tuple")
      x = retag(
        from.ctx,
        x,
        (a) => (a.tag === 0 && hides.has(a.name) ? { ...a, tag: hides.get(a.name) as number } : a),
        span,
      );
  }
  return x;
}

function ambient(name: string, span: Span, scope: Scope): Val {
  const ctx = scope.ctx;
  switch (name) {
    case "pi":
      return num(Math.PI);
    case "step":
      return { kind: "step" };
    case "training":
      return bool(scope.training);
    case "index": {
      const count = scope.lifted.find((a) => a.name === "count");
      if (!count) return ctx.fail("no-index-here", {}, span);
      return {
        ...wrap(scope.frame, scope.frame.index(count.size), [count]),
        over: { axis: "sample", size: Number.MAX_SAFE_INTEGER },
      };
    }
    case "true":
    case "false":
      return bool(name === "true");
  }
  if (builtinNames.has(name)) return { kind: "builtin", name };
  const guess = nearest(name, [...scope.names(), ...builtinNames]);
  return ctx.fail(
    "unknown-name",
    { name },
    span,
    guess
      ? { help: [`did you mean \`${guess}\`?`], fixes: [{ title: `write ${guess}`, edits: [{ span, text: guess }] }] }
      : {},
  );
}
