import type { Fn } from "../../ir/graph.js";
import { type Memory, memory } from "../../passes/liveness.js";
import type { Rolled } from "../../passes/roll.js";

import { asWritten } from "./emit.js";
import { executionOrder } from "./order.js";

/** The main function as `emitLoop` takes it: calls that are loops stay. */
export { type Rolled, roll } from "../../passes/roll.js";

/** Bytes from which on the memory of a run matters more than a tenth of its time. */
const large = 2 ** 29;

/** Whether a run is so large that the engine should spare memory. Who has the batch cut in pieces has little. */
export function isLarge(rolled: Rolled): boolean {
  return rolled.repeats.size > 0 || peakOf(rolled) > large;
}

/** Bytes of a run at its fullest moment; of a loop, in one of its rounds. */
function peakOf({ main, repeats }: Rolled): number {
  return memory({ fns: new Map([...repeats.values()].map(({ fn }) => [fn.name, fn])), main }).peak;
}

/**
 * Bytes of a run as onnxruntime makes it: in its order, and without what its fused nodes do not keep. Where tensors are small it keeps a
 * block for a whole run beside the memory in which it ran the first time.
 */
export function runBytes(rolled: Rolled): Memory {
  const repeats = [...rolled.repeats.values()].map(({ fn }) => asRun(fn));
  const { peak, params } = memory(
    { fns: new Map(repeats.map((fn) => [fn.name, fn])), main: asRun(rolled.main) },
    { indexBytes: 8 },
  );
  return { peak: isLarge(rolled) ? peak : 2 * peak - params, params };
}

function asRun(fn: Fn): Fn {
  return executionOrder(asWritten(fn));
}
