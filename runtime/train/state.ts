/** The tensors that live from step to step: where they come from at the start, and as checkpoints hold them. */
import { sizeOf } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import type { TrainPlan } from "../../compiler/plan/plan.js";
import type { RunState, StartReport } from "../checkpoint/checkpoint.js";
import { nearest, RuntimeFault } from "../fault.js";
import { initialise } from "../random.js";
import type { StateKey } from "../wiring.js";
import { loadStart } from "./start.js";

/** By key (see `wiring.ts`). Tensors in it are never written to. */
export type Store = Map<StateKey, HostTensor>;

/**
 * Before the first step: drawn or loaded weights, averages equal to them, states at their constants. `report`: told of each file that
 * weights come from. `given`: weights that are there already.
 */
export async function initialStore(
  plan: TrainPlan,
  base: string | undefined,
  report: (loaded: StartReport) => void = () => {},
  given: ReadonlyMap<string, HostTensor> = new Map(),
): Promise<Store> {
  const loaded = new Map(given);
  for (const start of plan.start)
    report(await loadStart(plan.weights, start, base, (path, value) => void loaded.set(path, value)));
  const store: Store = new Map();
  for (const weight of plan.weights)
    store.set(`weight ${weight.path}`, loaded.get(weight.path) ?? initialise(weight, plan.seed));
  for (const average of plan.averages) {
    for (const { path } of plan.weights) {
      const weight = store.get(`weight ${path}`);
      if (weight) store.set(`average ${average.name} ${path}`, weight);
    }
  }
  // Equal ones share their memory: moments are twice as large as the weights, and all zero.
  const constants = new Map<string, HostTensor>();
  for (const { path, shape, init } of plan.states) {
    const key = `${shape.join()} ${init}`;
    const known = constants.get(key) ?? { dtype: "float", shape, data: new Float64Array(sizeOf(shape)).fill(init) };
    constants.set(key, known);
    store.set(`state ${path}`, known);
  }
  return store;
}

export function toRunState(store: Store): RunState {
  const weights = new Map<string, HostTensor>();
  const states = new Map<string, HostTensor>();
  const averages = new Map<string, Map<string, HostTensor>>();
  for (const [key, tensor] of store) {
    const [role = "", first = "", second = ""] = key.split(" ");
    if (role === "weight") weights.set(first, tensor);
    else if (role === "state") states.set(first, tensor);
    else {
      const of = averages.get(first) ?? new Map<string, HostTensor>();
      averages.set(first, of.set(second, tensor));
    }
  }
  return { weights, averages, states };
}

/** The store of a checkpoint, which must hold exactly what the plan needs. `where` names it in messages. */
export function fromRunState(plan: TrainPlan, state: RunState, where: string): Store {
  const store: Store = new Map();
  for (const [path, tensor] of state.weights) store.set(`weight ${path}`, tensor);
  for (const [path, tensor] of state.states) store.set(`state ${path}`, tensor);
  for (const [name, tensors] of state.averages)
    for (const [path, tensor] of tensors) store.set(`average ${name} ${path}`, tensor);
  const need = (key: StateKey, shape: readonly number[]) => {
    const has = store.get(key);
    if (has?.shape.join() === shape.join()) return;
    const near = has ? undefined : nearest(key, store.keys());
    const what = has
      ? `is [${has.shape.join(", ")}], the plan needs [${shape.join(", ")}]`
      : "is not in the checkpoint";
    throw new RuntimeFault(
      `${key} ${what}`,
      where,
      near ? [`did you mean ${near}?`] : ["resume a run with the spec it was started with"],
    );
  };
  for (const weight of plan.weights) {
    need(`weight ${weight.path}`, weight.shape);
    for (const average of plan.averages) need(`average ${average.name} ${weight.path}`, weight.shape);
  }
  for (const state of plan.states) need(`state ${state.path}`, state.shape);
  return store;
}

/** Elements of all weights of a plan. */
export function parameterCount(plan: TrainPlan): number {
  return plan.weights.reduce((sum, w) => sum + sizeOf(w.shape), 0);
}

/** The keys of a store that hold something not finite. */
export function nonFiniteKeys(store: ReadonlyMap<StateKey, HostTensor>): StateKey[] {
  return [...store].filter(([, tensor]) => !isFiniteTensor(tensor)).map(([key]) => key);
}

export function isFiniteTensor(tensor: HostTensor): boolean {
  if (tensor.dtype !== "float") return true;
  for (const x of tensor.data) if (!Number.isFinite(x)) return false;
  return true;
}
