/** Builds functions op by op. What is constant is computed at once, and ops that do nothing are not made. */
import type { Span } from "../../grammar/source.js";
import type { OpAttrs, OpKind } from "./attrs.js";
import { constantAttrs } from "./constant.js";
import { IrError } from "./error.js";
import { type Facts, factsOf } from "./facts.js";
import { type Fn, type Module, type Op, type OpOf, type TensorType, tensor, type Value } from "./graph.js";
import { simplified } from "./identities.js";
import { infer, type PrimitiveKind } from "./table/table.js";
import { check, sameType, typeText } from "./types.js";

export class FnBuilder {
  readonly fn: Fn;
  /** Given to the ops that are made from now on. */
  origin: Span | undefined;
  private readonly splats = new Map<string, Value>();

  /** `fns`: the other functions of the module. The new one is added to them by `finish`. */
  constructor(
    name: string,
    readonly fns: Map<string, Fn>,
  ) {
    this.fn = { name, params: [], ops: [], results: [], nextId: 0 };
  }

  param(type: TensorType, name?: string): Value {
    const v: Value = { id: this.fn.nextId++, type, op: undefined, name };
    this.fn.params.push(v);
    return v;
  }

  /** The result of an op, or an equal value that is already there. Throws `IrError` if the operands do not fit. */
  emit<K extends PrimitiveKind>(kind: K, operands: readonly Value[], attrs: OpAttrs[K], origin?: Span): Value {
    const type = infer(kind, operands, attrs);
    return simplified(this, kind, operands, attrs, type) ?? this.append(kind, operands, attrs, type, origin);
  }

  /** The result of a new op, whatever it does. The type must be the one that the table gives. */
  append<K extends PrimitiveKind>(
    kind: K,
    operands: readonly Value[],
    attrs: OpAttrs[K],
    type: TensorType,
    origin: Span | undefined = this.origin,
  ): Value {
    const op: OpOf<K> = { kind, operands: [...operands], attrs, results: [], origin };
    return this.push(op, type);
  }

  /** Has all results the function has now (or the first `count`); `resultOf` gives those it gets later. */
  call(
    fn: Fn,
    operands: readonly Value[],
    origin: Span | undefined = this.origin,
    count = fn.results.length,
  ): OpOf<"call"> {
    check(
      operands.length === fn.params.length,
      () => `${fn.name} takes ${fn.params.length} operands, not ${operands.length}`,
    );
    fn.params.forEach((p, i) => {
      const v = operands[i];
      const ok = v !== undefined && sameType(p.type, v.type);
      check(ok, () => `${fn.name} takes ${typeText(p.type)} as operand ${i}, not ${v ? typeText(v.type) : "nothing"}`);
    });
    const op: OpOf<"call"> = { kind: "call", operands: [...operands], attrs: { fn: fn.name }, results: [], origin };
    this.fn.ops.push(op);
    if (count > 0) this.resultOf(op, count - 1);
    return op;
  }

  /** Result `index` of a call in this function, also one that the called function got after the call was made. */
  resultOf(call: OpOf<"call">, index: number): Value {
    return callResult(this.fn, call, index, this.fns);
  }

  scalar(n: number): Value {
    return this.splat(tensor([]), n);
  }

  /** The constant whose elements all are `n`. Equal ones are one value. */
  splat(type: TensorType, n: number): Value {
    const key = `${type.dtype}[${type.shape}|${type.axes}]${Object.is(n, -0) ? "-0" : n}`;
    let v = this.splats.get(key);
    if (!v) {
      v = this.append("constant", [], { dtype: type.dtype, shape: type.shape, axes: type.axes, data: n }, type);
      this.splats.set(key, v);
    }
    return v;
  }

  /** `data`: one number for all elements, or every element in row-major order. */
  constant(type: TensorType, data: number | ArrayLike<number>): Value {
    if (typeof data === "number") return this.splat(type, data);
    const attrs = constantAttrs(type, data);
    if (typeof attrs.data === "number") return this.splat(type, attrs.data);
    infer("constant", [], attrs);
    return this.append("constant", [], attrs, type);
  }

  /**
   * Another value equal to `v`. Derivatives by the alias count only what is computed from it, not what else is computed from `v`.
   * `simplify` takes it away.
   */
  alias(v: Value): Value {
    return this.append("reshape", [v], { shape: v.type.shape, axes: v.type.axes }, v.type);
  }

  facts(v: Value): Facts {
    return factsOf(v, this.fns);
  }

  /** Closes the function and adds it to the others. */
  finish(results: readonly Value[]): Fn {
    this.fn.results.push(...results);
    if (this.fns.has(this.fn.name)) throw new IrError(`two functions ${this.fn.name}`);
    this.fns.set(this.fn.name, this.fn);
    return this.fn;
  }

  /** Closes the function as the main one of a module; it is not among the functions that can be called. */
  finishMain(results: readonly Value[]): Module {
    this.fn.results.push(...results);
    return { fns: this.fns, main: this.fn };
  }

  private push<K extends OpKind>(op: OpOf<K>, type: TensorType): Value {
    const v: Value = { id: this.fn.nextId++, type, op: op as unknown as Op, name: undefined };
    op.results.push(v);
    this.fn.ops.push(op as unknown as Op);
    return v;
  }
}

/** Result `index` of a call that stands in `fn`; the results up to it are made where they are missing. */
export function callResult(fn: Fn, call: OpOf<"call">, index: number, fns: ReadonlyMap<string, Fn>): Value {
  const callee = fns.get(call.attrs.fn);
  if (!callee) throw new IrError(`no function ${call.attrs.fn}`);
  for (let i = call.results.length; i <= index; i++) {
    const inner = callee.results[i];
    if (!inner) throw new IrError(`${callee.name} has ${callee.results.length} results, not ${index + 1}`);
    call.results.push({ id: fn.nextId++, type: inner.type, op: call, name: inner.name });
  }
  const v = call.results[index];
  if (!v) throw new IrError(`no result ${index}`);
  return v;
}

/** Index of a value among the results of its function, to which it is added where it is not yet one. */
export function exportValue(fn: Fn, value: Value): number {
  const i = fn.results.indexOf(value);
  return i >= 0 ? i : fn.results.push(value) - 1;
}

/** A name that no function has yet: `base`, `base.2`, … */
export function freshName(fns: ReadonlyMap<string, Fn>, base: string): string {
  if (!fns.has(base)) return base;
  let i = 2;
  while (fns.has(`${base}.${i}`)) i++;
  return `${base}.${i}`;
}
