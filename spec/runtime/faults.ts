import assert from "node:assert/strict";
import { RuntimeFault } from "../../runtime/fault.js";

/** The fault that some work ends with; each pattern must be found in its `what` and `where`. */
export async function faultOf(work: () => unknown, what: RegExp, where: RegExp): Promise<RuntimeFault> {
  try {
    await work();
  } catch (error) {
    assert.ok(error instanceof RuntimeFault, `not a fault: ${error instanceof Error ? error.stack : String(error)}`);
    assert.match(error.what, what);
    assert.match(error.where, where);
    return error;
  }
  assert.fail(`no fault, expected ${what}`);
}
