/** Reads a spec and everything it uses, and makes the name table of every file. */
import type { Diagnostic, Outcome } from "../../grammar/diagnostic.js";
import { nearest } from "../../grammar/nearest.js";
import { parse } from "../../grammar/parse.js";
import { SourceFile, type Span } from "../../grammar/source.js";
import type { FileNode, Item } from "../../grammar/tree.js";
import { report } from "../diagnostics/create.js";
import type { Host } from "../host.js";
import { restore } from "./stored.js";
import type { FileSymbol, FileSymbols } from "./symbols.js";

export interface Loaded {
  readonly main: FileSymbols;
  /** The spec and the files it uses, without the library. */
  readonly files: readonly FileSymbols[];
  readonly library: Library;
  /** Some file has syntax errors: later stages would only repeat them. */
  readonly broken: boolean;
}

export interface Library {
  readonly files: readonly FileSymbols[];
  readonly symbols: ReadonlyMap<string, FileSymbol>;
  readonly presets: ReadonlyMap<string, FileSymbols>;
}

/** Library files see each other; all their names are one flat space. */
export function loadLibrary(host: Host): Outcome<Library> {
  const diagnostics: Diagnostic[] = [];
  const files: FileSymbols[] = [];
  const symbols = new Map<string, FileSymbol>();
  const presets = new Map<string, FileSymbols>();
  for (const tree of libraryTrees(host, diagnostics)) {
    const file = tableOf(tree, tree.span.source, true, diagnostics);
    files.push(file);
    for (const [n, symbol] of file.own) symbols.set(n, symbol);
    for (const n of file.presets.keys()) presets.set(n, file);
  }
  for (const file of files) {
    for (const [n, symbol] of symbols) if (!file.seen.has(n)) file.seen.set(n, symbol);
    for (const [n, from] of presets) {
      const preset = from.presets.get(n);
      if (preset && !file.presets.has(n)) {
        file.presets.set(n, preset);
        file.presetFiles.set(n, from);
      }
    }
  }
  return { value: { files, symbols, presets }, diagnostics };
}

function libraryTrees(host: Host, diagnostics: Diagnostic[]): FileNode[] {
  const ready = host.storedStd?.();
  if (ready) return Object.entries(ready).map(([name, file]) => restore(`std/${name}`, file));
  return [...host.readStd()].map(([name, text]) => {
    const outcome = parse(new SourceFile(`std/${name}`, text));
    diagnostics.push(...outcome.diagnostics);
    return outcome.value;
  });
}

export function load(path: string, text: string, host: Host, library: Library): Outcome<Loaded> {
  const diagnostics: Diagnostic[] = [];
  const files = new Map<string, FileSymbols>();
  let broken = false;

  function visit(filePath: string, fileText: string, chain: readonly string[]): FileSymbols {
    const outcome = parse(new SourceFile(filePath, fileText));
    diagnostics.push(...outcome.diagnostics);
    if (outcome.diagnostics.some((d) => d.severity === "error")) broken = true;
    const file = tableOf(outcome.value, outcome.value.span.source, false, diagnostics);
    files.set(filePath, file);
    for (const item of outcome.value.items) {
      if (item.kind !== "Use") continue;
      if (item.from.kind === "library") {
        if (item.from.name.text !== "std") {
          diagnostics.push(report("unknown-library", { name: item.from.name.text }, item.from.name.span));
          continue;
        }
        for (const name of item.names) {
          const symbol = library.symbols.get(name.text);
          if (!symbol) unknownImport(name.text, name.span, "std", library.symbols.keys());
          else bring(file, name.text, symbol, name.span, undefined);
        }
        continue;
      }
      const target = host.join(filePath, item.from.path);
      if (chain.includes(target)) {
        diagnostics.push(report("import-cycle", { path: [...chain, target].join(" -> ") }, item.from.span));
        continue;
      }
      let other = files.get(target);
      if (!other) {
        const otherText = host.readText(target);
        if (otherText === undefined) {
          diagnostics.push(report("no-such-file", { path: item.from.path, resolved: target }, item.from.span));
          for (const name of item.names) file.imports.set(name.text, { span: name.span, from: undefined });
          broken = true;
          continue;
        }
        other = visit(target, otherText, [...chain, target]);
      }
      for (const name of item.names) {
        const symbol = other.own.get(name.text);
        if (!symbol) unknownImport(name.text, name.span, item.from.path, other.own.keys());
        else bring(file, name.text, symbol, name.span, other);
      }
    }
    for (const [n, symbol] of file.seen) {
      if (symbol.kind !== "definition") continue;
      for (const [preset, decl] of symbol.file.presets) {
        if (!preset.startsWith(`${n}.`) || file.presets.has(preset)) continue;
        file.presets.set(preset, decl);
        file.presetFiles.set(preset, symbol.file.presetFiles.get(preset) ?? symbol.file);
      }
    }
    return file;
  }

  function unknownImport(name: string, span: Span, from: string, names: Iterable<string>): void {
    const guess = nearest(name, names);
    broken = true;
    diagnostics.push(
      report(
        "unknown-import",
        { name, from },
        span,
        guess
          ? {
              help: [`did you mean \`${guess}\`?`],
              fixes: [{ title: `write ${guess}`, edits: [{ span, text: guess }] }],
            }
          : {},
      ),
    );
  }

  function bring(file: FileSymbols, name: string, symbol: FileSymbol, span: Span, from: FileSymbols | undefined): void {
    const before = file.own.get(name);
    if (before) {
      diagnostics.push(
        report("duplicate-name", { name }, span, {
          related: [{ span: before.decl.name.span, message: "declared here too" }],
        }),
      );
      return;
    }
    file.seen.set(name, symbol);
    file.imports.set(name, { span, from });
  }

  const main = visit(path, text, [path]);
  return { value: { main, files: [...files.values()], library, broken }, diagnostics };
}

function tableOf(tree: FileNode, source: SourceFile, library: boolean, diagnostics: Diagnostic[]): FileSymbols {
  const file: FileSymbols = {
    source,
    tree,
    library,
    own: new Map(),
    seen: new Map(),
    presets: new Map(),
    presetFiles: new Map(),
    imports: new Map(),
  };
  for (const item of tree.items) {
    if (item.kind === "Use") continue;
    if (item.kind === "Preset") {
      file.presets.set(`${item.of.text}.${item.name.text}`, item);
      file.presetFiles.set(`${item.of.text}.${item.name.text}`, file);
      continue;
    }
    const symbol = symbolOf(item, file);
    const name = item.name.text;
    if (name === "") continue;
    const before = file.own.get(name);
    if (before) {
      diagnostics.push(
        report("duplicate-name", { name }, item.name.span, {
          related: [{ span: before.decl.name.span, message: "first declared here" }],
        }),
      );
      continue;
    }
    file.own.set(name, symbol);
    file.seen.set(name, symbol);
  }
  return file;
}

function symbolOf(item: Exclude<Item, { kind: "Use" } | { kind: "Preset" }>, file: FileSymbols): FileSymbol {
  switch (item.kind) {
    case "Definition":
      return { kind: "definition", decl: item, file };
    case "Fn":
      return { kind: "fn", decl: item, file };
    case "Instance":
      return { kind: "instance", decl: item, file };
    case "Param":
      return { kind: "param", decl: item, file };
    case "Plan":
      return { kind: "plan", decl: item, file };
    case "Layout":
      return { kind: "layout", decl: item, file };
    case "Sweep":
      return { kind: "sweep", decl: item, file };
  }
}
