/** Hand-made diagnostics for the renderers. */
import type { Diagnostic } from "../../grammar/diagnostic.js";
import { SourceFile, type Span } from "../../grammar/source.js";

/** The span of the `nth` occurrence (from 1) of a text. */
export function at(source: SourceFile, text: string, nth = 1): Span {
  let pos = -1;
  for (let i = 0; i < nth; i++) pos = source.text.indexOf(text, pos + 1);
  if (pos < 0) throw new Error(`${source.path} has no ${nth}. ${JSON.stringify(text)}`);
  return { source, pos, end: pos + text.length };
}

export function diagnostic(code: string, span: Span, message: string, more: Partial<Diagnostic> = {}): Diagnostic {
  return { code, severity: "error", message, span, related: [], help: [], notes: [], fixes: [], ...more };
}

const lines: Record<number, string> = {
  9: '  encoder dino: Onnx { file: "dinov2-b.onnx", input: 224, patches: [token: 196, feature: 768] }',
  22: "  align: 0.5 * repa(pass.model.block(9).out, dino(imagenet.pixels).patches)",
};

export const ablation = new SourceFile(
  "ablation.dit",
  Array.from({ length: 24 }, (_, i) => lines[i + 1] ?? "").join("\n"),
);

/** The example of the language reference. */
export const mismatch = diagnostic(
  "axis-mismatch",
  at(ablation, "pass.model.block(9).out"),
  "`token` is 256 here and 196 there",
  {
    related: [
      { span: at(ablation, "token: 196"), message: "196 comes from here" },
      { span: at(ablation, "pass.model.block(9).out"), message: "[batch: 256, token: 256, dim: 768]" },
    ],
    help: ["resample the teacher: `resize[token](dino(imagenet.pixels).patches, 256)`"],
  },
);

export const misspelt = new SourceFile("a/b c.dit", "train run {\n  batch: 4, stepz: 100%\n}\n");

/** A warning with a fix and special characters. */
export const suspicious = diagnostic("unused-setting", at(misspelt, "stepz"), "nobody reads `stepz`: <a & b>", {
  severity: "warning",
  notes: ["100 %, so far"],
  fixes: [{ title: "write `steps`", edits: [{ span: at(misspelt, "stepz"), text: "steps" }] }],
});
