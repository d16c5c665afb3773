/** What is handed to an engine is checked here, so that a wrong tensor is named and not read as something else. */
import type { DType, Fn, Value } from "../../compiler/ir/graph.js";
import { sizeOf } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import type { Inputs, LoadOptions } from "./engine.js";

/** Something was handed to an engine that its program does not take: a bug of the caller. */
export class EngineError extends Error {
  override readonly name = "EngineError";
}

function nameOf(fn: Fn, param: number): string {
  const name = fn.params[param]?.name;
  return name === undefined ? `parameter ${param}` : `parameter ${param} (${name})`;
}

export function paramOf(fn: Fn, param: number): Value {
  const value = fn.params[param];
  if (!value) throw new EngineError(`${fn.name} has ${fn.params.length} parameters, no parameter ${param}`);
  return value;
}

function text(dtype: DType, shape: readonly number[]): string {
  return `${dtype}[${shape.join(", ")}]`;
}

function holds(dtype: DType, data: HostTensor["data"]): boolean {
  if (dtype === "float") return data instanceof Float32Array || data instanceof Float64Array;
  return dtype === "index" ? data instanceof Int32Array : data instanceof Uint8Array;
}

export function checkInput(fn: Fn, param: number, given: HostTensor): void {
  const { dtype, shape } = paramOf(fn, param).type;
  const same = given.shape.length === shape.length && given.shape.every((n, i) => n === shape[i]);
  if (given.dtype !== dtype || !same)
    throw new EngineError(
      `${nameOf(fn, param)} of ${fn.name} is ${text(dtype, shape)}, not ${text(given.dtype, given.shape)}`,
    );
  if (!holds(dtype, given.data))
    throw new EngineError(`${nameOf(fn, param)} of ${fn.name}: ${dtype} data in a ${given.data.constructor.name}`);
  if (given.data.length !== sizeOf(shape))
    throw new EngineError(
      `${nameOf(fn, param)} of ${fn.name}: ${given.data.length} elements for ${text(dtype, shape)}`,
    );
}

/** Parameter by result, for the results that are carried. */
export type Carried = ReadonlyMap<number, number>;

function checkCarry(fn: Fn, options: LoadOptions): Carried {
  const carried = new Map<number, number>();
  const params = new Set<number>();
  for (const [result, param] of options.carry ?? []) {
    const from = fn.results[result]?.type;
    const to = paramOf(fn, param).type;
    if (!from) throw new EngineError(`${fn.name} has ${fn.results.length} results, no result ${result}`);
    const same =
      from.dtype === to.dtype && from.shape.length === to.shape.length && from.shape.every((n, i) => n === to.shape[i]);
    if (!same)
      throw new EngineError(
        `result ${result} of ${fn.name} is ${text(from.dtype, from.shape)} and cannot be ${nameOf(fn, param)}, which is ${text(to.dtype, to.shape)}`,
      );
    if (carried.has(result) || params.has(param))
      throw new EngineError(`${fn.name}: result ${result} or ${nameOf(fn, param)} is carried twice`);
    carried.set(result, param);
    params.add(param);
  }
  return carried;
}

/** The tensors that stay with an engine between runs. */
export interface Resident {
  readonly carried: Carried;
  /** Parameters that are the same in every run. */
  readonly kept: ReadonlySet<number>;
  /** All parameters that are written and not given. */
  readonly params: ReadonlySet<number>;
}

export function checkResident(fn: Fn, options: LoadOptions): Resident {
  const carried = checkCarry(fn, options);
  const params = new Set(carried.values());
  for (const param of options.keep ?? []) {
    paramOf(fn, param);
    if (params.has(param)) throw new EngineError(`${nameOf(fn, param)} of ${fn.name} is both carried and kept`);
  }
  const kept = new Set(options.keep);
  return { carried, kept, params: new Set([...params, ...kept]) };
}

/** Every parameter that does not stay, and no other, is given. */
export function checkInputs(fn: Fn, { params }: Resident, inputs: Inputs): void {
  for (const [param, tensor] of inputs) {
    if (params.has(param))
      throw new EngineError(
        `${nameOf(fn, param)} of ${fn.name} stays with the engine: it is written, not given to a run`,
      );
    checkInput(fn, param, tensor);
  }
  for (let i = 0; i < fn.params.length; i++)
    if (!params.has(i) && !inputs.has(i)) throw new EngineError(`${nameOf(fn, i)} of ${fn.name} is not given`);
}

export function checkWrite(fn: Fn, resident: Resident, param: number, value: HostTensor): void {
  checkStays(fn, resident, param);
  checkInput(fn, param, value);
}

export function checkStays(fn: Fn, { params }: Resident, param: number): void {
  if (!params.has(param))
    throw new EngineError(`${nameOf(fn, param)} of ${fn.name} does not stay with the engine: it is given to each run`);
}

export function notWritten(fn: Fn, param: number): EngineError {
  return new EngineError(`${nameOf(fn, param)} of ${fn.name} stays with the engine and was never written`);
}
