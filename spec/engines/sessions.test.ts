import assert from "node:assert/strict";
import { availability, openEngine, pickEngine } from "../../runtime/engines/index.js";
import { onnx } from "../../runtime/engines/onnx.js";
import { reference } from "../../runtime/engines/reference.js";
import { locateTensorflow } from "../../runtime/engines/tensorflow/locate.js";
import { RuntimeFault } from "../../runtime/fault.js";
import { subjects } from "./engines.js";
import { sessionLaws } from "./session-laws.js";

for (const subject of [...subjects, { name: "reference", engine: reference }]) sessionLaws(subject);

describe("the choice of an engine", () => {
  it("takes the fastest that works and says why", async () => {
    const auto = await pickEngine("auto");
    assert.ok("engine" in auto);
    assert.equal(auto.engine, onnx, "on a machine without a GPU");
    assert.match(auto.why, /onnxruntime \d+\.\d+\.\d+ on the CPU, float32, \d+ thread/);
    assert.equal(await openEngine("reference"), reference);
  });

  it("says which engine has bfloat16", async () => {
    await assert.rejects(openEngine("onnx", { half: true }), (fault: unknown) => {
      assert.ok(fault instanceof RuntimeFault);
      assert.match(fault.what, /the engine `onnx` has no bfloat16/);
      assert.deepEqual(fault.help, ["use `engine: tensorflow`, or `precision: f32`"]);
      return true;
    });
  });

  it("knows its engines by name", async () => {
    await assert.rejects(openEngine("onx"), /no engine `onx`/);
  });

  it("lists every engine for the doctor", async () => {
    const list = await availability();
    assert.deepEqual(
      list.map((e) => [e.name, e.works]),
      [
        ["tensorflow", !("missing" in locateTensorflow())],
        ["onnx", true],
        ["tfjs", true],
        ["reference", true],
      ],
    );
    for (const e of list) assert.ok(e.why.length > 10 && !e.why.includes("\n"));
  });
});
