import { randomGraphsAgree } from "./random.js";

describe("the onnx engine on many random graphs", () => {
  it("agrees with the reference", () => randomGraphsAgree(300, 14));
});
