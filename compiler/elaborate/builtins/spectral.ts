import { axis } from "../axes.js";
import { permute, wrap } from "../tensors.js";
import type { Val } from "../values.js";
import { axisOn, type Builtin, type Call, expectCount, namedAxes, tensorArg } from "./builtin.js";

/** `eigenvectors[a, b, k](m)`: the columns of a symmetric table become its eigenvectors, counted by a new axis. */
function eigenvectors(call: Call): Val {
  expectCount(call, 1);
  const { ctx } = call.scope;
  const [rows, cols, made] = namedAxes(call);
  if (!rows || !cols || !made) return ctx.fail("axis-argument", { name: call.name, axes: "three axes" }, call.span);
  const t = tensorArg(call, 0);
  const [a, b] = [axisOn(call, t, rows.name), axisOn(call, t, cols.name)];
  if (a.size !== b.size) return ctx.fail("axis-mismatch", { axis: b.name, here: b.size, there: a.size }, call.span);
  const rest = t.axes.filter((x) => x !== a && x !== b);
  if (a === b || [...rest, a].some((x) => x.tag === 0 && x.name === made.name))
    return ctx.fail("axis-collision", { axis: a === b ? a.name : made.name }, call.span);
  const m = permute(t, [...rest, a, b]);
  return wrap(m.frame, m.frame.builder.emit("eigenvectors", [m.node], {}), [...rest, a, axis(made.name, b.size)]);
}

export const spectral: Record<string, Builtin> = {
  eigenvectors: { signature: "eigenvectors[a, b, k](m)", run: eigenvectors },
};
