/**
 * Activations written out in a spec, and their derivatives, are chains of a dozen nodes, each of which walks over the largest tensors there
 * are. They are recognised by their numbers and not by their form: whatever the spec, the derivative rules and the simplifier made of it, a
 * function of one value that agrees with gelu at many points is gelu.
 */
import type { OpKind } from "../../ir/attrs.js";
import type { Op, OpOf, Value } from "../../ir/graph.js";
import type { HostTensor } from "../../ir/host.js";
import { isPrimitive, type PrimitiveKind, rowOf } from "../../ir/table/table.js";
import { zip } from "./elementwise.js";
import { type Form, scaled } from "./form.js";
import type { Readers, Scope } from "./scope.js";

/** What stands for the op that gives a value. */
export interface Fused {
  readonly inputs: readonly Value[];
  lower(ctx: Scope): Form;
}

const points = Float64Array.from({ length: 41 }, (_, i) => -4.1 + 0.2 * i + 0.003 * Math.sin(i));
const slopes = points.map((_, i) => Math.cos(3 * i) + 0.1);

/** gelu_tanh(x) is x · sigmoid(x · (a + b x²)). */
const a = 2 * Math.sqrt(2 / Math.PI);
const b = a * 0.044715;
const logistic = (z: number): number => 1 / (1 + Math.exp(-z));
const tanhGelu = (x: number): number => x * logistic(x * (a + b * x * x));

function tanhGeluSlope(x: number): number {
  const s = logistic(x * (a + b * x * x));
  return s * (1 + (1 - s) * x * (a + 3 * b * x * x));
}

const elementwise: ReadonlySet<OpKind> = new Set<OpKind>([
  ..."neg exp log tanh erf sqrt abs sign sigmoid not is_finite".split(" "),
  ..."add sub mul div pow min max and or eq ne lt le gt ge select".split(" "),
] as OpKind[]);

const isSplat = (v: Value): boolean => v.op?.kind === "constant" && typeof v.op.attrs.data === "number";
const varying = (op: Op): Value[] => [...new Set(op.operands.filter((v) => !isSplat(v)))];

/** The deepest value that `u` is an elementwise function of, it and numbers alone. */
function rootOf(u: Value, position: ReadonlyMap<Op, number>): Value {
  let root = u;
  const frontier = new Set([u]);
  for (let steps = 0; steps < 16; steps++) {
    let last: Value | undefined;
    for (const v of frontier) if (!last || order(v, position) > order(last, position)) last = v;
    const op = last?.op;
    if (!last || !op || !elementwise.has(op.kind)) break;
    frontier.delete(last);
    for (const v of varying(op)) frontier.add(v);
    const [only] = frontier;
    if (frontier.size === 1 && only) root = only;
  }
  return root;
}

function order(v: Value, position: ReadonlyMap<Op, number>): number {
  return v.op ? (position.get(v.op) ?? -1) : -1;
}

/** Values that are elementwise functions of `x`, and those that are such of `x` and one other value, which they are listed with. */
interface Cone {
  readonly of: ReadonlySet<Value>;
  readonly with: ReadonlyMap<Value, Value>;
}

function coneOf(x: Value, ops: readonly Op[], from: number): Cone {
  const of = new Set([x]);
  const paired = new Map<Value, Value>();
  for (let i = from; i < ops.length; i++) {
    const op = ops[i];
    const result = op?.results[0];
    if (!op || !result || !elementwise.has(op.kind)) continue;
    const inputs = varying(op);
    if (inputs.length === 0 || !inputs.some((v) => of.has(v) || paired.has(v))) continue;
    const others = new Set(inputs.filter((v) => !of.has(v)).map((v) => paired.get(v) ?? v));
    const [other] = others;
    if (others.size === 0) of.add(result);
    else if (others.size === 1 && other) paired.set(result, other);
  }
  return { of, with: paired };
}

function evaluateAt(v: Value, known: Map<Value, HostTensor>): HostTensor {
  const found = known.get(v);
  if (found) return found;
  const op = v.op;
  if (!op || !isPrimitive(op)) throw new Error(`value ${v.id} is no function of the points`);
  const made = evaluateOp(op, v, known);
  known.set(v, made);
  return made;
}

function evaluateOp<K extends PrimitiveKind>(op: OpOf<K>, v: Value, known: Map<Value, HostTensor>): HostTensor {
  const type = { dtype: v.type.dtype, shape: [points.length], axes: ["point"] };
  if (v.op?.kind === "constant") return rowOf("constant").eval([], { ...v.op.attrs, ...type }, type);
  return rowOf(op.kind).eval(
    op.operands.map((x) => evaluateAt(x, known)),
    op.attrs,
    type,
  );
}

/** The number that `v` is as many times `expected`, if it is. */
function multiple(v: Value, known: Map<Value, HostTensor>, expected: ArrayLike<number>): number | undefined {
  const { data } = evaluateAt(v, known);
  let [dot, square, size] = [0, 0, 0];
  for (let i = 0; i < data.length; i++) {
    dot += (data[i] ?? 0) * (expected[i] ?? 0);
    square += (expected[i] ?? 0) ** 2;
    size = Math.max(size, Math.abs(data[i] ?? 0));
  }
  const n = dot / square;
  const same = data.every((y, i) => Math.abs(y - n * (expected[i] ?? 0)) <= 1e-7 * size);
  return same && n !== 0 ? n : undefined;
}

/**
 * g · gelu_tanh'(x), which is g · s · (1 + (1 - s) x (a + 3 b x²)) with s = sigmoid(x (a + b x²)). HardSigmoid is the one node that
 * multiplies and adds at once; it also clips to 0..1, which beyond |x| = 8 changes nothing, as s is 0 or 1 there.
 */
function tanhGeluBackward(ctx: Scope, x: Value, g: Value, times: number): Form {
  const { write } = ctx;
  const form = ctx.stored(x);
  const number = (n: number): string => write.floats([], [n]);
  const affine = (v: string, alpha: number, beta: number): string =>
    write.node("HardSigmoid", [v], { alpha: { float: alpha }, beta: { float: beta } });
  const [c, d] = [a + 64 * b, a + 3 * 64 * b];
  const square = write.node("Mul", [form.name, form.name]);
  const inner = write.node("Mul", [form.name, affine(square, b / c, a / c)]);
  const s = write.node("Sigmoid", [write.node("Mul", [inner, number(c)])]);
  const slope = write.node("Mul", [form.name, affine(square, (3 * b) / d, a / d)]);
  const bent = write.node("Mul", [write.node("Sub", [number(1), s]), slope]);
  const whole = write.node("Mul", [s, write.node("Add", [bent, number(1 / d)])]);
  return scaled(zip(ctx, "Mul", [ctx.stored(g), { ...form, name: whole }]), d * times);
}

/** The chain of only readers from a value to the first that is a multiple of `expected`, where there is one. */
function aloneUntil(
  from: Value,
  readers: Readers,
  cone: Cone,
  known: Map<Value, HostTensor>,
  expected: ArrayLike<number>,
): { value: Value; times: number } | undefined {
  let v: Value | undefined = from;
  for (let i = 0; v && i < 4; i++) {
    const all: readonly (Op | undefined)[] = readers.get(v) ?? [];
    v = all.length === 1 ? all[0]?.results[0] : undefined;
    if (!v || !cone.of.has(v)) return undefined;
    const times = multiple(v, known, expected);
    if (times !== undefined) return { value: v, times };
  }
  return undefined;
}

export function activations(ops: readonly Op[], readers: Readers, extensions: boolean): Map<Value, Fused> {
  const position = new Map(ops.map((op, i) => [op, i]));
  const fused = new Map<Value, Fused>();
  const seen = new Set<Value>();
  for (const op of ops) {
    const bend = op.results[0];
    const u = op.operands[0];
    if ((op.kind !== "tanh" && op.kind !== "erf" && op.kind !== "sigmoid") || !bend || !u) continue;
    const x = rootOf(u, position);
    if (seen.has(x)) continue;
    seen.add(x);
    const cone = coneOf(x, ops, order(x, position) + 1);
    const known = new Map<Value, HostTensor>([[x, { dtype: "float", shape: [points.length], data: points }]]);
    const replace = (
      value: Value,
      type: string,
      attributes: Record<string, { text: string } | { float: number }>,
      times: number,
    ): void => {
      const domain = type === "QuickGelu" ? "com.microsoft" : "";
      fused.set(value, {
        inputs: [x],
        lower: (ctx) => {
          const form = ctx.stored(x);
          return scaled({ ...form, name: ctx.write.node(type, [form.name], attributes, domain) }, times);
        },
      });
    };
    if (op.kind === "tanh") {
      for (const v of cone.of) {
        const times = v === x ? undefined : multiple(v, known, points.map(tanhGelu));
        if (times !== undefined) replace(v, "Gelu", { approximate: { text: "tanh" } }, times);
      }
      for (const [v, g] of cone.with) {
        if ((readers.get(v) ?? []).every((r) => r?.results[0] !== undefined && cone.with.get(r.results[0]) === g))
          continue;
        if (g.type.dtype !== "float" || v.type.dtype !== "float") continue;
        const both = new Map(known).set(g, { dtype: "float", shape: [points.length], data: slopes });
        const times = multiple(
          v,
          both,
          points.map((p, i) => tanhGeluSlope(p) * (slopes[i] ?? 0)),
        );
        if (times !== undefined) fused.set(v, { inputs: [x, g], lower: (ctx) => tanhGeluBackward(ctx, x, g, times) });
      }
    } else {
      // Their derivatives are short as they are, and need what the one node would hide.
      const erf = op.kind === "erf";
      const inner = erf ? points.map((p) => p * Math.SQRT1_2) : points;
      const bent = rowOf(op.kind).eval(
        [{ dtype: "float", shape: [points.length], data: inner }],
        {},
        { dtype: "float", shape: [points.length], axes: ["point"] },
      );
      const expected = points.map((p, i) => p * (erf ? 1 + (bent.data[i] ?? 0) : (bent.data[i] ?? 0)));
      const found = aloneUntil(bend, readers, cone, known, expected);
      if (found && erf) replace(found.value, "Gelu", { approximate: { text: "none" } }, 2 * found.times);
      else if (found && extensions) replace(found.value, "QuickGelu", { alpha: { float: 1 } }, found.times);
    }
  }
  return fused;
}
