import type { Span } from "../../grammar/source.js";
import type { BinaryExpr, ComprehensionExpr, Expr, IfExpr } from "../../grammar/tree.js";
import { arithmetic, compare, isIn, logic, negate } from "./arithmetic.js";
import { evaluateAxes } from "./axis-specs.js";
import { reindexBuiltin } from "./builtins/index.js";
import { plain } from "./evaluation.js";
import { positions } from "./families.js";
import { namedDefinition, refine } from "./make-instance.js";
import { partners } from "./partners.js";
import { follow, settle } from "./paths.js";
import { reindex } from "./reindex.js";
import { Scope } from "./scope.js";
import { bool, describe, none, num, type Val } from "./values.js";

export function evaluate(e: Expr, scope: Scope): Val {
  switch (e.kind) {
    case "Number":
      return num(e.value);
    case "String":
      return { kind: "string", value: e.value };
    case "Bool":
      return bool(e.value);
    case "None":
      return none;
    case "Name":
    case "Member":
    case "Call":
      return settle(follow(e, scope), e.span, scope);
    case "Def": {
      const def = namedDefinition(e.name.text, e.name.span, e.member, scope);
      return e.settings ? refine(def, e.settings, scope) : def;
    }
    case "Group":
      return evaluate(e.inner, scope);
    case "Tuple":
      return { kind: "tuple", items: e.items.map((i) => evaluate(i, scope)) };
    case "Record":
      return { kind: "record", fields: new Map(e.fields.map((f) => [f.name.text, evaluate(f.value, scope)])) };
    case "List":
      return { kind: "list", items: e.items.map((i) => plain(evaluate(i, scope))) };
    case "Comprehension":
      return { kind: "list", items: comprehend(e, scope, 0) };
    case "Axes":
      return evaluateAxes(e, scope);
    case "Reindex":
      return reindexed(e, scope);
    case "Unary":
      return negate(scope, e.op, evaluate(e.value, scope), e.span);
    case "Binary":
      return binaryExpr(e, scope);
    case "Range": {
      const from = plain(evaluate(e.from, scope));
      const to = plain(evaluate(e.to, scope));
      if (from.kind === "number" && to.kind === "number") return { kind: "range", from: from.value, to: to.value };
      if (from.kind === "error" || to.kind === "error") return scope.ctx.silent();
      return scope.ctx.fail("range-not-static", {}, e.span);
    }
    case "Is": {
      const v = plain(evaluate(e.subject, scope));
      if (v.kind === "error") return v;
      if (v.kind !== "word") return scope.ctx.fail("is-needs-choice", { found: describe(v) }, e.subject.span);
      return bool((v.word === e.word.text) !== e.negated);
    }
    case "If":
      return ifExpr(e, scope);
    case "Missing":
      return scope.ctx.silent();
  }
}

/** In guards and conditions `step` is compared statically. */
export function evaluateStatic(e: Expr, scope: Scope): Val {
  scope.ctx.guards += 1;
  try {
    return plain(evaluate(e, scope));
  } finally {
    scope.ctx.guards -= 1;
  }
}

/** `from`: what the number was computed from, for messages. */
export function wholeNumber(scope: Scope, value: number, span: Span, from?: Expr): number {
  const n = Math.round(value);
  if (!(Math.abs(n - value) <= 1e-9))
    return scope.ctx.fail("not-whole", { value }, span, {
      related: from ? partners(scope, from) : [],
      help: ["`/` is always real; `int(x)` cuts towards 0"],
    });
  return n;
}

function ifExpr(e: IfExpr, scope: Scope): Val {
  const c = evaluateStatic(e.condition, scope);
  if (c.kind === "error") return c;
  if (c.kind !== "bool")
    return scope.ctx.fail("if-not-static", { found: describe(c) }, e.condition.span, {
      help: ["for a choice element by element: `where(condition, a, b)`"],
    });
  return evaluate(c.value ? e.then : e.else, scope);
}

function binaryExpr(e: BinaryExpr, scope: Scope): Val {
  if (e.op === "and" || e.op === "or") {
    const left = plain(evaluate(e.left, scope));
    if (left.kind === "bool" && left.value === (e.op === "or")) return left;
    return logic(scope, e.op, left, evaluate(e.right, scope), e.span);
  }
  const left = evaluate(e.left, scope);
  const right = evaluate(e.right, scope);
  scope.at(e.span);
  switch (e.op) {
    case "==":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return compare(scope, e.op, left, right, e.span);
    case "in":
      return isIn(scope, left, right, e.span);
    default:
      return arithmetic(scope, e.op, left, right, e.span);
  }
}

function comprehend(e: ComprehensionExpr, scope: Scope, depth: number): Val[] {
  const loop = e.loops[depth];
  if (!loop) {
    if (e.guard) {
      const g = evaluateStatic(e.guard, scope);
      if (g.kind !== "bool") return scope.ctx.fail("guard-not-static", {}, e.guard.span);
      if (!g.value) return [];
    }
    scope.ctx.countMember(e.span);
    return [plain(evaluate(e.item, scope))];
  }
  const over = evaluateStatic(loop.in, scope);
  const items: readonly Val[] = over.kind === "list" ? over.items : positions(scope, loop.in).map(num);
  return items.flatMap((item) => {
    const s = new Scope({ ctx: scope.ctx, kind: "loop", parent: scope, file: scope.file, frame: undefined });
    if (loop.tuple) {
      if (item.kind !== "tuple" || item.items.length !== loop.pattern.length)
        return scope.ctx.fail("not-a-tuple", { found: describe(item) }, loop.in.span);
      loop.pattern.forEach((n, i) => {
        s.bindings.set(n.text, { kind: "value", value: item.items[i] as Val });
      });
    } else if (loop.pattern[0]) s.bindings.set(loop.pattern[0].text, { kind: "value", value: item });
    return comprehend(e, s, depth + 1);
  });
}

function reindexed(e: Extract<Expr, { kind: "Reindex" }>, scope: Scope): Val {
  if (e.object.kind === "Name") {
    const v = plain(settle(follow(e.object, scope), e.object.span, scope));
    if (v.kind === "builtin") return reindexBuiltin(scope, v.name, e.items, e.span);
    return reindex(scope, v, e.items, e.span);
  }
  return reindex(scope, plain(evaluate(e.object, scope)), e.items, e.span);
}
