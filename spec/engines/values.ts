/** Values of an engine against those of the reference. Runs in a browser, too. */
import assert from "node:assert/strict";
import { evaluate } from "../../compiler/ir/evaluate.js";
import type { Module } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import type { Engine } from "../../runtime/engines/engine.js";
import { assertClose } from "../ir/helpers.js";

/** Inputs that 32 bits hold, so that both engines start from the same numbers. */
export function rounded(inputs: readonly HostTensor[]): HostTensor[] {
  return inputs.map((t) => (t.dtype === "float" ? { ...t, data: Float64Array.from(t.data, Math.fround) } : t));
}

export function numbered(inputs: readonly HostTensor[]): Map<number, HostTensor> {
  return new Map(inputs.map((t, i) => [i, t]));
}

export function same(actual: HostTensor | undefined, expected: HostTensor, tolerance: number, what: string): void {
  assert.ok(actual, what);
  assert.equal(actual.dtype, expected.dtype, what);
  assert.deepEqual(actual.shape, expected.shape, what);
  assertClose(actual.data, expected.data, expected.dtype === "float" ? tolerance : 0, what);
}

/** What the engine should have given. */
export async function agreeAsWhole(
  engine: Engine,
  module: Module,
  inputs: readonly HostTensor[],
  what: string,
  tolerance: number,
): Promise<HostTensor[]> {
  const expected = evaluate(module, inputs);
  const session = await engine.load(module, { mode: "whole" });
  try {
    const results = await session.run(numbered(inputs));
    expected.forEach((e, i) => {
      same(results.get(i), e, tolerance, `${what}, result ${i}`);
    });
  } finally {
    await session.dispose();
  }
  return expected;
}
