import { arithmetic } from "../arithmetic.js";
import { type Axis, axis, findVisible } from "../axes.js";
import { toTensor } from "../convert.js";
import { plain } from "../evaluation.js";
import { binary, dot, mean, reduce, unary, withLast, wrap } from "../tensors.js";
import type { TensorVal, Val } from "../values.js";
import {
  arg,
  argument,
  axisOn,
  type Builtin,
  type Call,
  expectCount,
  namedAxes,
  oneAxis,
  reducedAxes,
  tensorArg,
} from "./builtin.js";

/** Per field for a record without brackets. */
export function reduceBuiltin(call: Call, kind: "reduce_sum" | "reduce_max" | "reduce_min"): Val {
  return perField(call, (t) => reduce(kind, t, reducedAxes(call, t)));
}

function perField(call: Call, f: (t: TensorVal) => TensorVal): Val {
  expectCount(call, 1);
  const go = (v: Val): Val => {
    if (v.kind === "record")
      return { kind: "record", fields: new Map([...v.fields].map(([k, x]) => [k, go(plain(x))])) };
    if (v.kind === "number" && !call.brackets) return v;
    const t = toTensor(call.scope, v, argument(call, 0).span);
    if (t.dtype !== "float")
      return call.scope.ctx.fail(
        "operand-kind",
        { op: call.name, found: t.dtype === "index" ? "a tensor of indices" : "a tensor of bools" },
        argument(call, 0).span,
        t.dtype === "bool" ? { help: ["`where(c, 1, 0)` counts those that hold, `any` and `all` give a bool"] } : {},
      );
    return f(t);
  };
  return go(arg(call, 0));
}

function variance(call: Call, t: TensorVal): TensorVal {
  const axes = reducedAxes(call, t);
  const d = binary(call.scope.ctx, "sub", t, mean(t, axes), call.span, "-");
  return mean(binary(call.scope.ctx, "mul", d, d, call.span, "*"), axes);
}

function norm(call: Call): Val {
  expectCount(call, 1);
  const { scope, span } = call;
  const squares = (v: Val): Val[] => {
    if (v.kind === "record" || v.kind === "list" || v.kind === "tuple")
      return (v.kind === "record" ? [...v.fields.values()] : v.items).flatMap((x) => squares(plain(x)));
    const t = toTensor(scope, v, argument(call, 0).span);
    return [reduce("reduce_sum", binary(scope.ctx, "mul", t, t, span, "*"), reducedAxes(call, t))];
  };
  const all = squares(arg(call, 0));
  const total = all
    .slice(1)
    .reduce((a, b) => arithmetic(scope, "+", a, b, span), all[0] ?? { kind: "number", value: 0 });
  return unary("sqrt", toTensor(scope, total, span));
}

/** The product as exclusive prefix and suffix products meet: right also where a factor is 0. */
function product(call: Call, t: TensorVal): TensorVal {
  let result = t;
  for (const a of reducedAxes(call, t)) {
    const running = withLast(result, [a], (x) =>
      x.frame.builder.emit("cumprod", [x.node], { axis: x.axes.length - 1, exclusive: false, reverse: false }),
    );
    const i = running.axes.findIndex((x) => x === a || (x.name === a.name && x.tag === a.tag));
    const node = running.frame.builder.emit("slice", [running.node], {
      start: running.axes.map((x, k) => (k === i ? x.size - 1 : 0)),
      stop: running.axes.map((x) => x.size),
    });
    const rest = running.axes.filter((_, k) => k !== i);
    result = wrap(
      t.frame,
      t.frame.builder.emit("reshape", [node], { shape: rest.map((x) => x.size), axes: rest.map((x) => x.name) }),
      rest,
    );
  }
  return result;
}

function cumulative(kind: "cumsum" | "cumprod"): Builtin {
  return {
    signature: `${kind}[a](x)`,
    run: (call) => {
      expectCount(call, 1);
      const t = tensorArg(call, 0);
      const a = axisOn(call, t, oneAxis(call).name);
      return wrap(
        t.frame,
        t.frame.builder.emit(kind, [t.node], { axis: t.axes.indexOf(a), exclusive: false, reverse: false }),
        t.axes,
      );
    },
  };
}

function logSoftmax(call: Call): Val {
  const t = tensorArg(call, 0);
  const axes = reducedAxes(call, t);
  const { ctx } = call.scope;
  const top = reduce("reduce_max", t, axes);
  const still = wrap(top.frame, top.frame.builder.emit("stop_gradient", [top.node], {}), top.axes);
  const shifted = binary(ctx, "sub", t, still, call.span, "-");
  const total = unary("log", reduce("reduce_sum", unary("exp", shifted), axes));
  return binary(ctx, "sub", shifted, total, call.span, "-");
}

function bools(kind: "reduce_max" | "reduce_min"): (call: Call) => Val {
  return (call) => {
    expectCount(call, 1);
    const t = toTensor(call.scope, arg(call, 0), argument(call, 0).span);
    if (t.dtype !== "bool")
      return call.scope.ctx.fail(
        "operand-kind",
        { op: call.name, found: "a tensor of numbers" },
        argument(call, 0).span,
      );
    return reduce(kind, t, reducedAxes(call, t));
  };
}

export const reductions: Record<string, Builtin> = {
  sum: { signature: "sum[a](x)", run: (call) => reduceBuiltin(call, "reduce_sum") },
  mean: { signature: "mean[a](x)", run: (call) => perField(call, (t) => mean(t, reducedAxes(call, t))) },
  prod: { signature: "prod[a](x)", run: (call) => perField(call, (t) => product(call, t)) },
  variance: { signature: "variance[a](x)", run: (call) => perField(call, (t) => variance(call, t)) },
  norm: { signature: "norm[a](x)", run: norm },
  any: { signature: "any[a](x)", run: bools("reduce_max") },
  all: { signature: "all[a](x)", run: bools("reduce_min") },
  dot: {
    signature: "dot[a](x, y)",
    run: (call) => {
      expectCount(call, 2);
      const x = tensorArg(call, 0);
      const y = tensorArg(call, 1);
      const axes = namedAxes(call).map((r): Axis => {
        axisOn(call, y, r.name);
        return axisOn(call, x, r.name);
      });
      return dot(call.scope.ctx, x, y, axes, call.span);
    },
  },
  apply: {
    signature: "apply(w, x)",
    run: (call) => {
      expectCount(call, 2);
      return apply(call, arg(call, 0), tensorArg(call, 1));
    },
  },
  softmax: {
    signature: "softmax[a](x)",
    run: (call) => {
      expectCount(call, 1);
      const t = tensorArg(call, 0);
      return withLast(t, reducedAxes(call, t), (x) => x.frame.builder.emit("softmax", [x.node], {}));
    },
  },
  log_softmax: { signature: "log_softmax[a](x)", run: logSoftmax },
  cumsum: cumulative("cumsum"),
  cumprod: cumulative("cumprod"),
};

/** `w: [from -> to]`, `x: [from]` -> `[to]`; both sides may share names, which is why the sides are renamed for the product. */
function apply(call: Call, weight: Val, x: TensorVal): Val {
  const { ctx } = call.scope;
  const w = toTensor(call.scope, weight, argument(call, 0).span);
  if (w.arrow === undefined) return ctx.fail("apply-needs-arrow", {}, argument(call, 0).span);
  const left = w.axes.slice(0, w.arrow);
  const right = w.axes.slice(w.arrow);
  const marked = right.map((a) => axis(`${a.name}'`, a.size));
  const mapped: TensorVal = { ...w, axes: [...left, ...marked], arrow: undefined };
  const contract = left.map((a) => {
    const on = findVisible(x.axes, a.name);
    if (!on) return axisOn(call, x, a.name);
    if (on.size !== a.size)
      ctx.fail("axis-mismatch", { axis: a.name, here: on.size, there: a.size }, argument(call, 1).span);
    return on;
  });
  for (const a of right)
    if (findVisible(x.axes, a.name) && !left.some((l) => l.name === a.name))
      ctx.fail("axis-collision", { axis: a.name }, call.span);
  const y = dot(ctx, x, mapped, contract, call.span);
  return {
    ...y,
    axes: y.axes.map((a) => (a.tag === 0 && a.name.endsWith("'") ? axis(a.name.slice(0, -1), a.size) : a)),
  };
}
