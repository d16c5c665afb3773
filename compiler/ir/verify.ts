/** Whether a graph is one: what every pass may take for granted and must leave so. */
import { IrError } from "./error.js";
import type { Fn, Module, Op, OpOf, TensorType, Value } from "./graph.js";
import { printOp } from "./print.js";
import { isPrimitive, isPrimitiveKind, type PrimitiveKind, rowOf } from "./table/table.js";
import { sameAxes, sameType, typeText } from "./types.js";

export interface Problem {
  readonly fn: string;
  /** Position of the op in its function. */
  readonly op?: number;
  readonly message: string;
}

/** All problems of a module, in order; none if it is valid. */
export function verify(module: Module): Problem[] {
  const problems: Problem[] = [];
  const before = new Map<string, Fn>();
  for (const [name, fn] of module.fns) {
    if (name !== fn.name) problems.push({ fn: name, message: `is registered as ${name} and called ${fn.name}` });
    verifyFn(fn, before, problems);
    before.set(name, fn);
  }
  verifyFn(module.main, before, problems);
  return problems;
}

/** `before`: the functions it may call. */
function verifyFn(fn: Fn, before: ReadonlyMap<string, Fn>, problems: Problem[]): void {
  const made = new Set<Value>();
  const ids = new Set<number>();
  let where: number | undefined;
  const say = (message: string): void => {
    problems.push({ fn: fn.name, ...(where === undefined ? {} : { op: where }), message });
  };
  const make = (v: Value, op: Op | undefined): void => {
    if (ids.has(v.id)) say(`%${v.id} is made twice`);
    if (v.id >= fn.nextId) say(`%${v.id} is beyond the next id ${fn.nextId}`);
    if (v.op !== op) say(`%${v.id} says that another op makes it`);
    if (v.type.axes.length !== v.type.shape.length)
      say(`%${v.id} has ${v.type.axes.length} names for ${v.type.shape.length} dimensions`);
    if (!v.type.shape.every((n) => Number.isInteger(n) && n >= 0)) say(`%${v.id} has the shape [${v.type.shape}]`);
    ids.add(v.id);
    made.add(v);
  };
  for (const p of fn.params) make(p, undefined);
  for (const [i, op] of fn.ops.entries()) {
    where = i;
    for (const x of op.operands) if (!made.has(x)) say(`%${x.id} is not made before ${printOp(op)}`);
    if (isPrimitive(op)) verifyPrimitive(op, say);
    else if (op.kind === "call") verifyCall(op, before.get(op.attrs.fn), say);
    for (const r of op.results) make(r, op);
  }
  where = undefined;
  for (const r of fn.results) if (!made.has(r)) say(`%${r.id} is returned and not made`);
}

function verifyPrimitive<K extends PrimitiveKind>(op: OpOf<K>, say: (message: string) => void): void {
  if (!isPrimitiveKind(op.kind)) {
    say(`no op ${String(op.kind)}`);
    return;
  }
  const r = op.results[0];
  if (!r || op.results.length !== 1) {
    say(`${op.kind} has one result, not ${op.results.length}`);
    return;
  }
  const type = inferred(op);
  if (typeof type === "string") say(type);
  else if (!sameType(type, r.type))
    say(`${op.kind} %${r.id} is ${typeText(r.type)}, its operands give ${typeText(type)}`);
  else if (
    (op.kind === "broadcast" || op.kind === "reshape" || op.kind === "constant") &&
    !sameAxes(type.axes, r.type.axes)
  )
    say(`${op.kind} %${r.id} is named ${r.type.axes}, its attributes say ${type.axes}`);
}

/** The type that the table gives, or why there is none. */
function inferred<K extends PrimitiveKind>(op: OpOf<K>): TensorType | string {
  try {
    return rowOf(op.kind).infer(
      op.operands.map((v) => v.type),
      op.attrs,
    );
  } catch (e) {
    // A row may also stumble over attributes that are not there at all.
    return e instanceof IrError ? e.message : `${op.kind} has wrong attributes`;
  }
}

function verifyCall(op: OpOf<"call">, callee: Fn | undefined, say: (message: string) => void): void {
  if (!callee) {
    say(`no function ${op.attrs.fn} before this one`);
    return;
  }
  if (op.operands.length !== callee.params.length)
    say(`${callee.name} takes ${callee.params.length} operands, not ${op.operands.length}`);
  for (const [i, p] of callee.params.entries()) {
    const x = op.operands[i];
    if (x && !sameType(x.type, p.type))
      say(`${callee.name} takes ${typeText(p.type)} as operand ${i}, not ${typeText(x.type)}`);
  }
  if (op.results.length > callee.results.length)
    say(`${callee.name} has ${callee.results.length} results, not ${op.results.length}`);
  for (const [i, r] of op.results.entries()) {
    const inner = callee.results[i];
    if (inner && !sameType(inner.type, r.type))
      say(`result ${i} of ${callee.name} is ${typeText(inner.type)}, not ${typeText(r.type)}`);
  }
}
