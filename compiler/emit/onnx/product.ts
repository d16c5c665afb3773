/** `dot` as matrix products, with as few transpositions of large tensors as the stored orders allow. */
import { type OpOf, sizeOf, type Value } from "../../ir/graph.js";
import { at, first, resultOf, second } from "../operands.js";
import {
  extent,
  type Form,
  isSplat,
  live,
  remap,
  type Stored,
  sameList,
  scaled,
  storedSize,
  unscaled,
} from "./form.js";
import type { Attribute } from "./model.js";
import type { Scope } from "./scope.js";

/**
 * An operand whose dimensions bear the labels of the product: the dimension of the result they become, or, from the rank of the result on,
 * the pair that is contracted.
 */
interface Factor {
  readonly form: Stored;
  /** Labels of its own, in stored order. */
  readonly free: readonly number[];
}

interface Product {
  readonly left: Factor;
  readonly right: Factor;
  readonly batch: readonly number[];
  readonly contract: readonly number[];
  readonly scale: number;
}

/** How an operand becomes a stack of matrices: the order of its labels, and whether that is the transposed matrix. */
interface Placement {
  readonly order: readonly number[];
  readonly transposed: boolean;
  readonly cost: number;
}

function labelled(ctx: Scope, op: OpOf<"dot">): [Stored, Stored] {
  const { batch, contract } = op.attrs;
  const [x, y] = [first(op), second(op)];
  const rank = resultOf(op).type.shape.length;
  let next = batch.length;
  const label = (value: Value, side: 0 | 1): Stored => {
    const labels = value.type.shape.map((_, d) => {
      const b = batch.findIndex((p) => p[side] === d);
      if (b >= 0) return b;
      const c = contract.findIndex((p) => p[side] === d);
      return c >= 0 ? rank + c : next++;
    });
    return remap(ctx.scaledStored(value), (d) => at(labels, d)) as Stored;
  };
  return [label(x, 0), label(y, 1)];
}

/** Contracted dimensions along which only one operand varies are summed before, those along which neither does are a factor. */
function summed(
  ctx: Scope,
  op: OpOf<"dot">,
  forms: readonly [Stored, Stored],
): { forms: [Stored, Stored]; scale: number } {
  const rank = resultOf(op).type.shape.length;
  let scale = 1;
  const single: number[][] = [[], []];
  op.attrs.contract.forEach(([l], c) => {
    const [a, b] = forms.map((f) => extent(f, rank + c) !== 1);
    if (a !== b) single[a ? 0 : 1]?.push(rank + c);
    else if (!a) scale *= at(first(op).type.shape, l);
  });
  const reduce = (form: Stored, labels: readonly number[]): Stored => {
    if (labels.length === 0) return form;
    const axes = labels.map((l) => form.map.indexOf(l)).sort((a, b) => a - b);
    const name = ctx.write.node("ReduceSum", [form.name, ctx.write.list(axes)], { keepdims: { int: 1 } });
    return { ...form, name, shape: form.shape.map((n, i) => (axes.includes(i) ? 1 : n)) };
  };
  return { forms: [reduce(forms[0], single[0] ?? []), reduce(forms[1], single[1] ?? [])], scale };
}

function analyse(ctx: Scope, op: OpOf<"dot">): Product {
  const rank = resultOf(op).type.shape.length;
  const { forms, scale } = summed(ctx, op, labelled(ctx, op));
  const [l, r] = forms;
  const [inLeft, inRight] = [live(l), live(r)];
  const both = inLeft.filter((d) => inRight.includes(d));
  return {
    left: { form: unscaled(l), free: inLeft.filter((d) => !inRight.includes(d)) },
    right: { form: unscaled(r), free: inRight.filter((d) => !inLeft.includes(d)) },
    batch: both.filter((d) => d < rank),
    contract: both.filter((d) => d >= rank),
    scale: scale * l.scale * r.scale,
  };
}

/** `freeFirst`: whether the free dimensions come first in the matrix as it is, as in a left operand. `rigid`: it must be that one. */
function place(
  factor: Factor,
  batch: readonly number[],
  contract: readonly number[],
  freeFirst: boolean,
  rigid: boolean,
): Placement {
  const { form, free } = factor;
  const order = live(form);
  const orders = { free: [...batch, ...free, ...contract], contract: [...batch, ...contract, ...free] };
  const plain = freeFirst ? orders.free : orders.contract;
  if (sameList(order, plain)) return { order: plain, transposed: false, cost: 0 };
  if (rigid) return { order: plain, transposed: false, cost: storedSize(form) };
  const other = freeFirst ? orders.contract : orders.free;
  if (sameList(order, other)) return { order: other, transposed: true, cost: 0 };
  // What has to be moved keeps its last dimension where possible: then rows are copied and not single numbers.
  const last = order[order.length - 1] ?? -1;
  const transposed = contract.includes(last) !== freeFirst;
  return { order: transposed ? other : plain, transposed, cost: storedSize(form) };
}

interface Plan {
  readonly left: Placement;
  readonly right: Placement;
  readonly batch: readonly number[];
  readonly contract: readonly number[];
}

/** The order of shared dimensions follows one of the operands, whichever moves less. */
function cheapest({ left, right, batch, contract }: Product, extensions: boolean): Plan {
  const rigid = batch.length > 0 && !extensions;
  const inRight = live(right.form);
  const byRight = (labels: readonly number[]): number[] => inRight.filter((d) => labels.includes(d));
  let best: Plan | undefined;
  for (const b of [batch, byRight(batch)])
    for (const c of [contract, byRight(contract)]) {
      const plan = {
        left: place(left, b, c, true, rigid),
        right: place(right, b, c, false, rigid),
        batch: b,
        contract: c,
      };
      if (!best || plan.left.cost + plan.right.cost < best.left.cost + best.right.cost) best = plan;
    }
  if (!best) throw new Error("a product has no order");
  return best;
}

const sizes = (form: Stored, labels: readonly number[]): number[] => labels.map((d) => extent(form, d));
const size = (form: Stored, labels: readonly number[]): number => sizeOf(sizes(form, labels));

/** The operand as batch dimensions and two matrix dimensions. `rows`: free dimensions may stay apart, as a left operand's may. */
function matrix(
  ctx: Scope,
  { form, free }: Factor,
  placement: Placement,
  plan: Plan,
  isLeft: boolean,
  rows = false,
): string {
  const arranged = ctx.arrange(form, placement.order, true);
  const freeFirst = placement.transposed !== isLeft;
  const f = rows ? sizes(form, free) : [size(form, free)];
  const c = size(form, plan.contract);
  return ctx.reshape(arranged.name, arranged.shape, [
    ...sizes(form, plan.batch),
    ...(freeFirst ? [...f, c] : [c, ...f]),
  ]);
}

/** Result as it comes out of a node: matrix dimensions of several dimensions are taken apart. */
function opened(ctx: Scope, { left, right }: Product, plan: Plan, name: string, rows: boolean): Stored {
  const leftDims = rows ? sizes(left.form, left.free) : [size(left.form, left.free)];
  const shape = [...sizes(left.form, plan.batch), ...leftDims, size(right.form, right.free)];
  if ((rows || left.free.length <= 1) && right.free.length <= 1) {
    const map = [...plan.batch, ...(left.free.length > 0 ? left.free : [-1]), right.free[0] ?? -1];
    return { name, shape, map, scale: 1 };
  }
  const map = [...plan.batch, ...left.free, ...right.free];
  const open = [...sizes(left.form, plan.batch), ...sizes(left.form, left.free), ...sizes(right.form, right.free)];
  return { name: ctx.reshape(name, shape, open), shape: open, map, scale: 1 };
}

/** A factor is applied by the node, or left to the reader where the node cannot. */
function multiply(ctx: Scope, product: Product, bias?: string): Stored {
  const { left, right, scale } = product;
  const plan = cheapest(product, ctx.options.extensions);
  const flat = plan.batch.length === 0;
  const [transA, transB] = [plan.left.transposed, plan.right.transposed];
  const special = transA || transB || scale !== 1 || bias !== undefined;
  const rows = flat && !special && left.free.length > 0;
  const a = matrix(ctx, left, plan.left, plan, true, rows);
  const b = matrix(ctx, right, plan.right, plan, false);
  const write = (name: string): Stored => opened(ctx, product, plan, name, rows);
  if (!special) return write(ctx.write.node("MatMul", [a, b]));
  const flags: Record<string, Attribute> = { transA: { int: Number(transA) }, transB: { int: Number(transB) } };
  if (flat)
    return write(
      ctx.write.node("Gemm", bias === undefined ? [a, b] : [a, b, bias], { ...flags, alpha: { float: scale } }),
    );
  if (ctx.options.extensions)
    return write(ctx.write.node("FusedMatMul", [a, b], { ...flags, alpha: { float: scale } }, "com.microsoft"));
  return scaled(write(ctx.write.node("MatMul", [a, b])), scale) as Stored;
}

/** A product without sums, or of a number of single numbers, is no matrix product. */
function byElement(ctx: Scope, { left, right, contract, scale }: Product): Stored {
  const used = [...left.free, ...right.free, ...live(left.form)];
  const tidy = (form: Stored): Stored => remap(form, (d) => (used.includes(d) ? d : -1)) as Stored;
  const { names, shape, map } = ctx.align([tidy(left.form), tidy(right.form)]);
  const name = ctx.write.node("Mul", names);
  if (contract.length === 0) return { name, shape, map, scale };
  const axes = contract.map((d) => map.indexOf(d)).sort((a, b) => a - b);
  const sum = ctx.write.node("ReduceSum", [name, ctx.write.list(axes)], { keepdims: { int: 1 } });
  const gone = (d: number): boolean => contract.includes(d);
  return {
    name: sum,
    shape: shape.map((n, i) => (gone(at(map, i)) ? 1 : n)),
    map: map.map((d) => (gone(d) ? -1 : d)),
    scale,
  };
}

function lower(ctx: Scope, product: Product, bias?: string): Stored {
  const { left, right, batch, contract } = product;
  const single = left.free.length === 0 && right.free.length === 0 && batch.length > 0;
  return contract.length === 0 || single ? byElement(ctx, product) : multiply(ctx, product, bias);
}

/** The number the only reader of a value multiplies it by. */
function laterFactor(ctx: Scope, value: Value): number {
  const use = ctx.onlyUse(value);
  if (use?.kind !== "mul" && use?.kind !== "div") return 1;
  const other = use.operands.find((v) => v !== value);
  const op = other?.op;
  if (op?.kind !== "constant" || typeof op.attrs.data !== "number") return 1;
  if (use.kind === "div" && use.operands[1] !== other) return 1;
  const n = use.kind === "mul" ? op.attrs.data : 1 / op.attrs.data;
  return Number.isFinite(n) && n !== 0 ? n : 1;
}

/** Whether the only reader, which transposes, has the result more nearly in its order when the operands change places. */
function readSwapped(ctx: Scope, value: Value, { left, right, batch }: Product): boolean {
  const use = ctx.onlyUse(value);
  if (use?.kind !== "transpose" || left.free.length === 0 || right.free.length === 0) return false;
  const [natural, swapped] = [
    [...batch, ...left.free, ...right.free],
    [...batch, ...right.free, ...left.free],
  ];
  const wanted = use.attrs.perm.filter((d) => natural.includes(d));
  if (sameList(wanted, natural)) return false;
  return sameList(wanted, swapped) || wanted.at(-1) === swapped.at(-1);
}

export function dot(ctx: Scope, op: OpOf<"dot">): void {
  const result = resultOf(op);
  if (isSplat(ctx.form(first(op))) || isSplat(ctx.form(second(op)))) {
    ctx.set(result, lower(ctx, analyse(ctx, op)));
    return;
  }
  if (ctx.onlyUse(result)?.kind === "add") {
    ctx.defer(result, () => lower(ctx, analyse(ctx, op)));
    return;
  }
  const product = analyse(ctx, op);
  const factor = laterFactor(ctx, result);
  const { left, right } = product;
  const turned = readSwapped(ctx, result, product) ? { ...product, left: right, right: left } : product;
  ctx.set(result, scaled(lower(ctx, { ...turned, scale: product.scale * factor }), 1 / factor));
}

/** `x + y` as one node, where `x` is a matrix product that nobody has asked for yet and `y` a vector along the columns. */
export function biased(ctx: Scope, x: Value, y: Value): Form | undefined {
  const op = x.op;
  if (op?.kind !== "dot" || !ctx.isDeferred(x)) return undefined;
  const form = ctx.form(y);
  const product = analyse(ctx, op);
  const { right, batch, contract } = product;
  const fits = batch.length === 0 && contract.length > 0 && right.free.length > 0;
  if (!fits || isSplat(form) || !sameList(live(form), right.free)) return undefined;
  const { name, shape } = ctx.arrange(ctx.settle(form), right.free, true);
  return multiply(ctx, product, ctx.reshape(name, shape, [sizeOf(shape)]));
}
