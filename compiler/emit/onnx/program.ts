import type { Fn } from "../../ir/graph.js";
import { elements } from "../../ir/types.js";
import { memory, sizesOf } from "../../passes/liveness.js";
import type { Rolled } from "../../passes/roll.js";

import { plannedBytes } from "./buffers.js";
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
 * Bytes of a run as onnxruntime makes it: in its order, without what its fused nodes do not keep, with what its plan holds. Where tensors are
 * small it keeps a block for a whole run beside the memory in which it ran the first time.
 */
export function runBytes(rolled: Rolled): number {
  const sizes = sizesOf({ indexBytes: 8 });
  const inner = new Map<string, number>();
  for (const { fn } of rolled.repeats.values()) inner.set(fn.name, plannedBytes(asRun(fn), sizes, inner));
  const made = plannedBytes(asRun(rolled.main), sizes, inner);
  const params = rolled.main.params.reduce((sum, p) => sum + elements(p.type) * sizes[p.type.dtype], 0);
  return params + (isLarge(rolled) ? made : 2 * made);
}

function asRun(fn: Fn): Fn {
  return executionOrder(asWritten(fn));
}
