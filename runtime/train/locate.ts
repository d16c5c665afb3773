/** Finds the op that first made a value infinite or not-a-number, by running the graph op by op in 64 bits. */
import type { Fn, Module, Value } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import { isPrimitive, type Primitive, rowOf } from "../../compiler/ir/table/table.js";
import { isFiniteTensor } from "./state.js";

/** Where a value that is not finite comes from. */
export interface Culprit {
  /** The op, or `input` if the program was given it. */
  readonly kind: string;
  /** `file:line:column` in the spec, where it is known. */
  readonly place: string | undefined;
  /** The weight it works on; what the weights around it have in common, as `net.block.3`; or the name of the input. */
  readonly path: string | undefined;
  /** The last weight that its operands passed on their way. */
  readonly after: string | undefined;
  /** Smallest and largest number that each operand held. */
  readonly operands: readonly (readonly [low: number, high: number])[];
  /** What came out: `NaN`, `Infinity` or `-Infinity`. */
  readonly value: number;
}

/** A value on its way through the graph. */
interface Item {
  readonly tensor: HostTensor;
  readonly culprit?: Culprit | undefined;
  /** The path of a weight, as long as it is only moved around. */
  readonly label?: string | undefined;
  /** The weight that entered last into what it was computed from. */
  readonly after?: string | undefined;
}

/**
 * The origin of what is not finite in the first such result among `suspects` (positions of results). `names`: one for
 * each parameter, and whether it is a weight. Undefined if in 64 bits all of them are finite.
 */
export function locateNonFinite(
  module: Module,
  inputs: readonly HostTensor[],
  names: readonly { readonly name: string; readonly weight: boolean }[],
  suspects: readonly number[],
): Culprit | undefined {
  const items = inputs.map((tensor, i): Item => {
    const { name, weight } = names[i] ?? {};
    const culprit = isFiniteTensor(tensor)
      ? undefined
      : { kind: "input", place: undefined, path: name, after: undefined, operands: [], value: oddOne(tensor) };
    return { tensor, culprit, label: weight ? name : undefined };
  });
  const results = run(module, module.main, items);
  for (const i of suspects) if (results[i]?.culprit) return results[i].culprit;
  return undefined;
}

function run(module: Module, fn: Fn, args: readonly Item[]): Item[] {
  const items = new Map<Value, Item>();
  const read = (value: Value): Item => {
    const item = items.get(value);
    if (!item) throw new Error(`${fn.name} reads value ${value.id} before it is made`);
    return item;
  };
  fn.params.forEach((param, i) => {
    const arg = args[i];
    if (arg) items.set(param, arg);
  });
  const around =
    fn === module.main ? undefined : commonPath(args.flatMap((a) => (a.label === undefined ? [] : [a.label])));
  const last = lastUses(fn);
  fn.ops.forEach((op, at) => {
    const operands = op.operands.map(read);
    if (isPrimitive(op)) {
      const result = op.results[0];
      if (result) items.set(result, step(op, operands, around));
    } else {
      const callee = module.fns.get(op.attrs.fn);
      if (!callee) throw new Error(`no function ${op.attrs.fn}`);
      const results = run(module, callee, operands);
      op.results.forEach((value, i) => {
        const item = results[i];
        if (item) items.set(value, item);
      });
    }
    for (const value of op.operands) if (last.get(value) === at) items.delete(value);
  });
  return fn.results.map(read);
}

function lastUses(fn: Fn): Map<Value, number> {
  const last = new Map<Value, number>();
  fn.ops.forEach((op, at) => {
    for (const value of op.operands) last.set(value, at);
  });
  for (const value of fn.results) last.delete(value);
  return last;
}

/** Ops that only move elements: their result is still the weight that went in. */
const moves: ReadonlySet<string> = new Set(["reshape", "transpose", "broadcast", "slice", "stop_gradient", "after"]);

function step(op: Primitive, operands: readonly Item[], around: string | undefined): Item {
  const type = op.results[0]?.type;
  if (!type) throw new Error(`${op.kind} has no result`);
  const tensor = evaluateOp(op, operands, type);
  const label = moves.has(op.kind) ? operands[0]?.label : undefined;
  const after =
    operands.find((o) => o.label !== undefined)?.label ?? operands.find((o) => o.after !== undefined)?.after;
  // An infinite constant, such as a mask, is meant: only what is computed from it can be at fault.
  if (op.kind === "constant" || isFiniteTensor(tensor)) return { tensor, label, after };
  const handed = op.kind === "select" ? chosen(operands) : operands.find((o) => o.culprit);
  return { tensor, label, after, culprit: handed?.culprit ?? culpritOf(op, operands, around, tensor) };
}

function evaluateOp(op: Primitive, operands: readonly Item[], type: Value["type"]): HostTensor {
  // The union of all ops meets the union of all rows; each op fits the row of its own kind.
  const row = rowOf(op.kind) as {
    eval(inputs: readonly HostTensor[], attrs: unknown, result: Value["type"]): HostTensor;
  };
  return row.eval(
    operands.map((o) => o.tensor),
    op.attrs,
    type,
  );
}

/** The branch of a `select` that handed on something not finite; what the other branch holds does not matter. */
function chosen(operands: readonly Item[]): Item | undefined {
  const [condition, yes, no] = operands;
  if (!condition || !yes || !no) return undefined;
  const at = condition.tensor.data.findIndex((c, i) => !Number.isFinite((c ? yes : no).tensor.data[i]));
  return at < 0 ? undefined : condition.tensor.data[at] ? yes : no;
}

function culpritOf(op: Primitive, operands: readonly Item[], around: string | undefined, tensor: HostTensor): Culprit {
  const span = op.origin;
  const place = span?.source.position(span.pos);
  return {
    kind: op.kind,
    place: span && place ? `${span.source.path}:${place.line}:${place.column}` : undefined,
    path: operands.find((o) => o.label !== undefined)?.label ?? around,
    after: operands.find((o) => o.after !== undefined)?.after,
    operands: operands.map((o) => rangeOf(o.tensor)),
    value: oddOne(tensor),
  };
}

function rangeOf(tensor: HostTensor): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const x of tensor.data) {
    low = Math.min(low, x);
    high = Math.max(high, x);
  }
  return [low, high];
}

function oddOne(tensor: HostTensor): number {
  return tensor.data.find((x) => !Number.isFinite(x)) ?? Number.NaN;
}

/** The leading segments that all paths share. */
function commonPath(paths: readonly string[]): string | undefined {
  let common = paths[0]?.split(".");
  for (const path of paths) {
    const segments = path.split(".");
    const end = common?.findIndex((segment, i) => segment !== segments[i]) ?? -1;
    if (end >= 0) common = common?.slice(0, end);
  }
  return common && common.length > 0 ? common.join(".") : undefined;
}

/** Floating point operations of one run of a module, each function counted as often as it is called. */
export function flopsOf(module: Module): number {
  const known = new Map<string, number>();
  const count = (fn: Fn): number =>
    fn.ops.reduce((sum, op) => {
      if (isPrimitive(op)) return sum + opFlops(op);
      const callee = module.fns.get(op.attrs.fn);
      if (!callee) return sum;
      const flops = known.get(callee.name) ?? count(callee);
      known.set(callee.name, flops);
      return sum + flops;
    }, 0);
  return count(module.main);
}

function opFlops(op: Primitive): number {
  const type = op.results[0]?.type;
  const row = rowOf(op.kind) as {
    flops(types: readonly Value["type"][], attrs: unknown, result: Value["type"]): number;
  };
  return type
    ? row.flops(
        op.operands.map((v) => v.type),
        op.attrs,
        type,
      )
    : 0;
}
