/** The builtin functions by name. One row each; adding one touches its own table alone. */
import type { Span } from "../../../grammar/source.js";
import type { ReindexItem } from "../../../grammar/tree.js";
import type { Args } from "../inputs.js";
import type { Scope } from "../scope.js";
import type { Val } from "../values.js";
import type { Builtin } from "./builtin.js";
import { elementwise } from "./elementwise.js";
import { reductions } from "./reductions.js";
import { filled, shapes } from "./shapes.js";
import { spectral } from "./spectral.js";
import { statics } from "./statics.js";
import { transforms } from "./transforms.js";

export const builtins: Readonly<Record<string, Builtin>> = {
  ...elementwise,
  ...reductions,
  ...shapes,
  ...spectral,
  ...statics,
  ...transforms,
};

/** Everything a name may mean without being declared. */
export const builtinNames: ReadonlySet<string> = new Set([
  ...Object.keys(builtins),
  "xavier",
  "torch_default",
  "pi",
  "step",
  "training",
  "index",
]);

export function callBuiltin(
  scope: Scope,
  name: string,
  args: Args,
  span: Span,
  brackets: readonly ReindexItem[] | undefined,
): Val {
  const builtin = builtins[name];
  if (!builtin) return scope.ctx.fail("not-callable", { what: `\`${name}\`` }, span);
  return builtin.run({ scope, name, args, span, brackets });
}

const withoutArguments: ReadonlySet<string> = new Set(["position", "zeros", "ones"]);

/** `position[token]`, `zeros[a: 3]`: brackets without a call. */
export function reindexBuiltin(scope: Scope, name: string, items: readonly ReindexItem[], span: Span): Val {
  if (!withoutArguments.has(name)) return scope.ctx.fail("call-wanted", { name }, span);
  return filled({ scope, name, args: { positional: [], named: new Map() }, span, brackets: items });
}
