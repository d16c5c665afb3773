import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { bindingFile, installFolder, libraryFolder, packageIn } from "../../runtime/engines/tensorflow/cache.js";
import { type InstallOptions, installTensorflow } from "../../runtime/engines/tensorflow/install/install.js";
import { type Machine, missingTools, refusal, thisMachine } from "../../runtime/engines/tensorflow/install/needs.js";
import { type Act, type Plan, planOf } from "../../runtime/engines/tensorflow/install/plan.js";
import { type Ran, realTools, type Tools } from "../../runtime/engines/tensorflow/install/tools.js";
import { locateTensorflow } from "../../runtime/engines/tensorflow/locate.js";
import { RuntimeFault } from "../../runtime/fault.js";

const good: Machine = {
  platform: "linux",
  arch: "x64",
  node: "22.1.0",
  glibc: "2.31",
  which: (command) => `/bin/${command}`,
  pip: () => "24.0",
  free: () => 1e12,
};

function runsOf(plan: Plan | undefined): string[] {
  assert.ok(plan);
  const acts: Act[] = plan.steps.flatMap((step) => step.acts);
  return acts.flatMap((act) => (act.act === "run" ? [[act.command, ...act.args].join(" ")] : []));
}

describe("the plan that installs TensorFlow", () => {
  const shared = "--only-binary=:all: --python-version 3.11 --platform";

  it("is five commands for a CPU, all of them in its folder", () => {
    const runs = runsOf(planOf("cpu", "x64", "/F"));
    const pack = "/F/node_modules/@tensorflow/tfjs-node-gpu";
    assert.equal(runs.length, 5);
    assert.equal(
      runs[0],
      "npm install --ignore-scripts --no-audit --no-fund --fetch-retries=1 --prefix /F @tensorflow/tfjs-node-gpu@4.22.0 node-api-headers@1.9.0",
    );
    assert.match(
      runs[1] ?? "",
      new RegExp(`pip download .*${shared} manylinux_2_27_x86_64 .* tensorflow-cpu==2.21.0$`),
    );
    assert.match(runs[2] ?? "", /tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl/);
    assert.equal(
      runs[3],
      `g++ -std=c++17 -O2 -fPIC -shared -DNAPI_VERSION=8 -DBUILDING_NODE_EXTENSION -I /F/node_modules/node-api-headers/include -I ${pack} ` +
        `-I ${pack}/deps/include ${pack}/binding/tfjs_backend.cc ${pack}/binding/tfjs_binding.cc -o ${pack}/lib/napi-v8/tfjs_binding.node ` +
        `-L ${pack}/deps/lib -ltensorflow -l:libtensorflow_framework.so.2 -Wl,-rpath,$ORIGIN/../../deps/lib`,
    );
    assert.match(runs[4] ?? "", /tf\.matMul/);
  });

  it("touches no path outside its folder", () => {
    for (const variant of ["cpu", "cuda"] as const)
      for (const act of planOf(variant, "x64", "/F")?.steps.flatMap((step) => step.acts) ?? [])
        for (const text of Object.values(act).flat())
          if (typeof text === "string" && isAbsolute(text) && text !== process.execPath)
            assert.match(text, /^\/F(\/|$)/, JSON.stringify(act));
  });

  it("has NVIDIA's libraries for CUDA, where TensorFlow's look for them", () => {
    const plan = planOf("cuda", "x64", "/F");
    const runs = runsOf(plan);
    assert.equal(runs.length, 6);
    assert.match(runs[1] ?? "", / tensorflow==2.21.0$/);
    assert.match(
      runs[4] ?? "",
      /pip install --no-deps .* --target \/F\/unpacked\/cuda nvidia-cublas-cu12>=\S+,<13 .*nvidia-cudnn-cu12/,
    );
    const moves = plan?.steps.flatMap((step) => step.acts).filter((act) => act.act === "move");
    assert.equal(moves?.at(-1)?.to, "/F/node_modules/@tensorflow/tfjs-node-gpu/deps/nvidia");
  });

  it("takes for ARM the wheel without CUDA, and has none with", () => {
    assert.match(runsOf(planOf("cpu", "arm64", "/F"))[1] ?? "", /manylinux_2_27_aarch64 .* tensorflow==2.21.0$/);
    assert.equal(planOf("cuda", "arm64", "/F"), undefined);
  });

  it("removes the wheel and the headers before the proof", () => {
    const acts = planOf("cpu", "x64", "/F")?.steps.flatMap((step): readonly Act[] => step.acts) ?? [];
    const removed = acts.flatMap((act) => (act.act === "remove" ? [act.path] : []));
    assert.ok(removed.includes("/F/wheels") && removed.includes("/F/node_modules/node-api-headers"));
    assert.equal(acts.at(-1)?.act, "run");
  });
});

describe("what installing TensorFlow needs", () => {
  const said = (change: Partial<Machine>) => refusal({ ...good, ...change })?.what ?? "";

  it("refuses systems it is not published for", () => {
    assert.equal(said({}), "");
    assert.match(said({ platform: "darwin" }), /and this is darwin x64/);
    assert.match(said({ arch: "riscv64" }), /and this is linux riscv64/);
    assert.match(said({ glibc: undefined }), /glibc 2.27 or newer, and this is another C library/);
    assert.match(said({ glibc: "2.17" }), /and this is 2.17/);
    assert.match(said({ node: "23.0.0" }), /works on Node 20 and 22, and this is 23.0.0/);
  });

  it("finds what is on the PATH", () => {
    const root = mkdtempSync(join(tmpdir(), "dit-path-"));
    const needs = () => missingTools(thisMachine({ PATH: root })).map(({ what }) => what);
    const program = (name: string, text: string) => {
      writeFileSync(join(root, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(root, name), 0o755);
    };
    try {
      assert.deepEqual(
        needs(),
        ["npm", "g++", "python3"].map((name) => `\`${name}\` is not on the PATH`),
      );
      program("npm", "");
      program("g++", "");
      program("python3", "exit 1");
      assert.deepEqual(needs(), ["`python3` has no pip"]);
      program("python3", "echo pip 24.0 from here");
      assert.deepEqual(needs(), []);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

describe("installing TensorFlow", () => {
  let cache = "";
  let lines: string[] = [];
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), "dit-install-"));
    lines = [];
  });
  afterEach(() => rmSync(cache, { recursive: true, force: true }));

  /** Makes the files that the real ones would; `fail` ends the tool of this name. */
  function fake(calls: string[], fail: Partial<Record<string, Ran>> = {}): Tools {
    const place = `${installFolder("cpu", cache)}.building`;
    const pack = packageIn(place);
    const make = (...files: string[]) => {
      for (const file of files) {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, "{}");
      }
    };
    const made: Record<string, () => void> = {
      npm: () =>
        make(join(pack, "package.json"), join(place, "node_modules", "@tensorflow", "tfjs", "dist", "tf.js.map")),
      pip: () => make(join(place, "wheels", "tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl")),
      unzip: () =>
        make(
          ...["libtensorflow_cc.so.2", "libtensorflow_framework.so.2", "include/tensorflow/c/c_api.h"].map((name) =>
            join(place, "unpacked", "tensorflow", name),
          ),
        ),
      "g++": () => make(join(pack, bindingFile)),
    };
    return {
      run: async (command, args) => {
        const name =
          command === process.execPath ? "proof" : args[1] === "pip" ? "pip" : args[0] === "-c" ? "unzip" : command;
        calls.push(name);
        const failed = fail[name];
        if (failed) return failed;
        made[name]?.();
        return { code: 0, output: '["tensorflow",[[19,22],[43,50]]]\n' };
      },
      sha256: async (file) => {
        assert.ok(existsSync(file));
        return "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c";
      },
    };
  }

  const install = (tools: Tools, more: Partial<InstallOptions> = {}) =>
    installTensorflow({
      variant: "cpu",
      cache,
      tools,
      machine: good,
      events: { say: (line) => void lines.push(line), update: () => {}, end: () => {} },
      ...more,
    });

  const all = ["npm", "pip", "unzip", "g++", "proof"];

  it("leaves one whole folder that the engine finds, and does nothing a second time", async () => {
    const calls: string[] = [];
    const { folder, outcome } = await install(fake(calls));
    assert.equal(outcome, "installed");
    assert.deepEqual(calls, all);
    assert.deepEqual(readdirSync(cache), [`tensorflow-2.21.0-cpu`]);
    assert.deepEqual(readdirSync(folder).sort(), ["node_modules", "package.json"]);
    assert.deepEqual(readdirSync(join(packageIn(folder), libraryFolder)).length, 4);
    assert.ok(!existsSync(join(folder, "node_modules", "@tensorflow", "tfjs", "dist", "tf.js.map")));
    const found = locateTensorflow({ DIT_CACHE: cache }, () => undefined);
    assert.deepEqual(found, { path: packageIn(folder), origin: "installed by dit", version: "2.21.0" });
    assert.equal((await install(fake(calls))).outcome, "there already");
    assert.equal(calls.length, all.length);
    assert.equal((await install(fake(calls), { force: true })).outcome, "installed");
    assert.deepEqual(calls, [...all, ...all]);
    assert.deepEqual(readdirSync(cache), [`tensorflow-2.21.0-cpu`]);
  });

  it("says what a tool said, and goes on from there", async () => {
    const calls: string[] = [];
    const output = `${Array.from({ length: 20 }, (_, i) => `line ${i}`).join("\n")}\nbinding.cc: error: no\n`;
    await assert.rejects(install(fake(calls, { "g++": { code: 1, output } })), (error) => {
      assert.ok(error instanceof RuntimeFault);
      assert.match(error.what, /^g\+\+ ended with 1, and said last:\n {4}line 15\n.*binding.cc: error: no$/s);
      assert.equal(error.where, "[5/7] the binding, compiled");
      assert.match(error.help.join(), /goes on from here/);
      return true;
    });
    assert.ok(!existsSync(installFolder("cpu", cache)));
    await install(fake(calls));
    assert.deepEqual(calls, [...all.slice(0, 4), "g++", "proof"]);
    assert.deepEqual(lines, ["going on after step 4 of 7"]);
  });

  it("says that the package index does not answer", async () => {
    const output = `npm error getaddrinfo ENOTFOUND\n${"npm error\n".repeat(9)}`;
    await assert.rejects(install(fake([], { npm: { code: 1, output } })), (error) => {
      assert.ok(error instanceof RuntimeFault);
      assert.match(error.what, /said last:\n {4}npm error getaddrinfo ENOTFOUND\n/);
      assert.match(error.help.join(), /the package index does not answer/);
      return true;
    });
  });

  it("refuses a wheel that is not the pinned one, and a library that multiplies wrongly", async () => {
    const tools = { ...fake([]), sha256: async () => "00" };
    await assert.rejects(install(tools), /the wheel is not the one that was pinned: its sha256 is 00/);
    assert.deepEqual(readdirSync(join(`${installFolder("cpu", cache)}.building`, "wheels")), []);
    await assert.rejects(install(fake([], { proof: { code: 0, output: '["cpu"]' } })), /node gave another result/);
    assert.ok(!existsSync(installFolder("cpu", cache)));
  });

  it("stops when asked to, and goes on when asked again", async () => {
    const calls: string[] = [];
    const controller = new AbortController();
    const tools = fake(calls);
    const run: Tools["run"] = (command, ...rest) => {
      if (command === "python3") controller.abort();
      return tools.run(command, ...rest);
    };
    assert.equal((await install({ ...tools, run }, { signal: controller.signal })).outcome, "interrupted");
    assert.equal((await install(tools)).outcome, "installed");
    assert.deepEqual(calls, ["npm", "pip", ...all.slice(1)]);
  });

  it("leaves a building of another process alone, and takes over one whose process is gone", async () => {
    const lock = join(`${installFolder("cpu", cache)}.building`, "lock");
    mkdirSync(dirname(lock));
    writeFileSync(lock, String(process.ppid));
    await assert.rejects(install(fake([])), /is installing it already/);
    assert.equal(readFileSync(lock, "utf8"), String(process.ppid));
    writeFileSync(lock, "99999999");
    assert.equal((await install(fake([]))).outcome, "installed");
  });

  it("looks at the machine before anything else", async () => {
    const calls: string[] = [];
    const refused = (machine: Partial<Machine>, pattern: RegExp, variant: "cpu" | "cuda" = "cpu") =>
      assert.rejects(install(fake(calls), { variant, machine: { ...good, ...machine } }), pattern);
    await refused({ platform: "win32" }, /Linux, x64 and arm64, and this is win32/);
    await refused(
      { which: () => undefined },
      /`npm` is not on the PATH; `g\+\+` .*help: Debian, Ubuntu: sudo apt install g\+\+/s,
    );
    await refused({ pip: () => undefined }, /`python3` has no pip/);
    await refused({ free: () => 1e9 }, /building takes 2.5 GB of disk, and 1.0 GB are free/);
    await refused({ arch: "arm64" }, /no wheel with CUDA for Linux arm64/, "cuda");
    assert.deepEqual(calls, []);
    assert.deepEqual(readdirSync(cache), []);
  });

  it("ends a tool with its children", async () => {
    const controller = new AbortController();
    const ran = realTools.run("sh", ["-c", "echo begun; sleep 60 & sleep 60"], {
      cwd: cache,
      env: process.env,
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(), 100);
    assert.deepEqual(await ran, { code: undefined, output: "begun\n" });
    const missing = await realTools.run("no-such-program", [], { cwd: cache, env: process.env });
    assert.match(missing.output, /ENOENT/);
  });
});
