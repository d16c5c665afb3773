/** JUnit XML: one suite a file, one case a diagnostic; a clean file is one case that passed. Warnings pass and are printed. */
import type { Diagnostic } from "../../../grammar/diagnostic.js";
import { countsOf, placeOf, type Report } from "../findings.js";
import { renderOne } from "./pretty.js";

export function renderJunit(report: Report): string {
  const names = new Set([...report.files, ...report.diagnostics.map((d) => d.span.source.path)]);
  const suites = [...names].map((name) =>
    suite(
      name,
      report.diagnostics.filter((d) => d.span.source.path === name),
    ),
  );
  const tests = suites.reduce((sum, { tests }) => sum + tests, 0);
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<testsuites name="dit check" tests="${tests}" failures="${countsOf(report).errors}" errors="0">`,
    ...suites.flatMap(({ rows }) => rows),
    `</testsuites>`,
    ``,
  ].join("\n");
}

function suite(name: string, diagnostics: readonly Diagnostic[]): { tests: number; rows: string[] } {
  const tests = Math.max(1, diagnostics.length);
  const failures = diagnostics.filter((d) => d.severity === "error").length;
  const cases = diagnostics.length
    ? diagnostics.map(testCase)
    : [`    <testcase classname="${attribute(name)}" name="check"/>`];
  return {
    tests,
    rows: [
      `  <testsuite name="${attribute(name)}" tests="${tests}" failures="${failures}" errors="0">`,
      ...cases,
      `  </testsuite>`,
    ],
  };
}

function testCase(d: Diagnostic): string {
  const file = attribute(d.span.source.path);
  const { line } = d.span.source.position(d.span.pos);
  const open = `    <testcase classname="${file}" name="${attribute(`${d.code} at ${placeOf(d.span)}`)}" file="${file}" line="${line}">`;
  const text = content(renderOne(d));
  const inside =
    d.severity === "error"
      ? `<failure type="${attribute(d.code)}" message="${attribute(d.message)}">${text}</failure>`
      : `<system-out>${text}</system-out>`;
  return `${open}\n      ${inside}\n    </testcase>`;
}

function content(text: string): string {
  return legal(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function attribute(text: string): string {
  return content(text).replaceAll('"', "&quot;").replaceAll("\n", "&#10;").replaceAll("\t", "&#9;");
}

/** XML 1.0 has no way to write most control characters, nor half a surrogate pair. */
function legal(text: string): string {
  return Array.from(text, (c) => {
    const point = c.codePointAt(0) ?? 0;
    const bad =
      (point < 32 && point !== 9 && point !== 10 && point !== 13) ||
      (point >= 0xd800 && point < 0xe000) ||
      (point & 0xfffe) === 0xfffe;
    return bad ? "\ufffd" : c;
  }).join("");
}
