/**
 * Prints a spec with all its defaults (language reference §11). What it prints is a spec that means the same; resolved again it is the same
 * text. A setting that says what would hold without it counts as a default, whoever wrote it.
 */
import { format } from "../../grammar/format.js";
import { SourceFile } from "../../grammar/source.js";
import type { InstanceDecl, Item, ParamDecl, PlanDecl } from "../../grammar/tree.js";
import { fileScope } from "../elaborate/files.js";
import type { Instance } from "../elaborate/instance.js";
import { meansMicro } from "../rules/mixing.js";
import type { Spec } from "../spec.js";
import { factsOf } from "./facts.js";
import { digest } from "./hash.js";
import { Names } from "./names.js";
import { machineKeys, samplePieces, statementTexts, trainPieces } from "./plans.js";
import { type Piece, Settings } from "./settings.js";
import { editedText, flat, packed, valueText } from "./text.js";

export function resolve(spec: Spec): string {
  const head = `// dit resolve   std 1   spec sha256:${digest(meaning(spec))}`;
  return canonical([head, ...new Print(spec, false).lines(), ...factsOf(spec)].join("\n"));
}

/** What the hash of a spec is made of: the print with values in place of expressions, without comments and keys of the machine. */
export function meaning(spec: Spec): string {
  return canonical(new Print(spec, true).lines().join("\n"));
}

function canonical(text: string): string {
  const whole = `${text}\n`;
  return format(new SourceFile("resolved.dit", whole)).value ?? whole;
}

class Print {
  private readonly names: Names;
  private readonly settings: Settings;

  constructor(
    private readonly spec: Spec,
    private readonly hashed: boolean,
  ) {
    const main = spec.loaded.main;
    this.names = new Names(main);
    this.settings = new Settings(spec.ctx, main, this.names, hashed);
  }

  lines(): string[] {
    const { main } = this.spec.loaded;
    const items = main.tree.items.filter((item) => item.kind !== "Use" && item.kind !== "Preset");
    const body = items.map((item) => this.item(item));
    return [...this.names.uses(body.join("\n")), ...body];
  }

  private item(item: Item): string {
    if (item.kind === "Param") return this.param(item);
    if (item.kind === "Instance") return this.instance(item);
    if (item.kind === "Plan" && item.plan !== "evaluate") return this.plan(item);
    return this.source(item);
  }

  /** As it was written, without comments. */
  private source({ span }: Item): string {
    return editedText(span, this.spec.loaded.main.tree).trim();
  }

  private param(item: ParamDecl): string {
    const value = this.spec.ctx.params.get(item.name.text);
    const text = value && valueText(value, () => undefined);
    const { tree } = this.spec.loaded.main;
    const written = item.value && this.settings.expression(item.value);
    const after = text ?? written;
    return `param ${item.name.text}: ${flat(editedText(item.type.span, tree))}${after === undefined ? "" : ` = ${after}`}`;
  }

  private instance(item: InstanceDecl): string {
    const { main } = this.spec.loaded;
    const base = this.settings.definition(item.ref);
    if (!base) return this.source(item);
    const made = item.index ? undefined : this.made(item.name.text);
    const run = this.spec.trains.length === 1 ? this.spec.trains[0]?.name : undefined;
    const pieces = this.settings.pieces(item.ref, base, made);
    if (item.of === "sample") pieces.push(...samplePieces(item, run, this.settings));
    const index = item.index
      ? `(${item.index.name.text} in ${flat(editedText(item.index.range.span, main.tree))})`
      : "";
    const rewires = item.rewires
      ? [" with {", ...statementTexts(item.rewires, main, this.settings), "}"].join("\n")
      : "";
    const guard = item.guard ? ` if ${this.settings.expression(item.guard)}` : "";
    return `${item.of} ${item.name.text}${index}: ${item.ref.name.text}${this.block(pieces)}${rewires}${guard}`;
  }

  /** The instance of this name, if anything used it. */
  private made(name: string): Instance | undefined {
    const v = fileScope(this.spec.ctx, this.spec.loaded.main).parts.get(name);
    return v?.kind === "instance" ? v.instance : undefined;
  }

  private plan(item: PlanDecl): string {
    const { loaded, trains, ctx } = this.spec;
    const built = trains.find((t) => t.name === item.name.text);
    const run = trains.length === 1 ? trains[0]?.name : undefined;
    // The hash names what is computed, not in how many pieces where that makes no difference.
    const bare = this.hashed && item.plan === "train" && !meansMicro(item, loaded.main);
    const decl = bare ? { ...item, keys: item.keys.filter((k) => k.name.text !== "micro") } : item;
    const keys =
      item.plan === "train" ? trainPieces(decl, built, this.settings) : samplePieces(item, run, this.settings);
    const body = statementTexts(item.body, loaded.main, this.settings, built, ctx);
    return [`${item.plan} ${item.name.text} {`, ...this.rows(keys), ...body, "}"].join("\n");
  }

  private block(pieces: readonly Piece[]): string {
    const rows = this.rows(pieces);
    return rows.length > 0 ? [" {", ...rows, "}"].join("\n") : "";
  }

  /** What was written, then defaults with where they are from. */
  private rows(all: readonly Piece[]): string[] {
    const pieces = this.hashed ? all.filter(({ text }) => !machineKeys.has(/^\w*/.exec(text)?.[0] ?? "")) : all;
    const byNote = new Map<string, string[]>();
    for (const { text, note = "" } of pieces) byNote.set(note, [...(byNote.get(note) ?? []), text]);
    const notes = [...byNote.keys()].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
    return notes.flatMap((note) =>
      packed(byNote.get(note) ?? []).map((line) => (note && !this.hashed ? `${line}  // ${note}` : line)),
    );
  }
}
