import assert from "node:assert/strict";
import { cost } from "../../compiler/plan/cost.js";
import { type PresetRow, presets, specOf, without } from "./presets.js";
import { library, sound } from "./specs.js";

function instance(row: PresetRow): { parameters: number; macs: number } {
  const [net] = cost(sound(specOf(row))).instances;
  assert.ok(net);
  return { parameters: net.parameters, macs: (net.flopsPerSample ?? 0) / 2e9 };
}

describe("the sizes of the library's models", () => {
  it("are those of an official model, each", () => {
    const all = [...library.values()].flatMap((text) => [...text.matchAll(/^preset (\S+)/gm)].map((m) => m[1] ?? ""));
    assert.deepEqual([...new Set([...presets.map((row) => row.preset), ...without.keys()])].sort(), all.sort());
  });

  for (const row of presets) {
    const { preset, settings, parameters, digits, published } = row;
    it(`${preset} { ${settings} }: ${parameters.toLocaleString("en")} parameters${published ? `, ${published} Gflops` : ""}`, () => {
      const own = instance(row);
      assert.equal(digits ? Number(own.parameters.toPrecision(digits)) : own.parameters, parameters);
      // Papers count products of matrices, of which a multiplication and an addition are one.
      if (published) assert.ok(Math.abs(own.macs / published - 1) < 0.02, `${own.macs}`);
    });
  }
});
