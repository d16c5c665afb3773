/** What takes part in a contradiction besides the place where it shows: the settings that a condition or a range was made from. */
import type { Related } from "../../grammar/diagnostic.js";
import type { Span } from "../../grammar/source.js";
import type { Expr } from "../../grammar/tree.js";
import { visitExpr } from "../names/mentions.js";
import { plain } from "./evaluation.js";
import { evaluate } from "./expr.js";
import type { Scope } from "./scope.js";
import { describe, type Val } from "./values.js";

/** The settings that an expression reads, its own and those of instances it was given: where each was written, and what it is. */
export function partners(scope: Scope, e: Expr): Related[] {
  const found = new Map<string, Related>();
  const add = (name: string, value: Val, span: Span) => {
    const v = plain(value);
    const what = v.kind === "definition" ? `\`${v.symbol.decl.name.text}\`` : describe(v);
    found.set(`${span.pos} ${name}`, {
      span,
      message: `\`${name}\` is ${what.replace(/^the (number|word|range) /, "")}`,
    });
  };
  visitExpr(e, {
    expr: (x) => {
      if (x.kind === "Name") {
        const written = scope.writtenSetting(x.name);
        if (written) add(x.name, written.value, written.origin);
      } else if (x.kind === "Member" && x.object.kind === "Name") {
        const { object } = x;
        const v = scope.ctx.attemptQuietly(() => plain(evaluate(object, scope)));
        if (v?.kind !== "instance") return;
        const value = scope.ctx.attemptQuietly(() => evaluate(x, scope));
        if (value) add(x.name.text, value, v.instance.given.get(x.name.text)?.origin ?? v.instance.declared);
      }
    },
  });
  return [...found.values()];
}
