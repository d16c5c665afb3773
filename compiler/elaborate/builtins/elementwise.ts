import type { UnaryOp } from "../../ir/attrs.js";
import { overRecords } from "../arithmetic.js";
import { toTensor } from "../convert.js";
import { plain } from "../evaluation.js";
import { binary, select, unary } from "../tensors.js";
import { bool, num, type Val } from "../values.js";
import { arg, argument, type Builtin, type Call, expectCount, tensorArg } from "./builtin.js";
import { reduceBuiltin } from "./reductions.js";

/** Static values stay static. `round` is half to even. */
const functions: Record<string, { readonly op: UnaryOp; readonly compute: (x: number) => number }> = {
  exp: { op: "exp", compute: Math.exp },
  ln: { op: "log", compute: Math.log },
  sin: { op: "sin", compute: Math.sin },
  cos: { op: "cos", compute: Math.cos },
  tan: { op: "tan", compute: Math.tan },
  tanh: { op: "tanh", compute: Math.tanh },
  atan: { op: "atan", compute: Math.atan },
  sqrt: { op: "sqrt", compute: Math.sqrt },
  abs: { op: "abs", compute: Math.abs },
  sign: { op: "sign", compute: Math.sign },
  sigmoid: { op: "sigmoid", compute: (x) => 1 / (1 + Math.exp(-x)) },
  floor: { op: "floor", compute: Math.floor },
  round: { op: "round", compute: halfToEven },
};

function halfToEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

function mapRecord(v: Val, f: (v: Val) => Val): Val | undefined {
  return v.kind === "record"
    ? { kind: "record", fields: new Map([...v.fields].map(([k, x]) => [k, f(plain(x))])) }
    : undefined;
}

function unaryBuiltin(name: string, op: UnaryOp, compute: ((x: number) => number) | undefined): Builtin {
  const run = (call: Call, v: Val): Val => {
    const lifted = mapRecord(v, (x) => run(call, x));
    if (lifted) return lifted;
    if (v.kind === "number" && compute) return num(compute(v.value));
    const t = toTensor(call.scope, v, argument(call, 0).span);
    if (t.dtype !== "float")
      return call.scope.ctx.fail(
        "operand-kind",
        { op: name, found: `a tensor of ${t.dtype === "bool" ? "bools" : "indices"}` },
        argument(call, 0).span,
      );
    return unary(op, t);
  };
  return {
    signature: `${name}(x)`,
    run: (call) => {
      expectCount(call, 1);
      return run(call, arg(call, 0));
    },
  };
}

function extremum(name: "min" | "max"): Builtin {
  const pair = (call: Call, a: Val, b: Val): Val => {
    if (a.kind === "number" && b.kind === "number")
      return num(name === "min" ? Math.min(a.value, b.value) : Math.max(a.value, b.value));
    const lifted = overRecords(call.scope, a, b, call.span, (x, y) => pair(call, x, y));
    return (
      lifted ??
      binary(
        call.scope.ctx,
        name,
        toTensor(call.scope, a, call.span),
        toTensor(call.scope, b, call.span),
        call.span,
        name,
      )
    );
  };
  return {
    signature: `${name}(x, y), ${name}[a](x)`,
    run: (call) => {
      if (call.args.positional.length === 1) return reduceBuiltin(call, name === "min" ? "reduce_min" : "reduce_max");
      expectCount(call, 2);
      return pair(call, arg(call, 0), arg(call, 1));
    },
  };
}

const where: Builtin = {
  signature: "where(c, x, y)",
  run: (call) => {
    expectCount(call, 3);
    const c = arg(call, 0);
    if (c.kind === "bool") return c.value ? arg(call, 1) : arg(call, 2);
    const pick = (x: Val, y: Val): Val => {
      const lifted = overRecords(call.scope, x, y, call.span, pick);
      if (lifted) return lifted;
      const t = toTensor(call.scope, c, argument(call, 0).span);
      if (t.dtype !== "bool")
        return call.scope.ctx.fail(
          "operand-kind",
          { op: "where", found: "a condition of numbers" },
          argument(call, 0).span,
        );
      return select(
        call.scope.ctx,
        t,
        toTensor(call.scope, x, argument(call, 1).span),
        toTensor(call.scope, y, argument(call, 2).span),
        call.span,
      );
    };
    return pick(arg(call, 1), arg(call, 2));
  },
};

const clamp: Builtin = {
  signature: "clamp(x, low, high)",
  run: (call) => {
    expectCount(call, 3);
    const [x, low, high] = [arg(call, 0), arg(call, 1), arg(call, 2)];
    if (x.kind === "number" && low.kind === "number" && high.kind === "number")
      return num(Math.min(Math.max(x.value, low.value), high.value));
    const { scope, span } = call;
    const raised = binary(scope.ctx, "max", toTensor(scope, x, span), toTensor(scope, low, span), span, "clamp");
    return binary(scope.ctx, "min", raised, toTensor(scope, high, span), span, "clamp");
  },
};

const finite: Builtin = {
  signature: "finite(x)",
  run: (call) => {
    const x = arg(call, 0);
    if (x.kind === "number") return bool(Number.isFinite(x.value));
    return unary("is_finite", tensorArg(call, 0));
  },
};

export const elementwise: Record<string, Builtin> = {
  ...Object.fromEntries(Object.entries(functions).map(([name, f]) => [name, unaryBuiltin(name, f.op, f.compute)])),
  erf: unaryBuiltin("erf", "erf", undefined),
  min: extremum("min"),
  max: extremum("max"),
  where,
  clamp,
  finite,
};
