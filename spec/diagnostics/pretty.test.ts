import assert from "node:assert/strict";
import { reportOf } from "../../compiler/diagnostics/findings.js";
import { renderOne, renderPretty } from "../../compiler/diagnostics/render/pretty.js";
import { SourceFile } from "../../grammar/source.js";
import { ablation, at, diagnostic, mismatch, misspelt, suspicious } from "./samples.js";

const rows = (...lines: string[]) => lines.join("\n");

describe("pretty diagnostics", () => {
  it("print the example of the language reference", () => {
    assert.equal(
      renderOne(mismatch),
      rows(
        "error[axis-mismatch]: `token` is 256 here and 196 there",
        "   --> ablation.dit:22:21",
        "   |",
        ' 9 |   encoder dino: Onnx { file: "dinov2-b.onnx", input: 224, patches: [token: 196, feature: 768] }',
        "   |                                                                     ---------- 196 comes from here",
        "22 |   align: 0.5 * repa(pass.model.block(9).out, dino(imagenet.pixels).patches)",
        "   |                     ^^^^^^^^^^^^^^^^^^^^^^^ [batch: 256, token: 256, dim: 768]",
        "   = help: resample the teacher: `resize[token](dino(imagenet.pixels).patches, 256)`",
        "   = more: dit explain axis-mismatch",
      ),
    );
  });

  it("show a frame for each file, the file of the mistake first", () => {
    const library = new SourceFile("std/repa.dit", "/// doc\nloss Repa (h: [token]) -> [] = h");
    const text = renderOne(
      diagnostic("wrong", at(ablation, "repa"), "no", {
        related: [{ span: at(library, "Repa"), message: "this one" }],
        help: ["first\nsecond"],
      }),
    );
    assert.equal(
      text,
      rows(
        "error[wrong]: no",
        "   --> ablation.dit:22:16",
        "   |",
        "22 |   align: 0.5 * repa(pass.model.block(9).out, dino(imagenet.pixels).patches)",
        "   |                ^^^^",
        "   --> std/repa.dit:2:6",
        "   |",
        " 2 | loss Repa (h: [token]) -> [] = h",
        "   |      ---- this one",
        "   = help: first",
        "           second",
        "   = more: dit explain wrong",
      ),
    );
  });

  it("put several places of one line on rows that do not hide each other", () => {
    const source = new SourceFile("x.dit", "let y = left + right");
    const text = renderOne(
      diagnostic("outer", at(source, "+"), "no", {
        related: [
          { span: at(source, "left"), message: "[token]" },
          { span: at(source, "right"), message: "[dim]" },
        ],
      }),
    );
    assert.equal(
      text,
      rows(
        "error[outer]: no",
        "  --> x.dit:1:14",
        "  |",
        "1 | let y = left + right",
        "  |         ---- [token]",
        "  |              ^ ----- [dim]",
        "  = more: dit explain outer",
      ),
    );
  });

  it("offer fixes, say notes", () => {
    assert.equal(
      renderPretty(reportOf([misspelt.path], [suspicious])),
      rows(
        "warning[unused-setting]: nobody reads `stepz`: <a & b>",
        "  --> a/b c.dit:2:13",
        "  |",
        "2 |   batch: 4, stepz: 100%",
        "  |             ^^^^^",
        "  = help: write `steps`",
        "  = note: 100 %, so far",
        "  = more: dit explain unused-setting",
        "",
      ),
    );
  });

  it("underline by what the screen shows: tabs, wide and hostile characters, ends of files", () => {
    const source = new SourceFile("x.dit", "\t日本 \u001b[31m= 一x");
    const shown = renderOne(diagnostic("c", at(source, "x"), "m\u0007"));
    assert.equal(
      shown,
      rows(
        "error[c]: m\u2407",
        "  --> x.dit:1:13",
        "  |",
        "1 |     日本 \u241b[31m= 一x",
        `  | ${" ".repeat(18)}^`,
        "  = more: dit explain c",
      ),
    );
    const empty = new SourceFile("x.dit", "");
    assert.match(
      renderOne(diagnostic("c", { source: empty, pos: 0, end: 0 }, "m")),
      /x\.dit:1:1\n {2}\|\n1 \|\n {2}\| \^\n/,
    );
    const past = { source: empty, pos: 5, end: 9 };
    assert.match(renderOne(diagnostic("c", past, "m")), /\n {2}\| \^\n/);
  });

  it("cut long lines around the place and say where a span of several lines ends", () => {
    const long = new SourceFile("x.dit", `${"a".repeat(5000)}HERE${"b".repeat(5000)}`);
    const [, , , line = "", under = ""] = renderOne(diagnostic("c", at(long, "HERE"), "m")).split("\n");
    assert.ok(line.length < 220);
    assert.equal(line.indexOf("HERE"), under.indexOf("^^^^"));
    const block = new SourceFile("x.dit", "sample s {\n  count: 1\n}\n");
    const span = { source: block, pos: 0, end: block.text.length - 1 };
    assert.match(renderOne(diagnostic("c", span, "m")), /\n {2}\| \^{10} to line 3\n/);
  });

  it("say each thing once, ordered by place", () => {
    const report = reportOf(["ablation.dit"], [mismatch, diagnostic("z", at(ablation, "Onnx"), "first"), mismatch]);
    assert.deepEqual(
      report.diagnostics.map((d) => d.code),
      ["z", "axis-mismatch"],
    );
  });

  it("use colours only if they are given", () => {
    const wrap = (mark: string) => (text: string) => `<${mark}>${text}</${mark}>`;
    const palette = { error: wrap("e"), warning: wrap("w"), second: wrap("s"), frame: wrap("f"), strong: wrap("b") };
    const text = renderOne(mismatch, palette);
    assert.match(text, /^<e>error\[axis-mismatch\]<\/e><b>: `token`/);
    assert.match(text, /<s>-{10} 196 comes from here<\/s>/);
    assert.match(text, /<e>\^{23} \[batch: 256, token: 256, dim: 768\]<\/e>/);
    assert.equal(text.replaceAll(/<\/?[ewsfb]>/g, ""), renderOne(mismatch));
  });
});
