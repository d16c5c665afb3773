import assert from "node:assert/strict";
import fc from "fast-check";
import { applyEdits, applyFixes } from "../../compiler/diagnostics/apply-fixes.js";
import type { Fix } from "../../grammar/diagnostic.js";
import { SourceFile } from "../../grammar/source.js";
import { diagnostic } from "./samples.js";

const source = new SourceFile("x.dit", "0123456789");
const span = (pos: number, end: number) => ({ source, pos, end });
const fix = (...edits: [number, number, string][]): Fix => ({
  title: "mend",
  edits: edits.map(([pos, end, text]) => ({ span: span(pos, end), text })),
});
const offering = (...fixes: Fix[]) => diagnostic("c", span(0, 1), "m", { fixes });

describe("apply fixes", () => {
  it("replaces, inserts, deletes", () => {
    const { texts, applied } = applyFixes([offering(fix([8, 9, ""])), offering(fix([2, 2, "+"], [4, 6, "ab"]))]);
    assert.equal(texts.get(source), "01+23ab679");
    assert.equal(applied.length, 2);
  });

  it("lets the second of two that touch the same place wait", () => {
    const { texts, waiting } = applyFixes([offering(fix([2, 5, "x"])), offering(fix([0, 1, "y"], [4, 6, "z"]))]);
    assert.equal(texts.get(source), "01x56789");
    assert.equal(waiting.length, 1);
    assert.equal(applyFixes([offering(fix([3, 3, "a"])), offering(fix([3, 3, "b"]))]).waiting.length, 1);
  });

  it("makes an edit once that two diagnostics ask for", () => {
    const { texts, applied } = applyFixes([offering(fix([0, 0, "use "])), offering(fix([0, 0, "use "], [5, 6, ""]))]);
    assert.equal(texts.get(source), "use 012346789");
    assert.equal(applied.length, 2);
  });

  it("leaves a choice, and files it may not edit, to a person", () => {
    assert.equal(applyFixes([offering(fix([0, 1, "a"]), fix([0, 1, "b"]))]).texts.size, 0);
    assert.equal(applyFixes([offering(fix([0, 1, "a"]))], (file) => file !== source).texts.size, 0);
  });

  it("never applies half a fix, whatever is offered", () => {
    const edit = fc.tuple(fc.nat(10), fc.nat(10), fc.constantFrom("", "a", "bc")).map(([a, b, text]) => ({
      span: span(Math.min(a, b), Math.max(a, b)),
      text,
    }));
    const fixes = fc.array(fc.array(edit, { minLength: 1, maxLength: 3 }).map((edits) => ({ title: "t", edits })));
    fc.assert(
      fc.property(fixes, (list) => {
        const { texts, applied, waiting } = applyFixes(list.map((one) => offering(one)));
        assert.equal(applied.length + waiting.length, list.length);
        const edits = new Map(
          applied.flatMap((one) => one.edits).map((e) => [`${e.span.pos} ${e.span.end} ${e.text}`, e]),
        );
        assert.equal(texts.get(source) ?? source.text, applyEdits(source.text, [...edits.values()]));
      }),
    );
  });
});
