import { properties } from "./properties.js";

describe("many random graphs with calls", () => {
  for (const [what, holds] of Object.entries(properties)) it(what, () => holds(150));
});
