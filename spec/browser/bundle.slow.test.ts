/** The engine `tfjs` without Node. */
import assert from "node:assert/strict";
import { createContext, runInContext } from "node:vm";
import { library } from "../language/specs.js";
import { bundled } from "./bundle.js";
import type { Report } from "./checks.js";

describe("for a browser", function () {
  this.timeout(120_000);
  for (const entry of ["compiler/index.ts", "runtime/engines/tfjs/engine.ts", "runtime/engines/reference.ts"])
    it(`${entry} is bundled and asks for nothing of Node`, async () => {
      assert.ok((await bundled(`../../${entry}`, "esm", false)).length > 0);
    });

  it("what asks for Node is not bundled", async () => {
    await assert.rejects(bundled("../../runtime/engines/tfjs/installed.ts", "esm", false), /Could not resolve/);
  });

  it("a spec is compiled and trained, and every op computed, where there is no `process`", async () => {
    const script = await bundled("bare.ts", "iife", true);
    const text = await new Promise<string>((done) => {
      const given = { done, library: Object.fromEntries(library), setTimeout, TextEncoder };
      // By the class tfjs knows a worker of a browser.
      runInContext(`const self = globalThis; class WorkerGlobalScope {}\n${script}`, createContext(given));
    });
    const { cases, failures, left } = JSON.parse(text) as Report;
    assert.deepEqual(failures, [], text);
    assert.ok(cases > 190);
    assert.equal(left, 0);
  });
});
