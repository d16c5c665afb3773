import type { DType, Op, Value } from "../../ir/graph.js";
import {
  extent,
  type Form,
  identity,
  isSplat,
  live,
  type Splat,
  type Stored,
  sameList,
  scaled,
  storedSize,
  trimmed,
} from "./form.js";
import type { Writer } from "./writer.js";

export interface EmitOptions {
  /** Use ops of the `com.microsoft` domain, which every build of onnxruntime has and other runtimes do not. */
  readonly extensions: boolean;
}

/** Who reads each value, once for each time it does; `undefined`: it is a result of the function. */
export type Readers = ReadonlyMap<Value, readonly (Op | undefined)[]>;

/** A tensor whose dimensions are where the asker wants them. */
export interface Arranged {
  readonly name: string;
  readonly shape: readonly number[];
}

/** What the lowering of one function knows while it walks over the ops. */
export class Scope {
  private readonly forms = new Map<Value, Form>();
  private readonly reshaped = new Map<string, Arranged>();
  private readonly deferred = new Map<Value, () => Form>();

  constructor(
    readonly write: Writer,
    readonly options: EmitOptions,
    private readonly readers: Readers,
  ) {}

  set(value: Value, form: Form): void {
    this.forms.set(value, form);
  }

  /** The form is made when somebody asks for it, or by a reader that takes it over (`Scope.take`). */
  defer(value: Value, make: () => Form): void {
    this.deferred.set(value, make);
  }

  isDeferred(value: Value): boolean {
    return this.deferred.has(value);
  }

  /** Whether the value has a form or can have one: what only a node for several ops at once reads is passed over. */
  isMade(value: Value): boolean {
    return this.forms.has(value) || this.deferred.has(value);
  }

  form(value: Value): Form {
    const make = this.deferred.get(value);
    if (make) {
      this.deferred.delete(value);
      this.set(value, make());
    }
    const form = this.forms.get(value);
    if (!form) throw new Error(`value ${value.id} is read before it is made`);
    return form;
  }

  /** The op that reads the value, if only one does, once, and the value is no result of the function. */
  onlyUse(value: Value): Op | undefined {
    const all = this.readers.get(value) ?? [];
    return all.length === 1 ? all[0] : undefined;
  }

  /** Whether a matrix product reads the value, besides others. */
  feedsProduct(value: Value): boolean {
    return (this.readers.get(value) ?? []).some((op) => op?.kind === "dot");
  }

  /** As it lies, with a pending factor. */
  scaledStored(value: Value): Stored {
    const form = this.form(value);
    return isSplat(form) ? this.scalar(form, value.type.dtype) : form;
  }

  /** As it lies, factor applied. */
  stored(value: Value): Stored {
    return this.settle(this.scaledStored(value));
  }

  scalar(form: Splat, dtype: DType): Stored {
    const name =
      dtype === "float"
        ? this.write.floats([], [form.splat])
        : dtype === "index"
          ? this.write.ints([], [form.splat])
          : this.write.bools([], [form.splat]);
    return { name, shape: [], map: [], scale: 1 };
  }

  settle(form: Stored): Stored {
    if (form.scale === 1) return form;
    const name =
      form.scale === -1
        ? this.write.node("Neg", [form.name])
        : this.write.node("Mul", [form.name, this.write.floats([], [form.scale])]);
    return { ...form, name, scale: 1 };
  }

  /** A reshape of what a reshape made starts from where that started. */
  reshape(name: string, from: readonly number[], to: readonly number[]): string {
    if (sameList(from, to)) return name;
    const source = this.reshaped.get(name) ?? { name, shape: from };
    if (sameList(source.shape, to)) return source.name;
    const result = this.write.node("Reshape", [source.name, this.write.list(to)]);
    this.reshaped.set(result, source);
    return result;
  }

  /** What a reshape at the end started from. */
  beforeReshape(tensor: Arranged): Arranged {
    return this.reshaped.get(tensor.name) ?? tensor;
  }

  /**
   * The tensor with its dimensions in the order `target` (dimensions of the value; others must not vary). Repeated dimensions have size 1.
   * `exact`: also where a tensor without leading dimensions of size 1 would do.
   */
  arrange(form: Stored, target: readonly number[], exact: boolean): Arranged {
    const { map } = form;
    let { name, shape } = form;
    const want = target.filter((d) => extent(form, d) !== 1);
    if (!sameList(live(form), want)) {
      const units = identity(map.length).filter((i) => shape[i] === 1);
      const perm = [...units, ...want.map((d) => map.indexOf(d))];
      name = this.write.node("Transpose", [name], { perm: { ints: perm } });
      shape = perm.map((p) => form.shape[p] ?? 1);
    }
    const wanted = target.map((d) => extent(form, d));
    const fits = exact ? sameList(shape, wanted) : sameList(trimmed(shape), trimmed(wanted));
    return fits ? { name, shape } : { name: this.reshape(name, shape, wanted), shape: wanted };
  }

  /** One order of dimensions for operands of an elementwise node: that of the largest, so that little is moved. */
  align(forms: readonly Stored[]): { readonly names: string[]; readonly shape: number[]; readonly map: number[] } {
    const order = commonOrder(forms, []);
    const arranged = forms.map((f) => this.arrange(f, order, false));
    const rank = Math.max(0, ...arranged.map((a) => a.shape.length));
    // An operand that needed no node may keep leading dimensions of size 1 which the order does not have.
    const map =
      rank <= order.length
        ? order.slice(order.length - rank)
        : [...Array<number>(rank - order.length).fill(-1), ...order];
    const shape = map.map((_, i) => Math.max(...arranged.map((a) => a.shape[i - rank + a.shape.length] ?? 1)));
    const empty = map.map((_, i) => arranged.some((a) => a.shape[i - rank + a.shape.length] === 0));
    return { names: arranged.map((a) => a.name), shape: shape.map((n, i) => (empty[i] ? 0 : n)), map };
  }

  /** In order, factor applied, repeated dimensions of size 1, rank as the value has it. */
  thin(value: Value): Arranged {
    return this.arrange(this.stored(value), identity(value.type.shape.length), true);
  }

  /** As ONNX sees the type of the value: in order, nothing left out. */
  full(value: Value): string {
    const { name, shape } = this.thin(value);
    return this.repeat(name, shape, value.type.shape);
  }

  repeat(name: string, from: readonly number[], to: readonly number[]): string {
    return sameList(from, to) ? name : this.write.node("Expand", [name, this.write.list(to)]);
  }

  /** As `thin` in order, but with the dimensions `dims` written out. */
  solid(value: Value, dims: readonly number[]): Stored {
    const { name, shape } = this.thin(value);
    const wanted = shape.map((n, d) => (dims.includes(d) ? (value.type.shape[d] ?? 1) : n));
    return { name: this.repeat(name, shape, wanted), shape: wanted, map: identity(shape.length), scale: 1 };
  }

  /** A result that lies as its type says. */
  plain(value: Value, name: string, scale = 1): void {
    const { shape } = value.type;
    this.set(value, scaled({ name, shape, map: identity(shape.length), scale: 1 }, scale));
  }

  /** What a pad and a look-up of `none` give: 0, false, none. */
  nothing(dtype: DType): number {
    return dtype === "index" ? -1 : 0;
  }

  zeroOf(value: Value): string {
    const { dtype } = value.type;
    return this.scalar({ splat: this.nothing(dtype) }, dtype).name;
  }
}

/**
 * The order of the largest form, into which the dimensions that vary in others only, and those of `also`, are put. Its own unit dimensions
 * are kept where nothing has to be put in, so that it can be read as it is.
 */
export function commonOrder(forms: readonly Stored[], also: readonly number[]): number[] {
  let leader = forms[0];
  for (const f of forms) if (leader === undefined || storedSize(f) > storedSize(leader)) leader = f;
  const own = leader?.map ?? [];
  const missing = new Set<number>(also.filter((d) => !own.includes(d)));
  for (const f of forms) for (const d of live(f)) if (!own.includes(d)) missing.add(d);
  if (missing.size === 0) return [...own];
  const order = leader ? leader.map.filter((d, i) => leader.shape[i] !== 1 || also.includes(d)) : [];
  for (const d of [...missing].sort((a, b) => a - b)) {
    const at = order.findIndex((e) => e > d);
    order.splice(at < 0 ? order.length : at, 0, d);
  }
  return order;
}
