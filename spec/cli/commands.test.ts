/** The commands that run nothing: what they print where, and what they end with. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dit, inFolder } from "./dit.js";

const spec = `use std.{AdamW, Digits, Flow, Generate, LabelDropout, SiT}
data digits: Digits
model net: SiT { hidden: 32, depth: 2, heads: 2, patch: 4 }
objective flow: Flow
train run {
  data: digits, batch: 8, steps: 3
  let y = LabelDropout {}(digits.label)
  minimize by AdamW { lr: 1e-3 } { denoise: flow(net, digits.image, y) }
}
sample pictures: Generate { flow, model: net, like: digits, count: 4 }
`;
const misspelt = spec.replace("heads: 2", "haeds: 2");

/** A folder with these files. */
function withFiles(files: Record<string, string>, use: (folder: string) => Promise<void>): () => Promise<void> {
  return () =>
    inFolder(async (folder) => {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
      await use(folder);
    });
}

describe("dit", () => {
  it("prints help to stdout when asked, to stderr when it is needed", async () => {
    const asked = await dit(["--help"]);
    assert.equal(asked.code, 0);
    assert.match(asked.out, /Usage: dit \[options\] \[command\]/);
    for (const name of [
      "init",
      "check",
      "fmt",
      "explain",
      "resolve",
      "cost",
      "graph",
      "compile",
      "train",
      "sample",
      "verify",
      "weights",
      "doctor",
    ])
      assert.match(asked.out, new RegExp(`^  ${name} `, "m"));
    assert.match(asked.out, /Exit codes: 0 clean; 1 a bug/);
    const needed = await dit([]);
    assert.equal(needed.code, 2);
    assert.equal(needed.out, "");
    assert.match(needed.err, /Usage: dit/);
  });

  it("guesses what was meant and ends with 2", async () => {
    const command = await dit(["chekc"]);
    assert.deepEqual([command.code, command.out], [2, ""]);
    assert.match(command.err, /unknown command 'chekc'\n\(Did you mean check\?\)/);
    const option = await dit(["check", "--formt", "json"]);
    assert.equal(option.code, 2);
    assert.match(option.err, /Did you mean --format\?/);
    const value = await dit(["check", "--format", "yaml"]);
    assert.equal(value.code, 2);
    assert.match(value.err, /Allowed choices are pretty, json, sarif, github, junit/);
    const file = await dit(["check", "nowhere.dit"]);
    assert.deepEqual(
      [file.code, file.out, file.err],
      [2, "", "error: cannot read `nowhere.dit`: there is no such file\n"],
    );
  });

  it("prints its version", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    assert.deepEqual(await dit(["--version"]), { code: 0, out: `${version}\n`, err: "" });
  });
});

describe("dit check", () => {
  it(
    "prints a line a spec and a summary",
    withFiles({ "a.dit": spec }, async (cwd) => {
      const { code, out, err } = await dit(["check"], { cwd });
      assert.deepEqual([code, err], [0, ""]);
      const [cost = "", summary] = out.split("\n");
      assert.match(
        cost,
        /^a\.dit {3}net [\d.]+ k parameters, [\d.]+ [MG]FLOP an image; run, batch 8: [\d.]+ [MG]FLOP a step, [\d.]+ MiB$/,
      );
      assert.equal(summary, "ok: 1 file, 0 errors, 0 warnings");
    }),
  );

  it(
    "shows a mistake and ends with 4",
    withFiles({ "a.dit": misspelt }, async (cwd) => {
      const { code, out } = await dit(["check", "a.dit"], { cwd });
      assert.equal(code, 4);
      assert.match(out, /^error\[unknown-setting\]: .*\n +--> a\.dit:3:\d+\n/);
      assert.match(out, /heads/);
      assert.match(out, /failed: 1 file, 1 error, 0 warnings\n$/);
    }),
  );

  it(
    "speaks to machines",
    withFiles({ "a.dit": misspelt, "b.dit": spec }, async (cwd) => {
      const json = await dit(["check", "--format", "json"], { cwd });
      assert.equal(json.code, 4);
      const report = JSON.parse(json.out);
      assert.deepEqual([report.files, report.errors, report.checked], [2, 1, ["a.dit", "b.dit"]]);
      const sarif = JSON.parse((await dit(["check", "--format", "sarif"], { cwd })).out);
      const [run] = sarif.runs;
      assert.equal(run.tool.driver.rules[run.results[0].ruleIndex].id, run.results[0].ruleId);
      assert.match((await dit(["check", "--format", "github"], { cwd })).out, /^::error file=a\.dit,line=3,/);
      assert.match(
        (await dit(["check", "--format", "junit"], { cwd })).out,
        /<testsuite name="b\.dit" tests="1" failures="0"/,
      );
    }),
  );

  it(
    "mends what it is sure of",
    withFiles({ "a.dit": misspelt }, async (cwd) => {
      const { code, err } = await dit(["check", "--fix"], { cwd });
      assert.deepEqual([code, err], [0, "fixed 1 mistake in a.dit\n"]);
      assert.equal(readFileSync(join(cwd, "a.dit"), "utf8"), spec);
    }),
  );

  it(
    "has colour where a person asks for it, and none in a pipe",
    withFiles({ "a.dit": misspelt }, async (cwd) => {
      const plain = await dit(["check"], { cwd });
      assert.ok(!plain.out.includes("\u001b"));
      const coloured = await dit(["check"], { cwd, env: { FORCE_COLOR: "1" } });
      assert.ok(coloured.out.includes("\u001b[31m"));
      const none = await dit(["check"], { cwd, env: { FORCE_COLOR: "1", NO_COLOR: "1" } });
      assert.equal(none.out, plain.out);
    }),
  );

  it(
    "says that there is nothing to check",
    withFiles({}, async (cwd) => {
      const { code, err } = await dit(["check"], { cwd });
      assert.deepEqual([code, err], [2, "error: no .dit file in `.`\n  = help: `dit init` writes one to start from\n"]);
    }),
  );
});

describe("dit fmt", () => {
  const sloppy = "use std.{SiT}\nmodel   net:SiT{hidden:32,depth:2,heads:2,patch:4}\n";
  const tidy = "use std.{SiT}\nmodel net: SiT { hidden: 32, depth: 2, heads: 2, patch: 4 }\n";

  it(
    "says with --check, does without",
    withFiles({ "a.dit": sloppy, "b.dit": tidy }, async (cwd) => {
      const check = await dit(["fmt", "--check"], { cwd });
      assert.deepEqual(check, { code: 6, out: "a.dit\n", err: "1 of 2 files not formatted\n" });
      assert.equal(readFileSync(join(cwd, "a.dit"), "utf8"), sloppy);
      assert.deepEqual(await dit(["fmt"], { cwd }), { code: 0, out: "a.dit\n", err: "1 of 2 files formatted\n" });
      assert.equal(readFileSync(join(cwd, "a.dit"), "utf8"), tidy);
      assert.deepEqual(await dit(["fmt", "--check"], { cwd }), { code: 0, out: "", err: "" });
    }),
  );

  it(
    "leaves a broken file alone",
    withFiles({ "a.dit": "model net SiT {\n" }, async (cwd) => {
      const { code, out, err } = await dit(["fmt"], { cwd });
      assert.deepEqual([code, out], [4, ""]);
      assert.match(err, /^error\[/);
      assert.equal(readFileSync(join(cwd, "a.dit"), "utf8"), "model net SiT {\n");
    }),
  );
});

describe("dit explain", () => {
  it("prints the page of a code", async () => {
    const { code, out } = await dit(["explain", "axis-mismatch"]);
    assert.equal(code, 0);
    assert.match(out, /^error\[axis-mismatch\]\n\n/);
    assert.match(out, /\nA spec that gives it:\n\n {4}\S/);
    assert.equal((await dit(["explain", "error[axis-mismatch]"])).out, out);
  });

  it("lists all codes, and finds the nearest", async () => {
    assert.match((await dit(["explain"])).out, /^axis-mismatch +error/m);
    const unknown = await dit(["explain", "axis-mismach"]);
    assert.deepEqual(
      [unknown.code, unknown.err],
      [2, "error: there is no code `axis-mismach`\n  = help: did you mean `axis-mismatch`?\n"],
    );
  });
});

describe("dit resolve, cost, compile, graph", () => {
  it(
    "resolve prints a spec that means the same",
    withFiles({ "a.dit": spec }, async (cwd) => {
      const { code, out } = await dit(["resolve", "a.dit"], { cwd });
      assert.equal(code, 0);
      assert.match(out, /seed: 0/);
      writeFileSync(join(cwd, "b.dit"), out);
      const again = await dit(["resolve", "b.dit"], { cwd });
      const body = (text: string) => text.split("\n").slice(1).join("\n");
      assert.equal(body(again.out), body(out));
    }),
  );

  it(
    "cost prints tables or JSON",
    withFiles({ "a.dit": spec }, async (cwd) => {
      const { code, out } = await dit(["cost", "a.dit"], { cwd });
      assert.equal(code, 0);
      assert.match(out, /^instance +parameters +FLOP an image, forward\n/);
      assert.match(out, /^run +train +8 /m);
      const { plans } = JSON.parse((await dit(["cost", "a.dit", "--json"], { cwd })).out);
      assert.ok(plans[0].flopsPerStep > 0);
    }),
  );

  it(
    "compile writes a plan each, and knows a stale one",
    withFiles({ "a.dit": spec }, async (cwd) => {
      const stale = await dit(["compile", "a.dit", "-o", "out", "--check"], { cwd });
      assert.deepEqual([stale.code, existsSync(join(cwd, "out"))], [7, false]);
      const { code, out } = await dit(["compile", "a.dit", "-o", "out"], { cwd });
      assert.deepEqual([code, out], [0, "out/run.plan.json\nout/pictures.plan.json\n"]);
      assert.equal(JSON.parse(readFileSync(join(cwd, "out/run.plan.json"), "utf8")).kind, "train");
      assert.equal((await dit(["compile", "a.dit", "-o", "out", "--check"], { cwd })).code, 0);
    }),
  );

  it(
    "a spec with mistakes says so on stderr and ends with 4",
    withFiles({ "a.dit": misspelt }, async (cwd) => {
      for (const command of ["resolve", "cost", "compile", "graph"]) {
        const { code, out, err } = await dit([command, "a.dit"], { cwd });
        assert.deepEqual([code, out], [4, ""], command);
        assert.match(err, /^error\[unknown-setting\]/);
      }
    }),
  );
});

describe("dit init", () => {
  it("writes a spec that checks clean, once", () =>
    inFolder(async (cwd) => {
      const { code, out } = await dit(["init", "start"], { cwd });
      assert.deepEqual([code, out], [0, "start/quickstart.dit\n"]);
      assert.equal((await dit(["check", "start"], { cwd })).code, 0);
      const before = readFileSync(join(cwd, "start/quickstart.dit"), "utf8");
      const again = await dit(["init", "start"], { cwd });
      assert.equal(again.code, 3);
      assert.match(again.err, /is there already; nothing was written/);
      assert.equal(readFileSync(join(cwd, "start/quickstart.dit"), "utf8"), before);
    }));
});

describe("dit doctor", () => {
  it("says what works here", async () => {
    const { code, out } = await dit(["doctor"]);
    assert.equal(code, 0);
    assert.match(out, /^ok +engine reference/m);
    const { findings } = JSON.parse((await dit(["doctor", "--json"])).out);
    assert.ok(findings.length > 5);
  });
});
