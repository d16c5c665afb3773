import { subjects } from "./engines.js";
import { rematerialisedAgree } from "./random.js";

for (const { name, engine } of subjects)
  describe(`${name} on rematerialised graphs`, () => {
    it("agrees with the reference", () => rematerialisedAgree(engine));
  });
