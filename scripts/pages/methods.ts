/** docs/methods/NAME.md: a file of the library as its doc comments tell it, with what its example costs. */
import { amount, bytes } from "../../cli/numbers.js";
import { parse } from "../../grammar/parse.js";
import { printExpr, printType } from "../../grammar/print.js";
import { SourceFile } from "../../grammar/source.js";
import type { Definition, FileNode, FnDecl, LayoutDecl, PresetDecl, SettingDecl } from "../../grammar/tree.js";
import { library } from "../../spec/language/specs.js";
import { baselines, costsOf, examples } from "./examples.js";

type Shown = Definition | FnDecl | PresetDecl | LayoutDecl;

export function methodPages(): Map<string, string> {
  const pages = new Map([...library].map(([file, text]) => [file.replace(/\.dit$/, ".md"), pageOf(file, text)]));
  return pages.set("README.md", indexOf());
}

function read(file: string, text: string): FileNode {
  const { value } = parse(new SourceFile(file, text));
  return value;
}

/** Lines at the top that are no doc comments: paper, repository, files. */
function head(text: string): string[] {
  const lines = text.split("\n");
  const end = lines.findIndex((line) => !/^\/\/(?!\/)/.test(line));
  return lines.slice(0, end).map((line) => line.replace(/^\/\/ ?/, ""));
}

function namesOf({ items }: FileNode): string[] {
  return items.flatMap((item) => (shown(item) && item.kind !== "Preset" ? [item.name.text] : []));
}

function shown(item: FileNode["items"][number]): item is Shown {
  return item.kind === "Definition" || item.kind === "Fn" || item.kind === "Preset" || item.kind === "Layout";
}

function pageOf(file: string, text: string): string {
  const tree = read(file, text);
  const definitions = tree.items.filter(shown);
  return [
    `# ${file}`,
    "",
    ...quoted(head(text)),
    `The file: [compiler/std/${file}](../../compiler/std/${file}). \`npm run pages\` writes this page from it.`,
    "",
    ...usedBy(new Set(namesOf(tree))),
    ...definitions.flatMap((item) => sectionOf(item, definitions, text)),
  ]
    .join("\n")
    .replace(/\n{3,}/g, "\n\n");
}

/** Lines that are indented stay as they are: they are code, or tables. */
function quoted(lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return [
    ...lines.flatMap((line, i) => {
      const code = line.startsWith("  ");
      const before = i > 0 && (lines[i - 1] ?? "").startsWith("  ");
      if (code === before) return [line];
      return code ? ["", "```", line] : ["```", "", line];
    }),
    ...(lines.at(-1)?.startsWith("  ") ? ["```"] : []),
    "",
  ];
}

function sectionOf(item: Shown, all: readonly Shown[], text: string): string[] {
  if (item.kind === "Preset") return [];
  const { name, doc, span } = item;
  const kind = item.kind === "Definition" ? item.of : item.kind === "Fn" ? "fn" : "layout";
  const presets = all.filter((one) => one.kind === "Preset" && one.of.text === name.text);
  return [
    `## ${name.text}`,
    "",
    `*${kind}*${doc ? `. ${doc.replaceAll("\n", " ")}` : ""}`,
    "",
    ...(item.kind === "Definition" ? settingsOf(item.settings) : []),
    ...(presets.length > 0 ? ["```dit", ...presets.map((one) => textAt(text, one.span)), "```", ""] : []),
    "<details><summary>source</summary>",
    "",
    "```dit",
    textAt(text, span),
    "```",
    "",
    "</details>",
    "",
  ];
}

function textAt(text: string, { pos, end }: { readonly pos: number; readonly end: number }): string {
  return text.slice(pos, end).trimEnd();
}

function settingsOf(settings: readonly SettingDecl[]): string[] {
  if (settings.length === 0) return [];
  const rows = settings.map(({ name, type, value, doc }) => {
    const fallback = value ? `\`${cell(printExpr(value))}\`` : "to be given";
    return `| \`${name.text}\` | \`${cell(printType(type))}\` | ${fallback} | ${cell(doc ?? "")} |`;
  });
  return ["| setting | type | default | |", "| --- | --- | --- | --- |", ...rows, ""];
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replace(/\s+/g, " ");
}

/** Examples that take a name of the file, and what the first of them costs beside its baseline. */
function usedBy(names: ReadonlySet<string>): string[] {
  const using = [...examples].filter(([, text]) => {
    const [, list = ""] = /^use std\.\{([^}]*)\}/m.exec(text) ?? [];
    return list.split(",").some((name) => names.has(name.trim()));
  });
  if (using.length === 0 || using.length > 14) return [];
  const links = using.map(([name]) => `[${name}.dit](../../examples/${name}.dit)`);
  return [`Examples: ${links.join(", ")}.`, "", ...costTable(using.map(([name]) => name))];
}

function costTable(names: readonly string[]): string[] {
  const pairs = names.flatMap((name) => {
    const base = baselines.get(name);
    return base === undefined ? [] : [{ name, base }];
  });
  if (pairs.length === 0) return [];
  const rows = pairs.map(({ name, base }) => {
    const [own, other] = [costsOf(name), costsOf(base)];
    const flops = `${amount(own.flops, "FLOP")} (${ratio(own.flops, other.flops)})`;
    const perSample = (costs: typeof own) => costs.bytes / costs.batch;
    const memory = `${bytes(perSample(own))} (${ratio(perSample(own), perSample(other))})`;
    return `| ${name} | ${base} | ${amount(own.parameters)} (${ratio(own.parameters, other.parameters)}) | ${flops} | ${memory} |`;
  });
  return [
    "What a training costs, and in brackets how many times its baseline (`dit cost`):",
    "",
    "| example | baseline | parameters | a sample, forward and backward | memory a sample |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
    "",
  ];
}

function ratio(own: number, other: number): string {
  return (own / other).toFixed(3);
}

function indexOf(): string {
  const rows = [...library].map(([file, text]) => {
    const names = namesOf(read(file, text)).map((name) => `\`${name}\``);
    return `| [${file}](${file.replace(/\.dit$/, ".md")}) | ${cell(head(text)[0] ?? "")} | ${names.join(", ")} |`;
  });
  return [
    "# Methods",
    "",
    "One page a file of the library, written by `npm run pages` from the doc comments in it; [language.md](../../spec/language.md) says how",
    "definitions are used, [library.md](../../spec/library.md) is all of it in one text.",
    "",
    "| file | | definitions |",
    "| --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}
