/** All settings of one use of a definition: those that were written, those of its preset, and the defaults as they come out here. */
import type { DefExpr, Expr, Ref, Setting, SettingDecl } from "../../grammar/tree.js";
import { settingsScope } from "../elaborate/call.js";
import type { Ctx } from "../elaborate/ctx.js";
import { plain } from "../elaborate/evaluation.js";
import { fileScope } from "../elaborate/files.js";
import type { Instance } from "../elaborate/instance.js";
import { namedDefinition, planSettingKeys, refine, typedValue } from "../elaborate/make-instance.js";
import type { Scope } from "../elaborate/scope.js";
import type { DefinitionVal, Val } from "../elaborate/values.js";
import type { DefinitionSymbol, FileSymbols } from "../names/symbols.js";
import type { Names } from "./names.js";
import { editedText, flat, numberText, valueText } from "./text.js";
import { definitionsIn } from "./walk.js";

export interface Piece {
  /** `ratio: 4` */
  readonly text: string;
  /** `undefined`: written by the user or by a preset; otherwise where it is from. */
  readonly note?: string | undefined;
}

/** Of a definition that is handed on: settings its user gives or offers, and whether more is done with it than that. */
interface Host {
  readonly taken: ReadonlySet<string>;
  readonly free: boolean;
}

const anywhere: Host = { taken: new Set(), free: true };

export class Settings {
  constructor(
    private readonly ctx: Ctx,
    private readonly main: FileSymbols,
    private readonly names: Names,
    /** Values in place of what was written: for the hash. */
    private readonly canonical: boolean,
  ) {}

  /** Runs `body`; what it would report, and what it cannot do, is forgotten. */
  quietly<T>(body: () => T | undefined): T | undefined {
    const { diagnostics } = this.ctx;
    const before = diagnostics.length;
    try {
      return this.ctx.attempt(body);
    } catch {
      // Tensors outside of a graph.
      return undefined;
    } finally {
      diagnostics.length = before;
    }
  }

  definition(use: Ref | DefExpr): DefinitionVal | undefined {
    if (!/^[A-Z]/.test(use.name.text)) return undefined;
    return this.quietly(() =>
      namedDefinition(use.name.text, use.name.span, use.member, fileScope(this.ctx, this.main)),
    );
  }

  /** In the order of writing, then of declaration. `instance` knows the sizes that its call bound. */
  pieces(use: Ref | DefExpr, base: DefinitionVal, instance?: Instance, host: Host = anywhere): Piece[] {
    const written = (use.settings ?? []).filter(
      (s) => !planSettingKeys.has(s.name.text) || declares(base.symbol, s.name.text),
    );
    const full = this.quietly(() => refine(base, written, fileScope(this.ctx, this.main))) ?? base;
    const scope = this.quietly(() => settingsScope(this.ctx, instance ? this.called(instance) : bare(full)));
    const pieces: Piece[] = [];
    const defaults = new Map<string, Piece>();
    const put = (name: string, text: string) => {
      const usual = this.usual(base.symbol, name, scope);
      if (usual && usual.text === text) defaults.set(name, usual.piece);
      else pieces.push({ text: text === name ? name : `${name}: ${text}` });
    };
    for (const s of written) {
      const text = this.written(s, full.given.get(s.name.text)?.value, base.symbol);
      if (s.offered) pieces.push({ text: `${s.name.text}?` });
      else put(s.name.text, text);
    }
    const seen = new Set(written.map((s) => s.name.text));
    for (const d of base.symbol.decl.settings) {
      const name = d.name.text;
      if (seen.has(name)) continue;
      const preset = base.given.get(name) ?? base.preset.get(name);
      if (preset) {
        const text = this.value(preset.value, base.symbol, name);
        if (text !== undefined) put(name, text);
      } else if (host.free && !host.taken.has(name)) {
        const usual = this.usual(base.symbol, name, scope);
        if (usual) defaults.set(name, usual.piece);
      }
    }
    const all = [...pieces, ...base.symbol.decl.settings.flatMap(({ name }) => defaults.get(name.text) ?? [])];
    return this.canonical ? inOrder(all, base.symbol) : all;
  }

  /** The instance with the sizes that its first call bound. */
  private called(instance: Instance): Instance {
    return { ...instance, bound: new Map([...instance.bound, ...(this.ctx.sizes.get(instance.identity) ?? [])]) };
  }

  /** `Euler { steps: 50, … }` on one line, in the order of declaration; braces only where there is something in them, or where they were written. */
  inline(use: Ref | DefExpr, base: DefinitionVal, host: Host = anywhere): string {
    const inside = inOrder(this.pieces(use, base, undefined, host), base.symbol).map((piece) => piece.text);
    const name = use.name.text;
    if (inside.length === 0) return use.settings ? `${name} {}` : name;
    return `${name} { ${inside.join(", ")} }`;
  }

  /** A setting as it was written, with what is said by definitions in it said in full. */
  private written(s: Setting, value: Val | undefined, symbol: DefinitionSymbol): string {
    if (!s.value) return s.name.text;
    if (value && (this.canonical || value.kind === "instance")) {
      const text = this.value(value, symbol, s.name.text);
      if (text !== undefined) return text;
    }
    return this.expression(s.value, hostOf(symbol, s.name.text));
  }

  /** An expression of the spec with all settings of the definitions in it. */
  expression(e: Expr, host: Host = anywhere): string {
    if (e.kind === "Number") return numberText(e.value);
    return flat(editedText(e.span, this.main.tree, this.edits(e, host)));
  }

  /** The edits that say every definition in a piece of the tree in full. */
  edits(piece: object, host: Host = anywhere) {
    return definitionsIn(piece).flatMap((use) => {
      const base = this.definition(use);
      return base ? [{ pos: use.span.pos, end: use.span.end, text: this.inline(use, base, host) }] : [];
    });
  }

  private value(v: Val, symbol: DefinitionSymbol, setting: string): string | undefined {
    return valueText(v, (x) => this.nameOf(x, hostOf(symbol, setting)));
  }

  private nameOf(v: Val, host: Host): string | undefined {
    if (v.kind === "function") {
      const { file } = v.scope;
      return v.scope.kind === "file" ? this.names.of(v.decl.name.text, { kind: "fn", decl: v.decl, file }) : undefined;
    }
    if (v.kind === "builtin") return v.name;
    if (v.kind === "instance") {
      const { name, path } = v.instance;
      const average = v.mode.average;
      return path !== name || v.mode.evaluating || v.mode.frozen
        ? undefined
        : average === undefined
          ? name
          : `ema(${name}, ${average})`;
    }
    if (v.kind !== "definition") return undefined;
    const name = this.names.of(v.symbol.decl.name.text, v.symbol);
    if (name === undefined) return undefined;
    const inside: string[] = [];
    for (const d of v.symbol.decl.settings) {
      const given = v.given.get(d.name.text) ?? v.preset.get(d.name.text);
      const text = given
        ? this.value(given.value, v.symbol, d.name.text)
        : host.free && !host.taken.has(d.name.text)
          ? this.usual(
              v.symbol,
              d.name.text,
              this.quietly(() => settingsScope(this.ctx, bare(v))),
            )?.text
          : undefined;
      if (text !== undefined) inside.push(`${d.name.text}: ${text}`);
      else if (given) return undefined;
    }
    return inside.length > 0 ? `${name} { ${inside.join(", ")} }` : name;
  }

  /** The default of a setting, as it comes out here. */
  private usual(
    symbol: DefinitionSymbol,
    name: string,
    scope: Scope | undefined,
  ): { text: string; piece: Piece } | undefined {
    const d = symbol.decl.settings.find((one) => one.name.text === name);
    const expr = d?.value;
    if (!d || !expr) return undefined;
    const v = scope && this.quietly(() => plain(typedValue(d, expr, scope)));
    const text = v && this.value(v, symbol, name);
    if (text === undefined) return undefined;
    return { text, piece: { text: `${name}: ${text}`, note: noteOf(d, text) } };
  }
}

/** A default that is computed says from what. */
function noteOf(d: SettingDecl, text: string): string {
  const e = d.value;
  if (!e || e.kind === "Number" || e.kind === "String" || e.kind === "Def" || e.kind === "Unary") return "default";
  const source = flat(e.span.source.text.slice(e.span.pos, e.span.end));
  return source === text || source.length > 60 ? "default" : `default: ${source}`;
}

/** In the order of declaration; what is not declared (outputs of an encoder) comes first. */
function inOrder(pieces: readonly Piece[], symbol: DefinitionSymbol): Piece[] {
  const order = symbol.decl.settings.map((d) => d.name.text);
  const place = ({ text }: Piece) => order.indexOf(/^\w+/.exec(text)?.[0] ?? "");
  return [...pieces].sort((a, b) => place(a) - place(b));
}

function declares(symbol: DefinitionSymbol, name: string): boolean {
  return symbol.decl.settings.some((d) => d.name.text === name);
}

function bare(v: DefinitionVal): Instance {
  return {
    name: v.symbol.decl.name.text,
    path: "",
    identity: "",
    declared: v.symbol.decl.name.span,
    definition: v.symbol,
    given: v.given,
    preset: v.preset,
    rewires: [],
    bound: new Map(),
    settings: new Map(),
  };
}

/** What a definition does with one that it is given as a setting: settings it adds itself must not be written there. */
function hostOf(symbol: DefinitionSymbol, setting: string): Host {
  const { body } = symbol.decl;
  if (body === "extern") return anywhere;
  const taken = new Set<string>();
  let uses = 0;
  for (const s of body) {
    const ref = s.kind === "Instance" ? s.ref : s.kind === "Skip" ? s.via : undefined;
    if (ref?.name.text !== setting) continue;
    uses += 1;
    for (const given of ref.settings ?? []) taken.add(given.name.text);
  }
  const text = body.map((s) => s.span.source.text.slice(s.span.pos, s.span.end)).join("\n");
  const mentions = text.match(new RegExp(`\\b${setting}\\b`, "g"))?.length ?? 0;
  const called = text.match(new RegExp(`\\b${setting}\\(`, "g"))?.length ?? 0;
  return { taken, free: mentions <= uses + called };
}
