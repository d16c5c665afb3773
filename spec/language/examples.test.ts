import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { compileTrain } from "../../compiler/index.js";
import { format } from "../../grammar/format.js";
import { SourceFile } from "../../grammar/source.js";
import { baselines } from "../../scripts/pages/examples.js";
import { linesAdded } from "../../scripts/pages/lines.js";
import { blocks } from "./reference.js";
import { clean } from "./specs.js";

const folder = new URL("../../examples/", import.meta.url);
const examples = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith(".dit"))
    .map((name) => [name, readFileSync(new URL(name, folder), "utf8")] as const),
);

/** Elements of all weights of the model `net`. */
function parameters(text: string): number {
  const plan = compileTrain(clean(text)).value;
  assert.ok(plan);
  const own = plan.weights.filter((w) => w.path.startsWith("net."));
  return own.reduce((n, w) => n + w.shape.reduce((a, b) => a * b, 1), 0);
}

/** Of the official networks, the table of positions left out. */
const official = {
  "sit-s.dit": 32_858_896,
  "sit-b.dit": 130_303_504,
  "sit-l.dit": 457_824_272,
  "sit-xl.dit": 674_816_272,
};

/** What a skip of DiverseDiT costs: a norm over 2 D and a map from 2 D to D, for each of six pairs of blocks. */
const skips = 6 * (2 * 2 * 768 + 2 * 768 * 768 + 768);

describe("the examples", () => {
  for (const [name, text] of examples) {
    it(`${name} loads without a remark`, () => {
      const spec = clean(text, {}, { abridge: true });
      assert.equal(spec.trains.length, 1);
      assert.ok(spec.samples.length >= 1);
    });

    it(`${name} begins with what it is and is in canonical form`, () => {
      assert.match(text, /^\/\/ \S/);
      assert.equal(format(new SourceFile(name, text)).value, text);
    });
  }

  for (const [name, count] of Object.entries(official)) {
    it(`${name} has the official number of parameters`, () => {
      assert.equal(parameters(examples.get(name) ?? ""), count);
    });
  }

  for (const name of ["diversedit.dit", "diversedit-b.dit", "diversedit-b-sequential.dit", "diversedit-c.dit"]) {
    it(`${name} has SiT-B and six skips`, () => {
      assert.equal(parameters(examples.get(name) ?? ""), official["sit-b.dit"] + skips);
    });
  }

  for (const [name, base] of baselines) {
    it(`${name}.dit adds at most 40 lines to ${base}.dit`, () => {
      assert.ok(examples.has(`${name}.dit`) && examples.has(`${base}.dit`));
      const added = linesAdded(name, base);
      assert.ok(added > 0 && added <= 40, `${added} lines`);
    });
  }

  it("new-method.dit is the one that the reference prints", () => {
    const own = blocks("language.md").find(({ section }) => section === "10.5");
    assert.equal(own?.text, examples.get("new-method.dit"));
  });
});
