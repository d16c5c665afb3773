import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadPlan, loadSamplePlan, loadTrainPlan, planFrom, planText, savePlan } from "../../runtime/plan-file.js";
import { createRunFolder } from "../../runtime/run-folder.js";
import { sample } from "../../runtime/sample/sample.js";
import { train } from "../../runtime/train/train.js";
import { faultOf } from "./faults.js";
import { scratch, toyEngine, toySamplePlan, toySources, toyTrainPlan } from "./toy.js";

describe("plans in files", () => {
  it("do what the plan they were written from does", async () => {
    const folder = scratch();
    const file = join(folder, "plan.json");
    const plan = toyTrainPlan({ second: 6 });
    savePlan(file, plan);
    assert.equal(planText(loadPlan(file)), readFileSync(file, "utf8"));
    const options = { engine: toyEngine(), sources: toySources() };
    const [a, b] = [
      await train(plan, { ...options, folder: join(folder, "a") }),
      await train(loadTrainPlan(file), { ...options, folder: join(folder, "b") }),
    ];
    assert.deepEqual(a.state, b.state);
    savePlan(file, toySamplePlan(5, 2));
    const drawn = { engine: toyEngine(), weights: new Map(), averages: a.state.averages };
    assert.deepEqual(await sample(toySamplePlan(5, 2), drawn), await sample(loadSamplePlan(file), drawn));
    await faultOf(() => loadTrainPlan(file), /one of a sampler/, /key kind$/);
  });

  const changes: [name: string, change: (text: string) => string, what: RegExp, where: RegExp, help?: RegExp][] = [
    ["no object", () => "3", /not a plan/, /x.json$/],
    ["kind", (t) => t.replace('"kind": "train"', '"kind": "trane"'), /kind is "trane"/, /key kind$/],
    ["version", (t) => t.replace('"version": 1', '"version": 2'), /2 has to be 1/, /key version$/],
    ["missing", (t) => t.replace('"seed": 7,', ""), /`seed` is missing/, /key seed$/],
    [
      "unknown key",
      (t) => t.replace('"batch": 4', '"batch": 4, "stepz": 3'),
      /unknown key `stepz`/,
      /key stepz$/,
      /did you mean `steps`/,
    ],
    ["type", (t) => t.replace('"batch": 4', '"batch": "4"'), /"4" is not of type integer/, /key batch$/],
    ["too small", (t) => t.replace('"batch": 4', '"batch": 0'), /0 is less than 1/, /key batch$/],
    [
      "engine",
      (t) => t.replace('"engine": "reference"', '"engine": "referense"'),
      /none of auto/,
      /key engine$/,
      /`reference`/,
    ],
    [
      "role",
      (t) => t.replace('"role": "weight"', '"role": "wieght"'),
      /"wieght" is no role; there are weight/,
      /phases.0.program.inputs.0.role$/,
      /`weight`/,
    ],
    [
      "in a union",
      (t) => t.replace('"std": 1', '"sdt": 1'),
      /`std` is missing|unknown key `sdt`/,
      /key weights.0.init.s/,
    ],
    ["graph", (t) => t.replace(/"main main\(/, '"main ('), /not a graph/, /key phases.0.program.module.\d+$/],
    [
      "types of the graph",
      (t) => t.replace("reduce_sum axes=[0,1]", "reduce_sum axes=[0,7]"),
      /not a valid graph/,
      /program.module$/,
    ],
    [
      "count",
      (t) => t.replace(/\{\s*"role": "step"\s*\}/, '{"role": "step"}, {"role": "step"}'),
      /8 inputs are named, the graph has 7/,
      /program.inputs$/,
    ],
  ];
  for (const [name, change, what, where, help] of changes) {
    it(`are refused for a mistake: ${name}`, async () => {
      const text = planText(toyTrainPlan());
      const changed = change(text);
      assert.notEqual(changed, text);
      const fault = await faultOf(() => planFrom(JSON.parse(changed), "x.json"), what, where);
      if (help) assert.match(fault.help.join("\n"), help);
      assert.match(fault.help.join("\n"), /dit compile|dit/);
    });
  }

  it("are refused for damage, with the byte", async () => {
    const file = join(scratch(), "plan.json");
    writeFileSync(file, planText(toyTrainPlan()).slice(0, 100));
    await faultOf(() => loadPlan(file), /not JSON/, /plan.json, byte \d+$/);
    await faultOf(() => loadPlan(`${file}x`), /no such file/, /plan.jsonx$/);
  });
});

describe("a run folder", () => {
  const options = (folder: string) => ({
    folder,
    plan: toyTrainPlan(),
    samplers: [toySamplePlan(4, 2)],
    spec: "data digits: Digits\n",
    resolved: "data digits: Digits { }\n",
    specPath: "examples/quickstart.dit",
  });

  it("explains itself", () => {
    const folder = join(scratch(), "runs", "quickstart");
    const paths = createRunFolder(options(folder));
    const readme = readFileSync(join(folder, "README.md"), "utf8");
    assert.match(readme, /^# Run `quickstart`/);
    assert.ok(readme.includes(`dit train examples/quickstart.dit --resume ${folder}`));
    assert.ok(readme.includes(`dit sample ${folder}`));
    assert.equal(readFileSync(paths.spec, "utf8"), "data digits: Digits\n");
    assert.equal(loadTrainPlan(paths.plan).name, "run");
    assert.equal(loadSamplePlan(join(paths.samplers, "pictures.json")).count, 4);
    assert.ok(existsSync(paths.checkpoints) && existsSync(paths.samples));
  });

  it("is never written over unless asked", async () => {
    const folder = join(scratch(), "run");
    const paths = createRunFolder(options(folder));
    writeFileSync(paths.metrics, "{}");
    const fault = await faultOf(() => createRunFolder(options(folder)), /exists already/, /run$/);
    assert.match(fault.help.join("\n"), /--run OTHER[\s\S]*--resume \S+run[\s\S]*--again/);
    assert.ok(existsSync(paths.metrics));
    createRunFolder({ ...options(folder), again: true });
    assert.ok(!existsSync(paths.metrics));
    const other = scratch();
    writeFileSync(join(other, "thesis.tex"), "years of work");
    await faultOf(() => createRunFolder({ ...options(other), again: true }), /not one of a run/, /dit-/);
    assert.ok(existsSync(join(other, "thesis.tex")));
  });
});
