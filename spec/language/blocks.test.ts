import assert from "node:assert/strict";
import { format } from "../../grammar/format.js";
import { SourceFile } from "../../grammar/source.js";
import { type Block, blocks } from "./reference.js";
import { clean } from "./specs.js";

const all = blocks("language.md");
const base = all.find(({ text }) => text.startsWith("use std.{Flow, Latents, Onnx, SiT}"))?.text ?? "";

/** A plan that calls every model of a block that has none, so that the models are checked with their sizes. */
function withPlan(block: Block): { text: string; others: Record<string, string> } {
  const models = [...block.text.matchAll(/^model ([a-z]\w*):/gm)].map((m) => m[1] ?? "");
  if (/^(train|sample) /m.test(block.text) || models.length === 0)
    return { text: block.text, others: { "base.dit": base } };
  const others = { "base.dit": base, "block.dit": block.text };
  const known = block.text === base ? "imagenet, net" : "imagenet";
  const uses = block.text === base ? "" : `use "./block.dit".{${models.join(", ")}}\n`;
  const terms = models.map((m) => `    ${m}: mean(sq(${m}(imagenet.image, 0.5, imagenet.label)))\n`).join("");
  const plan = `train run {\n  data: imagenet, batch: 2, steps: 100_000\n  minimize by AdamW { lr: 1e-4 } {\n${terms}  }\n}\n`;
  return { text: `use std.{AdamW, sq}\nuse "./base.dit".{${known}}\n${uses}${plan}`, others };
}

describe("the code blocks of the reference", () => {
  it("has the neighbour that its examples use", () => {
    assert.notEqual(base, "");
  });

  for (const block of all) {
    it(`§${block.section}, line ${block.line}: loads without a remark`, () => {
      const { text, others } = withPlan(block);
      const spec = clean(text, others);
      assert.ok(spec.trains.length + spec.samples.length > 0);
    });

    it(`§${block.section}, line ${block.line}: is in canonical form`, () => {
      assert.equal(format(new SourceFile("block.dit", block.text)).value, block.text);
    });
  }
});
