/** The engine `tensorflow`, where its library is installed; `DIT_NEEDS_TENSORFLOW` says that it has to be. */
import assert from "node:assert/strict";
import { evaluate } from "../../compiler/ir/evaluate.js";
import { sizeOf } from "../../compiler/ir/graph.js";
import { loadTensorflow } from "../../runtime/engines/tensorflow/library.js";
import { locateTensorflow } from "../../runtime/engines/tensorflow/locate.js";
import { tensorflowOn } from "../../runtime/engines/tensorflow/tensorflow.js";
import { cases } from "../ir/cases.js";
import { compile } from "../ir/helpers.js";
import { numbered, rounded } from "./agree.js";
import { everyOpAgrees } from "./every-op.js";
import { randomGraphsAgree, randomLayoutsAgree, rematerialisedAgree } from "./random.js";
import { sessionLaws } from "./session-laws.js";

const located = locateTensorflow();

if ("missing" in located)
  describe("tensorflow", () => {
    it("is installed: dit engine install tensorflow", function () {
      if (!process.env.DIT_NEEDS_TENSORFLOW) this.skip();
      assert.fail(located.missing);
    });
  });
else
  for (const xla of ["whole", "islands", "off"] as const) {
    const library = loadTensorflow();
    if ("missing" in library) throw new Error(library.missing);
    const engine = tensorflowOn(library, xla);
    const name = `tensorflow, XLA ${xla}`;
    everyOpAgrees(name, engine);
    // Samples are taken apart only where weights stay, and by itself TensorFlow fuses a product with what follows only where they do.
    sessionLaws({ name, engine }, { whole: {}, islands: { carried: 1e-6, kept: 1e-6 }, off: { kept: 1e-6 } }[xla]);

    describe(`${name} on random graphs`, () => {
      it("agrees with the reference", () => randomGraphsAgree(engine, 12, 10));

      it("agrees with the reference on ops that move and repeat", () => randomLayoutsAgree(engine, 16, 20));

      it("agrees with the reference where values are computed twice", () => rematerialisedAgree(engine));
    });

    describe(`${name} in bfloat16`, () => {
      it("rounds the factors of products and nothing else", async () => {
        for (const [kind, list] of Object.entries(cases))
          for (const c of list) {
            const inputs = rounded(c.inputs);
            const session = await engine.load(compile(c), { mode: "whole", half: true });
            const results = await session.run(numbered(inputs));
            await session.dispose();
            for (const [i, e] of evaluate(compile(c), inputs).entries()) {
              const mine = results.get(i);
              assert.ok(mine && mine.data.length === sizeOf(e.shape), `${c.name}, result ${i}`);
              // bfloat16 has 8 bits: sums of some products of rounded factors are off by less than a hundredth of their size.
              const tolerance = kind === "dot" ? 2e-2 : 2e-5;
              const size = Math.max(1, ...e.data.map(Math.abs).filter(Number.isFinite));
              for (const [j, x] of e.data.entries()) {
                const y = mine.data[j] ?? Number.NaN;
                // An infinity or NaN of the reference has to be the same here.
                const close = Number.isFinite(x) ? Math.abs(y - x) <= tolerance * size : Object.is(y, x);
                assert.ok(close, `${c.name}, result ${i}, element ${j}: ${y} for ${x}`);
              }
            }
          }
      });
    });
  }
