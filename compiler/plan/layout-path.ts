/** Paths in layouts: `block(i).attn.qkv`, and the body that one leads to. */
import type { Span } from "../../grammar/source.js";
import type { Expr } from "../../grammar/tree.js";
import { guard } from "../elaborate/body.js";
import type { Ctx } from "../elaborate/ctx.js";
import { type Evaluation, member, memberAt, plain } from "../elaborate/evaluation.js";
import { evaluateStatic, wholeNumber } from "../elaborate/expr.js";
import type { Scope } from "../elaborate/scope.js";
import type { Val } from "../elaborate/values.js";

/** The steps of `block(i).attn.qkv`, indices evaluated: `["block", "3", "attn", "qkv"]`. */
export function pathOf(e: Expr, scope: Scope): string[] | undefined {
  if (e.kind === "Name") return [e.name];
  if (e.kind === "Member") {
    const object = pathOf(e.object, scope);
    return object && [...object, e.name.text];
  }
  const arg = e.kind === "Call" ? e.args[0] : undefined;
  if (e.kind === "Call" && arg && e.args.length === 1) {
    const callee = pathOf(e.callee, scope);
    const v = plain(evaluateStatic(arg.value, scope));
    return callee && v.kind === "number" ? [...callee, String(wholeNumber(scope, v.value, arg.span))] : undefined;
  }
  return undefined;
}

/** The evaluation that a path of parts and members leads to; `undefined` where it leads nowhere. */
export function bodyAt(ctx: Ctx, from: Evaluation, path: readonly string[], span: Span): Evaluation | undefined {
  let body = from.via?.inner ?? from;
  for (let i = 0; i < path.length; i++) {
    const name = path[i] ?? "";
    const index = /^\d+$/.test(path[i + 1] ?? "") ? Number(path[++i]) : undefined;
    const v = ctx.attemptQuietly((): Val | undefined => {
      if (index !== undefined) return memberAt(ctx, body, name, index, span);
      const found = member(ctx, body, name, span);
      return found.kind === "value" ? found.value : undefined;
    });
    if (v?.kind !== "evaluation") return undefined;
    body = v.evaluation.via?.inner ?? v.evaluation;
  }
  return body;
}

/**
 * `b` of a Linear without bias, or anything of a part that is not there: what `path` leads to, or something on the way, is declared under a
 * guard, and the guard is false in this call of the definition.
 */
export function guardedAway(ctx: Ctx, from: Evaluation, path: readonly string[], span: Span): boolean {
  return path.some((name, i) => {
    const b = bodyAt(ctx, from, path.slice(0, i), span)?.scope?.bindings.get(name);
    const condition = b?.kind === "weight" ? b.decl.guard : b?.kind === "part" ? b.decl.guard : undefined;
    return condition && b && "scope" in b && ctx.attemptQuietly(() => guard(b.scope, condition)) === false;
  });
}

/** `part norm1: norm`: a setting says which definition this part is. */
export function chosen({ scope }: Evaluation, name: string): boolean {
  const b = scope?.bindings.get(name);
  return b?.kind === "part" && /^[a-z_]/.test(b.decl.ref.name.text);
}
