import { flat } from "../../../compiler/emit/flat.js";
import type { Build } from "../../../compiler/emit/tensorflow/scope.js";
import type { Module } from "../../../compiler/ir/graph.js";
import type { HostTensor } from "../../../compiler/ir/host.js";
import { Callees, fixedParams } from "../callees.js";
import type { LoadOptions, Session } from "../engine.js";
import { HostSession } from "../host-session.js";
import { stepwise } from "../stepwise.js";
import type { Binding } from "./library.js";
import { WholeSession } from "./whole.js";

/** A function whose weights are variables, set again only when the caller has others. */
class Callee {
  private readonly last = new Map<number, HostTensor>();

  constructor(
    private readonly session: WholeSession,
    private readonly fixed: readonly number[],
  ) {}

  async run(inputs: readonly HostTensor[]): Promise<HostTensor[]> {
    for (const param of this.fixed) {
      const value = inputs[param];
      if (!value || this.last.get(param) === value) continue;
      this.session.write(param, value);
      this.last.set(param, value);
    }
    const others = [...inputs.entries()].filter(([i]) => !this.fixed.includes(i));
    const results = await this.session.run(new Map(others));
    return [...results.values()];
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }
}

export function loadStepwise(binding: Binding, module: Module, options: LoadOptions, build: Build): Session {
  const callees = new Callees(
    module,
    async (one, called) => {
      const keep = fixedParams(module, called);
      return new Callee(WholeSession.load(binding, flat(module, one), { mode: "whole", keep }, build), keep);
    },
    (callee) => callee.dispose(),
  );
  const compute = stepwise(module, async (fn, wanted, inputs) => (await callees.get(fn, wanted)).run(inputs));
  return new HostSession(module, options, compute, () => callees.dispose());
}
