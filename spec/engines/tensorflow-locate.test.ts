import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  bindingFile,
  cacheFolder,
  installFolder,
  libraryFolder,
  packageIn,
} from "../../runtime/engines/tensorflow/cache.js";
import { locateTensorflow } from "../../runtime/engines/tensorflow/locate.js";

describe("where TensorFlow's native library is", () => {
  let root = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "dit-locate-"));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const none = () => undefined;
  const locate = (more: NodeJS.ProcessEnv = {}, find: (name: string) => string | undefined = none) =>
    locateTensorflow({ DIT_CACHE: root, ...more }, find);

  function fake(path: string, library = "libtensorflow.so"): string {
    for (const file of ["package.json", bindingFile, join(libraryFolder, library)]) {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      writeFileSync(join(path, file), "{}");
    }
    return path;
  }

  it("is a cache folder of the user's", () => {
    assert.equal(cacheFolder({ DIT_CACHE: "/a", XDG_CACHE_HOME: "/b" }), "/a");
    assert.equal(cacheFolder({ XDG_CACHE_HOME: "/b" }), join("/b", "ditlang"));
    assert.match(cacheFolder({ XDG_CACHE_HOME: "b" }), /\.cache.ditlang$/);
  });

  it("says what is missing and the command that installs it", () => {
    assert.deepEqual(locate(), {
      missing: `TensorFlow's native library is not installed in ${root}`,
      help: "install it: npx dit engine install tensorflow",
    });
  });

  it("finds what dit installed, CUDA first", () => {
    const cpu = fake(packageIn(installFolder("cpu", root)));
    assert.deepEqual(locate(), { path: cpu, origin: "installed by dit", version: "2.21.0" });
    const cuda = fake(packageIn(installFolder("cuda", root)));
    assert.deepEqual(locate(), { path: cuda, origin: "installed by dit", version: "2.21.0" });
  });

  it("takes a package of node_modules that has its native parts, and names the one that has not", () => {
    const [gpu, cpu] = [join(root, "gpu"), join(root, "cpu")];
    mkdirSync(gpu);
    writeFileSync(join(gpu, "package.json"), "{}");
    const find = (name: string) => (name.endsWith("gpu") ? gpu : cpu);
    assert.match(
      JSON.stringify(locate({}, find)),
      /and `@tensorflow\/tfjs-node-gpu` in node_modules has no lib.napi-v8/,
    );
    fake(cpu, "libtensorflow.so.2.9.1");
    assert.deepEqual(locate({}, find), { path: cpu, origin: "node_modules", version: "2.9.1" });
  });

  it("takes DIT_TFJS_NODE and nothing else", () => {
    fake(packageIn(installFolder("cpu", root)));
    const own = join(root, "own");
    assert.match(JSON.stringify(locate({ DIT_TFJS_NODE: own })), /which is not there/);
    mkdirSync(own);
    assert.match(JSON.stringify(locate({ DIT_TFJS_NODE: own })), /which has no package.json/);
    fake(own);
    assert.deepEqual(locate({ DIT_TFJS_NODE: own }), { path: own, origin: "DIT_TFJS_NODE" });
    const file = join(own, "package.json");
    assert.deepEqual(locate({ DIT_TFJS_NODE: file }), { path: file, origin: "DIT_TFJS_NODE" });
  });
});
