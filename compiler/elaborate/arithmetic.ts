/** Operators: static on static values, elementwise on tensors, field by field on records. */
import type { Span } from "../../grammar/source.js";
import type { BinaryOperator } from "../../grammar/tree.js";
import type { BinaryOp, CompareOp } from "../ir/attrs.js";
import { toTensor } from "./convert.js";
import { plain } from "./evaluation.js";
import type { Scope } from "./scope.js";
import { binary, unary } from "./tensors.js";
import { bool, describe, num, type Val } from "./values.js";

type Arithmetic = "+" | "-" | "*" | "/" | "%" | "^";
type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";

const arithmeticOps: Record<Arithmetic, { readonly op: BinaryOp; readonly compute: (a: number, b: number) => number }> =
  {
    "+": { op: "add", compute: (a, b) => a + b },
    "-": { op: "sub", compute: (a, b) => a - b },
    "*": { op: "mul", compute: (a, b) => a * b },
    "/": { op: "div", compute: (a, b) => a / b },
    "%": { op: "mod", compute: (a, b) => a - b * Math.floor(a / b) },
    "^": { op: "pow", compute: (a, b) => a ** b },
  };

const comparisonOps: Record<
  Comparison,
  { readonly op: CompareOp; readonly compute: (a: number, b: number) => boolean }
> = {
  "==": { op: "eq", compute: (a, b) => a === b },
  "!=": { op: "ne", compute: (a, b) => a !== b },
  "<": { op: "lt", compute: (a, b) => a < b },
  "<=": { op: "le", compute: (a, b) => a <= b },
  ">": { op: "gt", compute: (a, b) => a > b },
  ">=": { op: "ge", compute: (a, b) => a >= b },
};

export function arithmetic(
  scope: Scope,
  op: Exclude<BinaryOperator, Comparison | "in" | "and" | "or">,
  left: Val,
  right: Val,
  span: Span,
): Val {
  const a = plain(left);
  const b = plain(right);
  if (a.kind === "error" || b.kind === "error") return scope.ctx.silent();
  if (a.kind === "number" && b.kind === "number") return num(arithmeticOps[op].compute(a.value, b.value));
  const lifted = overRecords(scope, a, b, span, (x, y) => arithmetic(scope, op, x, y, span));
  if (lifted) return lifted;
  checkNumbers(scope, op, a, span);
  checkNumbers(scope, op, b, span);
  if (op === "^" && b.kind === "number") {
    if (b.value === 2 || b.value === 3) {
      const square = arithmetic(scope, "*", a, a, span);
      return b.value === 2 ? square : arithmetic(scope, "*", square, a, span);
    }
    if (b.value === 0.5) return unary("sqrt", toTensor(scope, a, span));
  }
  return binary(scope.ctx, arithmeticOps[op].op, toTensor(scope, a, span), toTensor(scope, b, span), span, op);
}

function checkNumbers(scope: Scope, op: string, v: Val, span: Span): void {
  if (v.kind === "number" || v.kind === "step") return;
  if (v.kind === "tensor" && v.dtype === "float") return;
  scope.ctx.fail(
    "operand-kind",
    { op, found: describe(v) },
    span,
    v.kind === "tensor" && v.dtype === "index"
      ? { help: ["`position(i)` is the position of an index as a number"] }
      : {},
  );
}

/** Records of equal fields pair up; otherwise the deeper side is mapped over and the other is used whole for every field. */
export function overRecords(scope: Scope, a: Val, b: Val, span: Span, f: (a: Val, b: Val) => Val): Val | undefined {
  const left = depth(a);
  const right = depth(b);
  if (left === 0 && right === 0) return undefined;
  const over = (r: Val, one: (x: Val, k: string) => Val): Val => ({
    kind: "record",
    fields: r.kind === "record" ? new Map([...r.fields].map(([k, x]) => [k, one(plain(x), k)])) : new Map(),
  });
  if (a.kind === "record" && b.kind === "record") {
    const pairs = a.fields.size === b.fields.size && [...a.fields.keys()].every((k) => b.fields.has(k));
    if (pairs) return over(a, (x, k) => f(x, plain(b.fields.get(k) as Val)));
    if (left === right)
      return scope.ctx.fail(
        "record-fields",
        { left: [...a.fields.keys()].join(", "), right: [...b.fields.keys()].join(", ") },
        span,
      );
  }
  return left > right ? over(a, (x) => f(x, b)) : over(b, (x) => f(a, x));
}

/** How deep records stand in each other: 0 for what is no record. */
function depth(v: Val): number {
  return v.kind === "record" ? 1 + Math.max(0, ...[...v.fields.values()].map((x) => depth(plain(x)))) : 0;
}

/** Whether static records are equal as a whole; a number is compared with every field. `undefined` where something is not static. */
function sameRecords(a: Val, b: Val): boolean | undefined {
  if (a.kind === "number" && b.kind === "number") return a.value === b.value;
  const [r, other] = a.kind === "record" ? [a, b] : [b, a];
  if (r.kind !== "record") return undefined;
  const parts = [...r.fields].map(([k, x]) =>
    sameRecords(plain(x), other.kind === "record" ? plain(other.fields.get(k) ?? { kind: "none" }) : other),
  );
  return parts.some((p) => p === undefined) ? undefined : parts.every((p) => p);
}

export function compare(scope: Scope, op: Comparison, left: Val, right: Val, span: Span): Val {
  const a = plain(left);
  const b = plain(right);
  if (a.kind === "error" || b.kind === "error") return scope.ctx.silent();
  if (a.kind === "number" && b.kind === "number") return bool(comparisonOps[op].compute(a.value, b.value));
  if (scope.ctx.guards > 0) {
    if (a.kind === "step" && b.kind === "number") return bool(decideStep(scope, op, b.value));
    if (b.kind === "step" && a.kind === "number") return bool(decideStep(scope, flipped[op], a.value));
  }
  if ((op === "==" || op === "!=") && (a.kind === "record" || b.kind === "record")) {
    const same = sameRecords(a, b);
    if (same !== undefined) return bool(same === (op === "=="));
  }
  const lifted = overRecords(scope, a, b, span, (x, y) => compare(scope, op, x, y, span));
  if (lifted) return lifted;
  if (op === "==" || op === "!=") {
    const same = staticEquality(a, b);
    if (same !== undefined) return bool(same === (op === "=="));
  }
  const indices = [a, b].filter((v) => v.kind === "tensor" && v.dtype === "index").length;
  if (indices > 0) {
    const fits = [a, b].every((v) => v.kind === "none" || (v.kind === "tensor" && v.dtype === "index"));
    if (!fits || (op !== "==" && op !== "!="))
      return scope.ctx.fail(
        "operand-kind",
        {
          op,
          found:
            indices === 2 ? "a tensor of indices" : `a tensor of indices and ${describe(a.kind === "tensor" ? b : a)}`,
        },
        span,
        { help: ["`position(i)` is the position of an index as a number, from 1"] },
      );
  } else {
    checkNumbers(scope, op, a, span);
    checkNumbers(scope, op, b, span);
  }
  return binary(scope.ctx, comparisonOps[op].op, toTensor(scope, a, span), toTensor(scope, b, span), span, op);
}

const flipped: Record<Comparison, Comparison> = { "==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

function staticEquality(a: Val, b: Val): boolean | undefined {
  if (a.kind === "tensor" || b.kind === "tensor") return undefined;
  if (a.kind === "none" || b.kind === "none") return a.kind === b.kind;
  if (a.kind === "bool" && b.kind === "bool") return a.value === b.value;
  if (a.kind === "string" && b.kind === "string") return a.value === b.value;
  if (a.kind === "range" && b.kind === "range") return a.from === b.from && a.to === b.to;
  return undefined;
}

/** A guard that compares `step` with a number is decided for the phase at hand, and says where the next one begins. */
function decideStep(scope: Scope, op: Comparison, n: number): boolean {
  const { from, cuts } = scope.ctx.phase;
  const at = op === "<=" || op === ">" ? [n + 1] : op === "==" || op === "!=" ? [n, n + 1] : [n];
  for (const c of at) if (Number.isInteger(c) && c > from) cuts.add(c);
  return comparisonOps[op].compute(from, n);
}

export function logic(scope: Scope, op: "and" | "or", left: Val, right: Val, span: Span): Val {
  const a = plain(left);
  const b = plain(right);
  if (a.kind === "error" || b.kind === "error") return scope.ctx.silent();
  if (a.kind === "bool" && b.kind === "bool") return bool(op === "and" ? a.value && b.value : a.value || b.value);
  for (const v of [a, b])
    if (v.kind !== "bool" && !(v.kind === "tensor" && v.dtype === "bool"))
      scope.ctx.fail("operand-kind", { op, found: describe(v) }, span);
  if (a.kind === "bool") return a.value === (op === "and") ? b : a;
  if (b.kind === "bool") return b.value === (op === "and") ? a : b;
  return binary(scope.ctx, op, toTensor(scope, a, span), toTensor(scope, b, span), span, op);
}

export function negate(scope: Scope, op: "-" | "not", value: Val, span: Span): Val {
  const v = plain(value);
  if (v.kind === "error") return scope.ctx.silent();
  if (v.kind === "record")
    return { kind: "record", fields: new Map([...v.fields].map(([k, x]) => [k, negate(scope, op, x, span)])) };
  if (op === "-") {
    if (v.kind === "number") return num(-v.value);
    checkNumbers(scope, "-", v, span);
    return unary("neg", toTensor(scope, v, span));
  }
  if (v.kind === "bool") return bool(!v.value);
  if (v.kind === "tensor" && v.dtype === "bool") return unary("not", v);
  return scope.ctx.fail("operand-kind", { op, found: describe(v) }, span);
}

/** Closed at both ends; of tensors elementwise. */
export function isIn(scope: Scope, left: Val, right: Val, span: Span): Val {
  const a = plain(left);
  const b = plain(right);
  if (a.kind === "error" || b.kind === "error") return scope.ctx.silent();
  if (b.kind === "list") {
    if (a.kind !== "number") return scope.ctx.fail("operand-kind", { op: "in", found: describe(a) }, span);
    return bool(b.items.some((i) => i.kind === "number" && i.value === a.value));
  }
  if (b.kind !== "range")
    return scope.ctx.fail("operand-kind", { op: "in", found: describe(b) }, span, {
      help: ["on the right of `in` stands a range or a list"],
    });
  const low = compare(scope, ">=", a, num(b.from), span);
  return logic(scope, "and", low, compare(scope, "<=", a, num(b.to), span), span);
}
