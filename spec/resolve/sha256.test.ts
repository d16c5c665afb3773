import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { sha256 } from "../../compiler/resolve/sha256.js";

describe("sha256", () => {
  it("gives the known answers", () => {
    assert.equal(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert.equal(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert.equal(
      sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    );
    assert.equal(sha256("a".repeat(1_000_000)), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  });

  it("agrees with the crypto of node at every length around a block, and beyond ASCII", () => {
    for (let n = 0; n < 200; n++) {
      const text = `${"x".repeat(n)}é`;
      assert.equal(sha256(text), createHash("sha256").update(text).digest("hex"), `length ${n}`);
    }
  });
});
