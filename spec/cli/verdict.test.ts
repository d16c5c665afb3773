import assert from "node:assert/strict";
import { ExitCode } from "../../cli/exit-codes.js";
import { couldNotRun, Failure } from "../../cli/failure.js";
import { verdictOf } from "../../cli/verdict.js";
import { RuntimeFault } from "../../runtime/fault.js";

describe("the end of a command", () => {
  it("is a message with help for what the user can mend", () => {
    assert.deepEqual(verdictOf(couldNotRun("no such thing", "make one")), {
      code: 2,
      lines: ["error: no such thing", "  = help: make one"],
    });
    assert.deepEqual(verdictOf(new RuntimeFault("damaged", "w.safetensors, byte 8", ["fetch it again"])), {
      code: 2,
      lines: ["error: damaged", "  --> w.safetensors, byte 8", "  = help: fetch it again"],
    });
    assert.deepEqual(verdictOf(new Failure(ExitCode.specErrors, "")), { code: 4, lines: [] });
  });

  it("is the machine's fault where the machine refused", () => {
    const full = Object.assign(new Error("ENOSPC: no space left on device, write"), {
      code: "ENOSPC",
      syscall: "write",
    });
    assert.deepEqual(verdictOf(full), { code: 2, lines: ["error: ENOSPC: no space left on device, write"] });
  });

  it("is one line for a bug of ours, the stack only if asked for", () => {
    const bug = new TypeError("x is not\n  a function");
    const { code, lines } = verdictOf(bug);
    assert.equal(code, 1);
    assert.equal(lines.length, 1);
    assert.match(
      lines[0] ?? "",
      /^this is a bug in dit \d+\.\d+\.\d+ \(TypeError: x is not a function\): please report/,
    );
    assert.match(verdictOf(bug, true).lines[1] ?? "", /verdict\.test/);
    assert.equal(verdictOf("thrown text").code, 1);
  });
});
