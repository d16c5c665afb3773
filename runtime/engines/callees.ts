import type { Fn, Module, Value } from "../../compiler/ir/graph.js";

/** Functions that the main one calls, each made into something that runs (`C`) when it is first called with results asked for. */
export class Callees<C> {
  private readonly made = new Map<string, Promise<C>>();

  constructor(
    private readonly module: Module,
    /** `one`: the function, its calls still in it, with the results that are asked for and no others. */
    private readonly make: (one: Fn, called: Fn, module: Module) => Promise<C>,
    private readonly release: (made: C) => Promise<void>,
  ) {}

  get(fn: Fn, wanted: readonly number[]): Promise<C> {
    const key = `${fn.name}|${wanted.join()}`;
    let made = this.made.get(key);
    if (!made) {
      const one = { ...fn, results: fn.results.filter((_, i) => wanted.includes(i)) };
      made = this.make(one, fn, this.module);
      this.made.set(key, made);
    }
    return made;
  }

  async dispose(): Promise<void> {
    const all = await Promise.all(this.made.values());
    this.made.clear();
    await Promise.all(all.map(this.release));
  }
}

/** Parameters of a function that are the same parameter of the main one in every call of it: weights, while a sample is drawn. */
export function fixedParams({ main }: Module, fn: Fn): number[] {
  const calls = main.ops.filter((op) => op.kind === "call" && op.attrs.fn === fn.name);
  const mains = new Set<Value>(main.params);
  return fn.params.flatMap((_, i) => {
    const given = new Set(calls.map((op) => op.operands[i]));
    const [only] = given;
    return given.size === 1 && only && mains.has(only) ? [i] : [];
  });
}
