/** What the static pass over one file carries: the file, what was read in it, what it found. */
import type { Diagnostic, Extras } from "../../grammar/diagnostic.js";
import type { Span } from "../../grammar/source.js";
import type { Definition, FnDecl, InstanceDecl, Ref } from "../../grammar/tree.js";
import { type ArgsOfCode, type Code, report } from "../diagnostics/create.js";
import { builtinNames } from "../elaborate/builtins/index.js";
import type { Library } from "./load.js";
import type { Entry, Space } from "./space.js";
import { suggest, suggestName } from "./suggest.js";
import type { FileSymbol, FileSymbols } from "./symbols.js";

export class Checker {
  readonly diagnostics: Diagnostic[] = [];
  /** Names of the file's own table and imports that something reads. */
  readonly used = new Set<string>();
  /** Names after a dot anywhere: settings are read from outside by them. */
  readonly members = new Set<string>();
  /** Imported names that do not exist: said once, at the import. */
  readonly poisoned = new Set<string>();
  /** The instance whose `with` is being looked at. */
  wiring = "this body";
  /** Settings that no equation of their definition reads; what is read from outside (`o.steps`) is known only at the end. */
  readonly unread: { readonly name: string; readonly span: Span; readonly of: Definition }[] = [];

  constructor(
    readonly file: FileSymbols,
    readonly library: Library,
  ) {
    for (const item of file.tree.items)
      if (item.kind === "Use") for (const n of item.names) if (!file.seen.has(n.text)) this.poisoned.add(n.text);
  }

  report<K extends Code>(code: K, args: ArgsOfCode<K>, span: Span, extras?: Extras): void {
    this.diagnostics.push(report(code, args, span, extras));
  }

  /** Marks a name of the file as read; what is not there by that name is `undefined`. */
  symbol(name: string): FileSymbol | undefined {
    const symbol = this.file.seen.get(name);
    if (symbol) this.used.add(name);
    return symbol;
  }

  /** Reads a value name where it stands; an unknown one is reported. */
  readName(name: string, span: Span, space: Space): void {
    if (name === "") return;
    const entry = space.find(name);
    if (entry) {
      entry.uses += 1;
      return;
    }
    if (this.symbol(name) || builtinNames.has(name) || this.poisoned.has(name)) return;
    if (space.sizesOpen) return;
    this.unknownName(name, span, space);
  }

  unknownName(name: string, span: Span, space: Space): void {
    const near = [...space.names(), ...this.file.seen.keys(), ...builtinNames];
    this.report("unknown-name", { name }, span, suggestName(name, span, near, this.file, this.library.symbols));
  }

  /** Whether a name means anything here, without reading it. */
  knows(name: string, space: Space): boolean {
    return (
      space.find(name) !== undefined || this.file.seen.has(name) || builtinNames.has(name) || this.poisoned.has(name)
    );
  }

  /** An axis that is named, not made. */
  readAxis(name: string, span: Span, space: Space): void {
    if (name === "") return;
    if (space.isAxisName(name)) {
      const e = space.find(name);
      if (e) e.uses += 1;
      return;
    }
    const size = space.find(name);
    if (size?.kind === "size") size.uses += 1;
    const axes = space.axes;
    if (!axes || axes.has(name)) return;
    this.report("unknown-axis", { axis: name, has: undefined }, span, suggest(name, span, space.allAxes()));
  }

  /** The definition named in upper case; anything else by that name is no definition. */
  definition(name: string, span: Span): Definition | undefined {
    const symbol = this.symbol(name);
    if (symbol?.kind === "definition") return symbol.decl;
    if (symbol || this.poisoned.has(name) || name === "") return undefined;
    this.report(
      "unknown-definition",
      { name },
      span,
      suggestName(name, span, this.file.seen.keys(), this.file, this.library.symbols),
    );
    return undefined;
  }

  /** `Net.B`: settings that the preset gives. */
  preset(of: string, member: Ref["member"]): readonly string[] | undefined {
    if (!member) return [];
    const preset = this.file.presets.get(`${of}.${member.text}`);
    if (preset) return preset.settings.map((s) => s.name.text);
    const known = [...this.file.presets.keys()]
      .filter((k) => k.startsWith(`${of}.`))
      .map((k) => k.slice(of.length + 1));
    if (this.file.seen.get(of)?.kind === "definition")
      this.report(
        "unknown-preset",
        { preset: `${of}.${member.text}` },
        member.span,
        suggest(member.text, member.span, known, [
          known.length > 0 ? `presets of \`${of}\`: ${known.join(", ")}` : `\`${of}\` has no presets`,
        ]),
      );
    return undefined;
  }

  /** The definition behind an instance or a reference to one, as far as names tell. */
  behind(ref: Ref, space: Space, depth = 0): Definition | undefined {
    const name = ref.name.text;
    if (/^[A-Z]/.test(name)) {
      const symbol = this.file.seen.get(name);
      return symbol?.kind === "definition" ? symbol.decl : undefined;
    }
    const entry = space.find(name);
    if (entry)
      return entry.decl?.kind === "Instance" && depth < 20 ? this.behind(entry.decl.ref, space, depth + 1) : undefined;
    const symbol = this.file.seen.get(name);
    return symbol?.kind === "instance" ? definitionOfInstance(symbol.decl, symbol.file) : undefined;
  }

  /** What a call of `name` takes, if names tell. */
  callee(name: string, space: Space): { decl: Definition | FnDecl; more: readonly InstanceDecl[] } | undefined {
    const entry: Entry | undefined = space.find(name);
    if (entry) {
      if (entry.decl?.kind === "Fn") return { decl: entry.decl, more: [] };
      const decl = entry.decl?.kind === "Instance" ? this.behind(entry.decl.ref, space) : undefined;
      return decl && entry.decl?.kind === "Instance" ? { decl, more: [entry.decl] } : undefined;
    }
    const symbol = this.file.seen.get(name);
    if (symbol?.kind === "fn") return { decl: symbol.decl, more: [] };
    if (symbol?.kind === "instance") {
      const decl = definitionOfInstance(symbol.decl, symbol.file);
      return decl && { decl, more: wirings(symbol.decl, symbol.file) };
    }
    return undefined;
  }
}

export function definitionOfInstance(decl: InstanceDecl, file: FileSymbols, depth = 0): Definition | undefined {
  const symbol = file.seen.get(decl.ref.name.text);
  if (symbol?.kind === "definition") return symbol.decl;
  if (symbol?.kind === "instance" && depth < 20) return definitionOfInstance(symbol.decl, symbol.file, depth + 1);
  return undefined;
}

/** The instance and those it is another wiring of. */
export function wirings(decl: InstanceDecl, file: FileSymbols, depth = 0): InstanceDecl[] {
  const symbol = file.seen.get(decl.ref.name.text);
  return symbol?.kind === "instance" && depth < 20 ? [decl, ...wirings(symbol.decl, symbol.file, depth + 1)] : [decl];
}
