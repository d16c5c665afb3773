/** What a step writes to the log besides its losses. */
import type { Statement } from "../../grammar/tree.js";
import { visible } from "../elaborate/axes.js";
import { guard } from "../elaborate/body.js";
import { toNumber, toTensor } from "../elaborate/convert.js";
import { plain } from "../elaborate/evaluation.js";
import { evaluate } from "../elaborate/expr.js";
import { loopScope, positions } from "../elaborate/families.js";
import type { Scope } from "../elaborate/scope.js";
import { mean } from "../elaborate/tensors.js";
import type { TensorVal, Val } from "../elaborate/values.js";

export interface LogEntry {
  readonly name: string;
  readonly every: number;
  readonly value: TensorVal;
}

/** The entries of `log every`. */
export function logEntries(P: Scope, body: readonly Statement[]): LogEntry[] {
  const ctx = P.ctx;
  const entries: LogEntry[] = [];
  for (const s of body) {
    if (s.kind !== "Log") continue;
    ctx.attempt(() => {
      const every = toNumber(P, evaluate(s.every, P), s.every.span, "a number of steps");
      for (const e of s.entries) {
        let scopes: Scope[] = [P];
        for (const loop of e.tail.loops)
          scopes = scopes.flatMap((x) => positions(x, loop.range).map((k) => loopScope(x, loop.index.text, k)));
        for (const x of scopes) {
          if (e.tail.guard && !guard(x, e.tail.guard)) continue;
          ctx.attempt(() => {
            const index = e.target.index ? toNumber(x, evaluate(e.target.index, x), e.target.index.span) : undefined;
            const v = toTensor(x, evaluate(e.value, x), e.value.span);
            const left = visible(v.axes).filter((a) => a.name !== "batch");
            if (left.length > 0)
              ctx.fail(
                "term-axes",
                { term: e.target.name.text, axes: `[${left.map((a) => a.name).join(", ")}]` },
                e.value.span,
              );
            entries.push({
              name: index === undefined ? e.target.name.text : `${e.target.name.text}(${index})`,
              every,
              value: mean(v, visible(v.axes)),
            });
          });
        }
      }
    });
  }
  return entries;
}

/** Each scalar `let` of the plan that was computed is worth a line of the log. */
export function scalarLets(P: Scope): Map<string, TensorVal> {
  const found = new Map<string, TensorVal>();
  const note = (name: string, v: Val) => {
    if (v.kind === "tensor" && v.axes.length === 0 && v.dtype === "float") found.set(name, v);
    else if (v.kind === "record") for (const [k, x] of v.fields) note(`${name}.${k}`, plain(x));
  };
  for (const [name, b] of P.bindings)
    if (b.kind === "lazy" && b.state === "done" && b.value) note(name, plain(b.value));
  return found;
}
