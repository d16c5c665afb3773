import { slowSubjects, subjects } from "./engines.js";
import { everyOpAgrees } from "./every-op.js";
import { randomGraphsAgree, randomLayoutsAgree, rematerialisedAgree } from "./random.js";
import { sessionLaws } from "./session-laws.js";

for (const subject of slowSubjects) {
  everyOpAgrees(subject.name, subject.engine);
  sessionLaws(subject);
}

for (const { name, engine } of [...subjects, ...slowSubjects])
  describe(`${name} on many random graphs`, () => {
    it("agrees with the reference", () => randomGraphsAgree(engine, 300, 14));

    it("agrees with the reference on ops that move and repeat", () => randomLayoutsAgree(engine, 1000, 40));

    it("agrees with the reference where values are computed twice", () => rematerialisedAgree(engine));
  });
