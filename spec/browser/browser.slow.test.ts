/** The engine `tfjs` in a browser, on each backend that starts there. */
import assert from "node:assert/strict";
import { library } from "../language/specs.js";
import { bundled } from "./bundle.js";
import type { Report } from "./checks.js";
import { findChromium, visit } from "./chromium.js";

describe("in Chromium", function () {
  this.timeout(620_000);
  const chromium = findChromium();
  let script = "";

  const reportOf = async (query: string): Promise<Report> => {
    const text = await visit(chromium ?? "", query, script, library, 600);
    const report = JSON.parse(text) as Report | { readonly error: string };
    assert.ok("backend" in report, text);
    return report;
  };

  before(async function () {
    if (!chromium) {
      console.log("    no Chromium: `apt-get install chromium`, or name one in CHROMIUM");
      this.skip();
    }
    script = await bundled("page.ts", "esm", true);
  });

  for (const backend of ["cpu", "wasm", "webgl", "webgpu"])
    it(`tfjs on ${backend} agrees with the reference on ops, graphs and steps of a training`, async function () {
      const { missing, cases, failures, left, seconds } = await reportOf(`backend=${backend}`);
      // What computes on the CPU is in every browser; whether there is a device, the machine decides.
      if (missing !== undefined && backend.startsWith("webg")) {
        console.log(`      ${backend} is not there: ${missing}`);
        this.skip();
      }
      assert.equal(missing, undefined);
      assert.deepEqual(failures, []);
      assert.ok(cases > 190, `${cases} cases`);
      assert.equal(left, 0, "tensors that nobody freed");
      console.log(`      ${backend}: ${cases} cases, ${seconds.toFixed(0)} s`);
    });

  it("webgl is refused where it computes in 16 bits", async () => {
    const report = await reportOf("backend=webgl&half&only=neg");
    assert.match(report.missing ?? JSON.stringify(report), /16 bits|does not start/);
  });

  it("a backend that nobody registered is refused by name", async () => {
    const { missing } = await reportOf("backend=abacus");
    assert.match(missing ?? "", /no backend `abacus` of tfjs/);
  });
});
