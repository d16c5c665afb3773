import assert from "node:assert/strict";
import { table } from "../../compiler/ir/table/table.js";
import { subjects } from "./engines.js";
import { every, everyOpAgrees } from "./every-op.js";

it("every op has a case for the engines", () => {
  // A call is what the random graphs are made of.
  for (const kind of Object.keys(table)) assert.ok((every.get(kind) ?? []).length > 0, kind);
});

for (const { name, engine } of subjects) everyOpAgrees(name, engine);
