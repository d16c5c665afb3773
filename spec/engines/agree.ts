/** An engine against the reference. */
import assert from "node:assert/strict";
import { flat } from "../../compiler/emit/flat.js";
import { emitOnnx, type OnnxOptions } from "../../compiler/emit/onnx/emit.js";
import type { Module } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import type { Engine } from "../../runtime/engines/engine.js";
import { createSession, fromOrt, loadOrt, toOrt } from "../../runtime/engines/ort.js";
import { agreeAsWhole, rounded, same } from "./values.js";

export { numbered, rounded } from "./values.js";

/** As a whole; a model of onnx also as written for runtimes that only know the standard ops. */
export async function agree(
  engine: Engine,
  module: Module,
  given: readonly HostTensor[],
  what: string,
  tolerance = 2e-5,
): Promise<void> {
  const inputs = rounded(given);
  const expected = await agreeAsWhole(engine, module, inputs, what, tolerance);
  if (engine.name === "onnx") await agreeStandard(module, inputs, expected, what, tolerance);
}

async function agreeStandard(
  module: Module,
  inputs: readonly HostTensor[],
  expected: readonly HostTensor[],
  what: string,
  tolerance: number,
): Promise<void> {
  const fn = flat(module);
  const options: OnnxOptions = { extensions: false };
  const bytes = emitOnnx(fn, options);
  if (Buffer.from(bytes).equals(Buffer.from(emitOnnx(fn)))) return;
  assert.ok(!Buffer.from(bytes).includes("com.microsoft"), `${what}: standard ops only`);
  const ort = await loadOrt();
  const session = await createSession(bytes);
  const results = await session.run(Object.fromEntries(inputs.map((t, i) => [`in${i}`, toOrt(ort, t)])));
  await session.release();
  fn.results.forEach((value, i) => {
    const [tensor, e] = [results[`out${i}`], expected[i]];
    assert.ok(tensor && e);
    same(fromOrt(tensor, value), e, tolerance, `${what}, standard ops, result ${i}`);
  });
}
