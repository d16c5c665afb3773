/** Which names the print may use for definitions and functions, and which imports that takes. */
import type { FileSymbol, FileSymbols } from "../names/symbols.js";

export class Names {
  private readonly added = new Map<string, Set<string>>();

  constructor(private readonly main: FileSymbols) {}

  /** The name under which a symbol can be written in the spec; `undefined` if that name means something else there. */
  of(name: string, symbol: FileSymbol): string | undefined {
    const seen = this.main.seen.get(name);
    if (seen) return seen.decl === symbol.decl ? name : undefined;
    const from = this.source(symbol.file);
    if (from === undefined) return undefined;
    const names = this.added.get(from) ?? new Set();
    this.added.set(from, names.add(name));
    return name;
  }

  /** What stands between `use` and `.{` for a file that is imported already, or for the library. */
  private source(file: FileSymbols): string | undefined {
    if (file.library) return "std";
    for (const item of this.main.tree.items) {
      if (item.kind !== "Use" || item.from.kind !== "file") continue;
      if (item.names.some((name) => this.main.seen.get(name.text)?.file === file))
        return JSON.stringify(item.from.path);
    }
    return undefined;
  }

  /** `use` lines for the names that `body` mentions, upper case first. */
  uses(body: string): string[] {
    const words = new Set(body.match(/[A-Za-z_]\w*/g));
    const wanted = new Map<string, Set<string>>();
    const want = (from: string, name: string) => {
      if (words.has(name)) wanted.set(from, (wanted.get(from) ?? new Set()).add(name));
    };
    for (const item of this.main.tree.items) {
      if (item.kind !== "Use") continue;
      const from = item.from.kind === "library" ? item.from.name.text : JSON.stringify(item.from.path);
      for (const name of item.names) want(from, name.text);
    }
    for (const [from, names] of this.added) for (const name of names) want(from, name);
    return [...wanted]
      .sort(([a], [b]) => (a < b ? 1 : -1))
      .flatMap(([from, names]) => useLines(from, [...names].sort()));
  }
}

/** Code points put upper case first. */
function useLines(from: string, names: readonly string[]): string[] {
  const lines: string[][] = [];
  let width = 0;
  for (const name of names) {
    const last = lines.at(-1);
    if (last && width + name.length + 2 <= 125) {
      last.push(name);
      width += name.length + 2;
    } else {
      lines.push([name]);
      width = from.length + 8 + name.length;
    }
  }
  return lines.map((list) => `use ${from}.{${list.join(", ")}}`);
}
