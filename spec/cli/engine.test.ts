import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bindingFile, installFolder, libraryFolder, packageIn } from "../../runtime/engines/tensorflow/cache.js";
import { dit, inFolder } from "./dit.js";

describe("dit engine install", () => {
  it("names all that is missing, and ends with 2", async () => {
    const { code, out, err } = await inFolder((folder) =>
      dit(["engine", "install", "tensorflow"], { env: { DIT_CACHE: folder, PATH: folder } }),
    );
    assert.equal(code, 2, err);
    assert.equal(out, "");
    if (process.platform === "linux")
      assert.match(err, /`npm` is not on the PATH; `g\+\+` .*\n {2}--> .*\n {2}= help: /);
  });

  it("prints the folder of what is there already", () =>
    inFolder(async (cache) => {
      const folder = installFolder("cpu", cache);
      for (const file of ["package.json", bindingFile, join(libraryFolder, "libtensorflow.so")]) {
        mkdirSync(dirname(join(packageIn(folder), file)), { recursive: true });
        writeFileSync(join(packageIn(folder), file), "");
      }
      const { code, out, err } = await dit(["engine", "install", "tensorflow"], { env: { DIT_CACHE: cache } });
      assert.equal(code, 0, err);
      assert.equal(out, `${folder}\n`);
      assert.match(err, /^it is there already; --force builds it anew\n$/);
    }));

  it("installs no engine it does not know", async () => {
    const { code, err } = await dit(["engine", "install", "torch"]);
    assert.equal(code, 2);
    assert.match(err, /Allowed choices are tensorflow/);
  });

  it("says in its help what is not tried", async () => {
    const { out } = await dit(["engine", "install", "--help"]);
    assert.match(out, /--cuda .*not tried on a GPU/);
  });
});

describe("dit doctor, of the engine tensorflow", () => {
  it("says that it works, or what installing it would need", async () => {
    const { out } = await inFolder((folder) =>
      dit(["doctor"], { env: { DIT_CACHE: folder, DIT_TFJS_NODE: folder, PATH: "" } }),
    );
    assert.match(out, /^no +engine tensorflow +DIT_TFJS_NODE names .* has no package.json/m);
    assert.match(out, /^no +engine install tensorflow +\S/m);
  });
});
