import { subjects } from "./engines.js";
import { randomGraphsAgree, randomLayoutsAgree } from "./random.js";

for (const { name, engine } of subjects)
  describe(`${name} on many random graphs`, () => {
    it("agrees with the reference", () => randomGraphsAgree(engine, 300, 14));

    it("agrees with the reference on ops that move and repeat", () => randomLayoutsAgree(engine, 1000, 40));
  });
