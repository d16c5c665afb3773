import type { Tensor } from "@tensorflow/tfjs-core";
import type { Fn, Module } from "../../../compiler/ir/graph.js";
import type { HostTensor } from "../../../compiler/ir/host.js";
import { RuntimeFault } from "../../fault.js";
import { checkInputs, checkResident, checkStays, checkWrite, notWritten, paramOf, type Resident } from "../check.js";
import type { Inputs, LoadOptions, Results, Session } from "../engine.js";
import { HostSession } from "../host-session.js";
import { stepwise } from "../stepwise.js";
import { activate } from "./backend.js";
import { toHost, toTensor } from "./memory.js";
import { Programs } from "./program.js";
import { spread } from "./spread.js";
import type { Target } from "./target.js";

/** The main function with its calls, op by op. What stays is tensors of the backend. */
export class TfjsSession implements Session {
  private readonly state = new Map<number, Tensor>();
  private readonly fn: Fn;

  private constructor(
    private readonly target: Target,
    private readonly programs: Programs,
    private readonly resident: Resident,
  ) {
    this.fn = programs.module.main;
  }

  static async load(target: Target, module: Module, options: LoadOptions): Promise<TfjsSession> {
    const resident = checkResident(module.main, options);
    await activate(target);
    return new TfjsSession(target, new Programs(target, module), resident);
  }

  write(param: number, value: HostTensor): void {
    checkWrite(this.fn, this.resident, param, value);
    this.keep(param, toTensor(this.target, value));
  }

  async read(param: number): Promise<HostTensor> {
    checkStays(this.fn, this.resident, param);
    return toHost(this.stateOf(param), paramOf(this.fn, param));
  }

  async run(inputs: Inputs): Promise<Results> {
    checkInputs(this.fn, this.resident, inputs);
    await activate(this.target);
    const made = this.step(inputs);
    const results: Results = new Map();
    try {
      for (const [i, tensor] of made) {
        const value = this.fn.results[i];
        if (value) results.set(i, await toHost(tensor, value));
      }
    } finally {
      for (const tensor of made.values()) tensor.dispose();
    }
    checkDevice(this.target);
    return results;
  }

  async runs(inputs: readonly Inputs[]): Promise<Results[]> {
    const all: Results[] = [];
    for (const one of inputs) all.push(await this.run(one));
    return all;
  }

  async dispose(): Promise<void> {
    for (const tensor of this.state.values()) tensor.dispose();
    this.state.clear();
    this.programs.dispose();
  }

  /** Without a pause, so that no other session changes the backend meanwhile. Gives the results that do not stay. */
  private step(inputs: Inputs): Map<number, Tensor> {
    const given = new Set<number>();
    const params = this.fn.params.map((_, i) => {
      const input = inputs.get(i);
      if (!input) return this.stateOf(i);
      given.add(i);
      return toTensor(this.target, input);
    });
    const made = runProgram(this.programs, this.fn, params, given);
    const results = new Map<number, Tensor>();
    for (const [i, tensor] of made.entries()) {
      const param = this.resident.carried.get(i);
      if (param === undefined) results.set(i, tensor);
      else this.keep(param, tensor);
    }
    return results;
  }

  private keep(param: number, tensor: Tensor): void {
    this.state.get(param)?.dispose();
    this.state.set(param, tensor);
  }

  private stateOf(param: number): Tensor {
    const tensor = this.state.get(param);
    if (!tensor) throw notWritten(this.fn, param);
    return tensor;
  }
}

/** Results with all their elements. Given parameters are freed. */
function runProgram(
  programs: Programs,
  fn: Fn,
  params: readonly Tensor[],
  given: ReadonlySet<number>,
  wanted?: readonly number[],
): Tensor[] {
  const { target } = programs;
  // Its constants outlive the run.
  const program = programs.get(fn, wanted);
  try {
    return target.tf.tidy(() => {
      const values = wanted ? wanted.flatMap((i) => fn.results[i] ?? []) : fn.results;
      const made = program.run(params, given);
      return made.map((tensor, i) => spread(target, tensor, values[i]?.type.shape ?? tensor.shape));
    });
  } finally {
    for (const i of given) params[i]?.dispose();
  }
}

function checkDevice(target: Target): void {
  const fault = target.fault();
  if (fault !== undefined)
    throw new RuntimeFault(
      `the device refused a kernel of tfjs: ${fault}`,
      `the backend \`${target.backend}\` of tfjs`,
      ["use another backend of tfjs: webgl or wasm"],
    );
}

/** The main function in 64 bits on the host, each call of it op by op on the backend. */
export async function loadStepwise(target: Target, module: Module, options: LoadOptions): Promise<Session> {
  const programs = new Programs(target, module);
  // One copy of a weight for all calls of a run.
  const copies = new Map<HostTensor, Tensor>();
  const copy = (value: HostTensor): Tensor => {
    const tensor = copies.get(value) ?? toTensor(target, value);
    copies.set(value, tensor);
    return tensor;
  };
  const compute = stepwise(module, async (fn, wanted, inputs) => {
    await activate(target);
    const made = runProgram(programs, fn, inputs.map(copy), new Set(), wanted);
    try {
      const values = await Promise.all(
        made.map((tensor, i) => {
          const value = fn.results[wanted[i] ?? 0];
          if (!value) throw new Error(`${fn.name} has no result ${wanted[i]}`);
          return toHost(tensor, value);
        }),
      );
      checkDevice(target);
      return values;
    } finally {
      for (const tensor of made) tensor.dispose();
    }
  });
  const clean: typeof compute = async (inputs) => {
    try {
      return await compute(inputs);
    } finally {
      for (const tensor of copies.values()) tensor.dispose();
      copies.clear();
    }
  };
  return new HostSession(module, options, clean, async () => programs.dispose());
}
