import { randomGraphsAgree, randomLayoutsAgree } from "./random.js";

describe("the onnx engine on many random graphs", () => {
  it("agrees with the reference", () => randomGraphsAgree(300, 14));

  it("agrees with the reference on ops that move and repeat", () => randomLayoutsAgree(1000, 40));
});
