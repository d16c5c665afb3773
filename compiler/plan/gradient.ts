import { axis, visible } from "../elaborate/axes.js";
import type { Call } from "../elaborate/builtins/builtin.js";
import { plain } from "../elaborate/evaluation.js";
import type { MainFrame } from "../elaborate/frame.js";
import type { Scope } from "../elaborate/scope.js";
import { mean } from "../elaborate/tensors.js";
import type { Val } from "../elaborate/values.js";
import { type Value as Node, tensor } from "../ir/graph.js";
import { vjp } from "../passes/vjp.js";
import type { WeightInfo } from "./plan.js";
import { readSelect, selected } from "./select.js";

/** A weight and its gradient. */
export interface Gradient {
  readonly w: WeightInfo;
  readonly g: Node;
}

/** The gradients of `share` times a total, by every weight that was read and that it depends on. */
export function gradientsOf(total: Node, frame: MainFrame, share: number): Gradient[] {
  const b = frame.builder;
  const weights = [...frame.read.values()];
  const params = weights.map((w) => frame.weight(w, undefined));
  const grads = vjp(b, [{ value: total, cotangent: b.constant(tensor([], []), share) }], params);
  return weights.flatMap((w, i) => {
    const g = grads[i];
    return g ? [{ w, g }] : [];
  });
}

/** `grad(loss, X)`: the gradient that a `minimize` takes, before clipping, as a record by path. */
export function gradientOf(call: Call, P: Scope, frame: MainFrame): Val {
  const ctx = P.ctx;
  const [of, by] = call.args.positional;
  const total = of && plain(of.value);
  if (!of || !by?.expr || !total || total.kind !== "tensor")
    return ctx.fail("missing-argument", { name: "X" }, call.span);
  const scalar = mean(total, visible(total.axes));
  const scope = by.scope ?? P;
  const selection = readSelect(scope, { terms: [{ path: by.expr }], span: by.span });
  const weights = [...frame.read.values()].filter((w) => selected([selection], w));
  if (weights.length === 0)
    return ctx.fail(
      "selects-nothing",
      { path: by.expr.span.source.text.slice(by.expr.span.pos, by.expr.span.end) },
      by.span,
    );
  const b = frame.builder;
  const grads = vjp(
    b,
    [{ value: scalar.node, cotangent: b.constant(tensor([], []), 1) }],
    weights.map((w) => frame.weight(w, undefined)),
  );
  const fields = new Map<string, Val>();
  weights.forEach((w, i) => {
    const g = grads[i] ?? b.constant(tensor(w.shape, w.axes), 0);
    fields.set(w.path, {
      kind: "tensor",
      dtype: "float",
      axes: w.axes.map((n, k) => axis(n, w.shape[k] as number)),
      node: g,
      frame,
      arrow: w.arrow,
    });
  });
  return { kind: "record", fields };
}
