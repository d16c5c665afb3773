/** `state m = 0` and `next m = …`: a value the step carries on. */
import type { StateStatement } from "../../grammar/tree.js";
import { type Axis, namesOf, shapeOf } from "./axes.js";
import { sized, specAxes } from "./axis-specs.js";
import { guard } from "./body.js";
import { toNumber, toTensor } from "./convert.js";
import { evaluate } from "./expr.js";
import { NotOutlinable, OutlinedFrame } from "./frame.js";
import type { Scope } from "./scope.js";
import { spread, wrap } from "./tensors.js";
import type { TensorVal } from "./values.js";
import { readWeight } from "./weights.js";

export function stateAxes(scope: Scope, decl: StateStatement): readonly Axis[] {
  if (decl.type.kind !== "AxesType") return scope.ctx.fail("state-type", {}, decl.type.span);
  const spec = specAxes(decl.type.axes, scope);
  if (spec.star) return scope.star ?? scope.ctx.fail("star-unbound", {}, decl.type.span);
  return sized(spec.axes, scope, decl.type.span);
}

export function readState(scope: Scope, decl: StateStatement): TensorVal {
  const axes = stateAxes(scope, decl);
  const path = `${scope.path}.${decl.name.text}`;
  const init = toNumber(scope, evaluate(decl.init, scope), decl.init.span, "a number to start with");
  return wrap(scope.frame, scope.frame.state(path, shapeOf(axes), namesOf(axes), init), axes);
}

/** The new values of the states of a body, and of weights it moves itself, under their guards: what the step hands to the next one. */
export function nextStates(scope: Scope): void {
  for (const n of scope.body.nexts) {
    scope.ctx.attempt(() => {
      const binding = scope.bindings.get(n.name.text);
      if (binding?.kind !== "state" && binding?.kind !== "weight")
        return scope.ctx.fail("next-without-state", { name: n.name.text }, n.name.span);
      if (n.guard && !guard(scope, n.guard)) return;
      if (scope.frame instanceof OutlinedFrame) throw new NotOutlinable();
      const axes =
        binding.kind === "state" ? stateAxes(scope, binding.decl) : readWeight(scope, binding.decl, n.name.span).axes;
      const value = spread(toTensor(scope, evaluate(n.value, scope), n.value.span), axes);
      scope.ctx.nexts.set(`${scope.path}.${n.name.text}`, value.node);
    });
  }
}
