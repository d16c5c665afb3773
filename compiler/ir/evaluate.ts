/** The reference interpreter: what every engine is compared with. Float64, one op after the other. */
import { IrError } from "./error.js";
import type { Fn, Module, Op, OpOf, Value } from "./graph.js";
import type { HostTensor } from "./host.js";
import { isPrimitive, type PrimitiveKind, rowOf } from "./table/table.js";
import { sameShape, typeText } from "./types.js";

/** Results of the main function for these parameters. */
export function evaluate(module: Module, inputs: readonly HostTensor[]): HostTensor[] {
  return evaluator(module)(inputs);
}

/** `evaluate` for many runs: constants are laid out once. The module must not change between runs. */
export function evaluator(module: Module): (inputs: readonly HostTensor[]) => HostTensor[] {
  const programs = new Map<Fn, Program>();
  return (inputs) => {
    for (const [i, p] of module.main.params.entries()) checkInput(p, inputs[i]);
    return run(module, module.main, inputs, programs);
  };
}

/** One op and the slots it reads, writes, and may forget afterwards. */
interface Step {
  readonly op: Op;
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  readonly dead: readonly number[];
}

interface Program {
  readonly slots: number;
  readonly constants: readonly (readonly [slot: number, value: HostTensor])[];
  readonly steps: readonly Step[];
  readonly results: readonly number[];
}

function checkInput(param: Value, given: HostTensor | undefined): void {
  const ok = given !== undefined && given.dtype === param.type.dtype && sameShape(given.shape, param.type.shape);
  if (ok) return;
  const got = given ? `${given.dtype}[${given.shape}]` : "nothing";
  throw new IrError(`${param.name ?? `parameter ${param.id}`} is ${typeText(param.type)}, not ${got}`);
}

/** Slots are positions of values: parameters first, then results in order. */
function plan(fn: Fn): Program {
  const slot = new Map<Value, number>();
  for (const p of fn.params) slot.set(p, slot.size);
  const constants: [number, HostTensor][] = [];
  const slotOf = (v: Value): number => {
    const s = slot.get(v);
    if (s === undefined) throw new IrError(`${fn.name} reads value ${v.id} before it is made`);
    return s;
  };
  const lastUse = new Map<number, number>();
  const kept = new Set<number>();
  const drafts: { op: Op; reads: number[]; writes: number[] }[] = [];
  for (const op of fn.ops) {
    if (op.kind === "constant") {
      const v = op.results[0];
      if (!v) continue;
      slot.set(v, slot.size);
      constants.push([slotOf(v), rowOf("constant").eval([], op.attrs, v.type)]);
      kept.add(slotOf(v));
      continue;
    }
    const reads = op.operands.map(slotOf);
    for (const r of op.results) slot.set(r, slot.size);
    const writes = op.results.map(slotOf);
    for (const s of [...reads, ...writes]) lastUse.set(s, drafts.length);
    drafts.push({ op, reads, writes });
  }
  const results = fn.results.map(slotOf);
  for (const s of results) kept.add(s);
  const dead: number[][] = drafts.map(() => []);
  for (const [s, step] of lastUse) if (!kept.has(s)) dead[step]?.push(s);
  return { slots: slot.size, constants, steps: drafts.map((d, i) => ({ ...d, dead: dead[i] ?? [] })), results };
}

function run(module: Module, fn: Fn, inputs: readonly HostTensor[], programs: Map<Fn, Program>): HostTensor[] {
  let program = programs.get(fn);
  if (!program) {
    program = plan(fn);
    programs.set(fn, program);
  }
  const memory = new Array<HostTensor | undefined>(program.slots);
  inputs.forEach((t, i) => {
    memory[i] = t;
  });
  for (const [s, t] of program.constants) memory[s] = t;
  const read = (s: number): HostTensor => {
    const t = memory[s];
    if (!t) throw new IrError(`${fn.name} reads a value that is gone`);
    return t;
  };
  for (const { op, reads, writes, dead } of program.steps) {
    const operands = reads.map(read);
    if (isPrimitive(op)) {
      const s = writes[0];
      if (s !== undefined) memory[s] = evaluateOp(op, operands);
    } else {
      const callee = module.fns.get(op.attrs.fn);
      if (!callee) throw new IrError(`no function ${op.attrs.fn}`);
      const out = run(module, callee, operands, programs);
      writes.forEach((s, i) => {
        memory[s] = out[i];
      });
    }
    for (const s of dead) memory[s] = undefined;
  }
  return program.results.map(read);
}

function evaluateOp<K extends PrimitiveKind>(op: OpOf<K>, inputs: readonly HostTensor[]): HostTensor {
  const type = op.results[0]?.type;
  if (!type) throw new IrError(`${op.kind} has no result`);
  return rowOf(op.kind).eval(inputs, op.attrs, type);
}
