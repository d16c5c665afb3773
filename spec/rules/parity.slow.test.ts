import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { check, folder, lines } from "./load.js";

const parity = fileURLToPath(new URL("../parity/", import.meta.url));

describe("maps of recorded numbers", () => {
  for (const entry of readdirSync(parity, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const specs = folder(`${parity}${entry.name}/`);
    for (const [file, text] of specs)
      it(`${entry.name}/${file} gives no diagnostic`, () => {
        assert.deepEqual(lines(check(text, Object.fromEntries(specs))), []);
      }).timeout(60_000);
  }
});
