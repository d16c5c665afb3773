/** The renderers for machines: json, sarif, github, junit. */
import assert from "node:assert/strict";
import { countsOf, reportOf, summaryOf } from "../../compiler/diagnostics/findings.js";
import { renderGithub } from "../../compiler/diagnostics/render/github.js";
import { renderJson } from "../../compiler/diagnostics/render/json.js";
import { renderJunit } from "../../compiler/diagnostics/render/junit.js";
import { renderSarif } from "../../compiler/diagnostics/render/sarif.js";
import { diagnostic, mismatch, misspelt, suspicious } from "./samples.js";

const report = reportOf(["ablation.dit", misspelt.path, "clean.dit"], [mismatch, suspicious]);

describe("diagnostics for machines", () => {
  it("count and sum up", () => {
    assert.equal(summaryOf(countsOf(report)), "failed: 3 files, 1 error, 1 warning");
    assert.equal(summaryOf({ files: 14, errors: 0, warnings: 0 }), "ok: 14 files, 0 errors, 0 warnings");
    assert.equal(summaryOf({ files: 1, errors: 0, warnings: 2 }), "ok: 1 file, 0 errors, 2 warnings");
  });

  it("json", () => {
    const json = JSON.parse(renderJson(report));
    assert.deepEqual(Object.keys(json), ["version", "files", "errors", "warnings", "checked", "diagnostics"]);
    assert.deepEqual(json.diagnostics[0], {
      code: "unused-setting",
      severity: "warning",
      message: "nobody reads `stepz`: <a & b>",
      file: "a/b c.dit",
      start: { line: 2, column: 13, offset: 24 },
      end: { line: 2, column: 18, offset: 29 },
      related: [],
      help: [],
      notes: ["100 %, so far"],
      fixes: [
        {
          title: "write `steps`",
          edits: [
            {
              file: "a/b c.dit",
              start: { line: 2, column: 13, offset: 24 },
              end: { line: 2, column: 18, offset: 29 },
              text: "steps",
            },
          ],
        },
      ],
    });
    assert.equal(json.diagnostics[1].related[0].message, "196 comes from here");
  });

  it("sarif", () => {
    const page = { area: "types", severity: "error", explain: "Sizes differ.\nMore.", example: undefined } as const;
    const catalog = new Map([["axis-mismatch", { code: "axis-mismatch", ...page }]]);
    const sarif = JSON.parse(renderSarif(report, "1.2.3", catalog));
    assert.equal(sarif.version, "2.1.0");
    const [run] = sarif.runs;
    assert.deepEqual(run.tool.driver.rules, [
      {
        id: "axis-mismatch",
        shortDescription: { text: "Sizes differ." },
        fullDescription: { text: "Sizes differ.\nMore." },
        help: { text: "Sizes differ.\nMore.\n\nMore: dit explain axis-mismatch" },
        defaultConfiguration: { level: "error" },
        properties: { tags: ["types"] },
      },
    ]);
    const region = { startLine: 2, startColumn: 13, endLine: 2, endColumn: 18, charOffset: 24, charLength: 5 };
    assert.deepEqual(run.results[0], {
      ruleId: "unused-setting",
      level: "warning",
      message: { text: "nobody reads `stepz`: <a & b>\nNote: 100 %, so far" },
      locations: [{ physicalLocation: { artifactLocation: { uri: "a/b%20c.dit" }, region } }],
      fixes: [
        {
          description: { text: "write `steps`" },
          artifactChanges: [
            {
              artifactLocation: { uri: "a/b%20c.dit" },
              replacements: [{ deletedRegion: region, insertedContent: { text: "steps" } }],
            },
          ],
        },
      ],
    });
    assert.equal(run.results[1].ruleIndex, 0);
    assert.deepEqual(
      run.results[1].relatedLocations.map((r: { id: number; message: { text: string } }) => [r.id, r.message.text]),
      [
        [1, "196 comes from here"],
        [2, "[batch: 256, token: 256, dim: 768]"],
      ],
    );
  });

  it("github", () => {
    assert.equal(
      renderGithub(reportOf([misspelt.path], [suspicious])),
      "::warning file=a/b c.dit,line=2,endLine=2,col=13,endColumn=17,title=unused-setting::nobody reads `stepz`: <a & b>%0Anote: 100 %25, so far\n",
    );
    const odd = { ...suspicious, code: "a:b,c" };
    assert.match(renderGithub(reportOf([], [odd])), /title=a%3Ab%2Cc::/);
    assert.match(
      renderGithub(report),
      /^::error file=ablation\.dit,line=22,endLine=22,col=21,endColumn=43,title=axis-mismatch::/m,
    );
    assert.match(renderGithub(report), /%0Aablation\.dit:9:69: 196 comes from here%0A/);
  });

  it("junit", () => {
    const broken = diagnostic("c", suspicious.span, 'a "quoted" <tag> \u0001');
    const xml = renderJunit(reportOf([misspelt.path, "clean.dit"], [suspicious, broken]));
    assert.equal(
      xml,
      [
        `<?xml version="1.0" encoding="UTF-8"?>`,
        `<testsuites name="dit check" tests="3" failures="1" errors="0">`,
        `  <testsuite name="a/b c.dit" tests="2" failures="1" errors="0">`,
        `    <testcase classname="a/b c.dit" name="unused-setting at a/b c.dit:2:13" file="a/b c.dit" line="2">`,
        `      <system-out>warning[unused-setting]: nobody reads \`stepz\`: &lt;a &amp; b&gt;`,
        `  --&gt; a/b c.dit:2:13`,
        `  |`,
        `2 |   batch: 4, stepz: 100%`,
        `  |             ^^^^^`,
        `  = help: write \`steps\``,
        `  = note: 100 %, so far`,
        `  = more: dit explain unused-setting</system-out>`,
        `    </testcase>`,
        `    <testcase classname="a/b c.dit" name="c at a/b c.dit:2:13" file="a/b c.dit" line="2">`,
        `      <failure type="c" message="a &quot;quoted&quot; &lt;tag&gt; \ufffd">error[c]: a "quoted" &lt;tag&gt; \u2401`,
        `  --&gt; a/b c.dit:2:13`,
        `  |`,
        `2 |   batch: 4, stepz: 100%`,
        `  |             ^^^^^`,
        `  = more: dit explain c</failure>`,
        `    </testcase>`,
        `  </testsuite>`,
        `  <testsuite name="clean.dit" tests="1" failures="0" errors="0">`,
        `    <testcase classname="clean.dit" name="check"/>`,
        `  </testsuite>`,
        `</testsuites>`,
        ``,
      ].join("\n"),
    );
  });
});
