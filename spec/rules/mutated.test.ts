import { assertSound, tryMutated } from "./mutated.js";

describe("damaged specs", () => {
  it("never crash or hang the compiler: a few hundred", () => {
    assertSound(tryMutated(250, 1, 1_000));
  }).timeout(60_000);
});
