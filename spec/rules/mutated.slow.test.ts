import { assertSound, tryMutated } from "./mutated.js";

describe("damaged specs", () => {
  it("never crash or hang the compiler: ten thousand", () => {
    assertSound(tryMutated(10_000, 1_000, 1_000));
  }).timeout(900_000);
});
