/** Every official layout that a fixture has weights for: what it reads it writes again, byte by byte. */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DiskHost } from "../../cli/host.js";
import { compileFixtures, loadSpec } from "../../compiler/index.js";
import { type Filling, fromFile, toFile } from "../../compiler/plan/gather.js";
import { readSafetensors } from "../../runtime/checkpoint/safetensors.js";

const parity = fileURLToPath(new URL("../parity", import.meta.url));
const golden = fileURLToPath(new URL("../golden", import.meta.url));
const specs = readdirSync(parity, { recursive: true, encoding: "utf8" }).filter((f) => f.endsWith(".dit"));

describe("official weights come back as they were", () => {
  const host = new DiskHost();
  for (const spec of specs.sort()) {
    const fixture = join(golden, spec.replace(/\.dit$/, ".safetensors"));
    it(spec, async function () {
      if (!existsSync(fixture)) return this.skip();
      const { tensors } = await readSafetensors(fixture);
      const loaded = loadSpec(join(parity, spec), host).value;
      assert.ok(loaded);
      const held = compileFixtures(loaded, tensors).value.flatMap((c) => c.map.weights);
      if (held.length === 0) return this.skip();
      // Weights and each average of them are files of their own.
      for (const average of new Set(held.map((w) => w.average))) {
        const all = held.filter((w) => w.average === average).flatMap((w) => w.tensors);
        const filling: Filling = new Map();
        for (const t of all) {
          const file = tensors.get(t.name);
          if (file && !t.table) assert.equal(fromFile(t, file, filling), undefined, t.name);
        }
        for (const t of all) {
          const file = tensors.get(t.name);
          if (!file) continue;
          const back = toFile(t, (path) => ({
            dtype: "float",
            shape: t.module.main.params[t.weights.indexOf(path)]?.type.shape ?? [],
            data: filling.get(path) ?? new Float64Array(),
          }));
          assert.deepEqual(back.shape, file.shape, t.name);
          assert.deepEqual(Float32Array.from(back.data), Float32Array.from(file.data), t.name);
        }
      }
    });
  }
});
