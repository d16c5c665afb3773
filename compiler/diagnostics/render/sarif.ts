/** SARIF 2.1.0, what code scanning services read. Rules are the whole catalog. */
import type { Diagnostic, Fix } from "../../../grammar/diagnostic.js";
import type { Span } from "../../../grammar/source.js";
import { type Page, pages } from "../catalog.js";
import type { Report } from "../findings.js";

const schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

export function renderSarif(report: Report, version: string, catalog: ReadonlyMap<string, Page> = pages()): string {
  const codes = [...catalog.keys()];
  const run = {
    tool: { driver: { name: "dit", version, rules: [...catalog.values()].map(ruleOf) } },
    columnKind: "utf16CodeUnits",
    artifacts: report.files.map((path) => ({ location: { uri: uriOf(path) } })),
    results: report.diagnostics.map((d) => resultOf(d, codes.indexOf(d.code))),
  };
  return `${JSON.stringify({ $schema: schema, version: "2.1.0", runs: [run] }, undefined, 2)}\n`;
}

function ruleOf(page: Page) {
  const [first = page.code] = page.explain.trim().split("\n");
  return {
    id: page.code,
    shortDescription: { text: first },
    fullDescription: { text: page.explain.trim() },
    help: { text: `${page.explain.trim()}\n\nMore: dit explain ${page.code}` },
    defaultConfiguration: { level: page.severity },
    properties: { tags: [page.area] },
  };
}

function resultOf(d: Diagnostic, index: number) {
  return {
    ruleId: d.code,
    ...(index >= 0 ? { ruleIndex: index } : {}),
    level: d.severity,
    message: {
      text: [d.message, ...d.help.map((text) => `Help: ${text}`), ...d.notes.map((text) => `Note: ${text}`)].join("\n"),
    },
    locations: [locationOf(d.span)],
    ...(d.related.length
      ? {
          relatedLocations: d.related.map((r, i) => ({
            id: i + 1,
            ...locationOf(r.span),
            message: { text: r.message },
          })),
        }
      : {}),
    ...(d.fixes.length ? { fixes: d.fixes.map(fixOf) } : {}),
  };
}

function fixOf(fix: Fix) {
  const sources = new Set(fix.edits.map((edit) => edit.span.source));
  return {
    description: { text: fix.title },
    artifactChanges: [...sources].map((source) => ({
      artifactLocation: { uri: uriOf(source.path) },
      replacements: fix.edits
        .filter((edit) => edit.span.source === source)
        .map((edit) => ({
          deletedRegion: regionOf(edit.span),
          ...(edit.text ? { insertedContent: { text: edit.text } } : {}),
        })),
    })),
  };
}

function locationOf(span: Span) {
  return { physicalLocation: { artifactLocation: { uri: uriOf(span.source.path) }, region: regionOf(span) } };
}

/** The end column of SARIF is the one after the last character, as ours. */
function regionOf(span: Span) {
  const start = span.source.position(span.pos);
  const end = span.source.position(span.end);
  return {
    startLine: start.line,
    startColumn: start.column,
    endLine: end.line,
    endColumn: end.column,
    charOffset: span.pos,
    charLength: span.end - span.pos,
  };
}

function uriOf(path: string): string {
  return path.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");
}
