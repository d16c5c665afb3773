/** Local rules that look at an op and at what makes its operands. Each leaves an equal value that is cheaper or no dearer. */
import { binaryOps, compareOps, unaryOps } from "../ir/attrs.js";
import { as, broadcast } from "../ir/build.js";
import type { FnBuilder } from "../ir/builder.js";
import { none, splatOf } from "../ir/constant.js";
import type { Module, OpOf, Value } from "../ir/graph.js";
import { at } from "../ir/table/row.js";
import type { Primitive, PrimitiveKind } from "../ir/table/table.js";
import { elements, sameShape } from "../ir/types.js";
import { folding } from "./fold.js";
import { emitAgain, rebuild } from "./rebuild.js";
import { movement } from "./simplify-movement.js";

export interface SimplifyOptions {
  /** No derivative will be taken any more: `stop_gradient` is the identity. */
  readonly final?: boolean;
}

/** Applies the rules to every op once, operands first. Products of constants may round differently. */
export function simplify(module: Module, options: SimplifyOptions = {}): Module {
  return rebuild(module, {
    ...folding,
    primitive: (b, op, operands) => {
      if (options.final && op.kind === "stop_gradient") return operands[0];
      const v = onSmall(b, op, operands) ?? arithmetic(b, op, operands) ?? movement(b, op, operands);
      return v ? as(b, v, at(op.results, 0).type) : emitAgain(b, op, operands);
    },
  });
}

const elementwise: ReadonlySet<string> = new Set([...unaryOps, ...binaryOps, ...compareOps, "select", "cast"]);

/** An elementwise op on values that were all spread in the same way is done before the spreading. */
function onSmall<K extends PrimitiveKind>(b: FnBuilder, op: OpOf<K>, operands: readonly Value[]): Value | undefined {
  if (!elementwise.has(op.kind)) return undefined;
  const type = at(op.results, 0).type;
  let first: OpOf<"broadcast"> | undefined;
  for (const v of operands) {
    if (splatOf(v) !== undefined) continue;
    if (v.op?.kind !== "broadcast") return undefined;
    first ??= v.op;
    const same =
      sameShape(at(v.op.operands, 0).type.shape, at(first.operands, 0).type.shape) &&
      v.op.attrs.dims.every((d, i) => d === first?.attrs.dims[i]);
    if (!same) return undefined;
  }
  if (!first) return undefined;
  const source = at(first.operands, 0).type;
  if (elements(source) >= elements(type)) return undefined;
  const small = operands.map((v) => {
    const n = splatOf(v);
    return n === undefined ? at(v.op?.operands ?? [], 0) : b.splat({ ...source, dtype: v.type.dtype }, n);
  });
  return broadcast(b, b.emit(op.kind, small, op.attrs), type, first.attrs.dims);
}

function arithmetic(b: FnBuilder, op: Primitive, operands: readonly Value[]): Value | undefined {
  const [x, y, z] = operands;
  if (!x) return undefined;
  switch (op.kind) {
    case "add": {
      if (!y) return undefined;
      const minusY = negated(y);
      if (minusY) return b.emit("sub", [x, minusY], none);
      const minusX = negated(x);
      return minusX && b.emit("sub", [y, minusX], none);
    }
    case "sub": {
      const minusY = y && negated(y);
      return minusY && b.emit("add", [x, minusY], none);
    }
    case "mul":
      return y && (scaled(b, x, y) ?? scaled(b, y, x));
    case "neg": {
      const back = negated(x);
      if (back) return back;
      if (x.op?.kind !== "sub") return undefined;
      return b.emit("sub", [at(x.op.operands, 1), at(x.op.operands, 0)], none);
    }
    case "select":
      if (y && z && x.op?.kind === "not") return b.emit("select", [at(x.op.operands, 0), z, y], none);
      return undefined;
    case "not": {
      const c = x.op;
      if (c?.kind === "not") return c.operands[0];
      if (c?.kind === "eq") return b.emit("ne", c.operands, none);
      return c?.kind === "ne" ? b.emit("eq", c.operands, none) : undefined;
    }
    default:
      return undefined;
  }
}

function negated(v: Value): Value | undefined {
  return v.op?.kind === "neg" ? v.op.operands[0] : undefined;
}

/** (x · m) · n and (-x) · n as one product. */
function scaled(b: FnBuilder, x: Value, y: Value): Value | undefined {
  const n = splatOf(y);
  if (n === undefined) return undefined;
  const minus = negated(x);
  if (minus) return b.emit("mul", [minus, b.splat(y.type, -n)], none);
  if (x.op?.kind !== "mul") return undefined;
  const [u, v] = x.op.operands;
  const m = v && splatOf(v);
  const product = m === undefined ? 0 : m * n;
  // Not where one product would under- or overflow that two do not.
  const sound = Number.isFinite(product) && Math.abs(product) > 1e-30 && Math.abs(product) < 1e30;
  return u && sound ? b.emit("mul", [u, b.splat(y.type, product)], none) : undefined;
}
