/** What rules ask about a spec: its plans, the instances behind their names, numbers that are known before anything runs. */
import type { Span } from "../../grammar/source.js";
import type { Definition, Expr, InstanceDecl, PlanDecl } from "../../grammar/tree.js";
import { invoke } from "../elaborate/call.js";
import { plain } from "../elaborate/evaluation.js";
import { evaluate } from "../elaborate/expr.js";
import { fileScope } from "../elaborate/files.js";
import type { Instance } from "../elaborate/instance.js";
import { namedDefinition, refine } from "../elaborate/make-instance.js";
import type { Scope } from "../elaborate/scope.js";
import { scratchScope } from "../elaborate/scratch.js";
import { readSetting } from "../elaborate/settings.js";
import type { DefinitionVal, Val } from "../elaborate/values.js";
import { visitSettings, visitStatement } from "../names/mentions.js";
import type { FileSymbols } from "../names/symbols.js";
import type { BuiltSample } from "../plan/sample.js";
import type { BuiltTrain } from "../plan/train.js";
import type { Spec } from "../spec.js";

/** A `sample` that is an instance of a definition, with what its settings came to. */
export interface Sampling {
  readonly decl: InstanceDecl;
  readonly definition: Definition;
  readonly file: FileSymbols;
  readonly built: BuiltSample | undefined;
  /** What the user wrote, in place. */
  readonly spans: ReadonlyMap<string, Span>;
  readonly given: ReadonlyMap<string, Val>;
}

export class Facts {
  readonly trains: readonly BuiltTrain[];
  readonly samplings: readonly Sampling[];
  readonly main: FileSymbols;
  readonly scope: Scope;
  /** The spec maps a file of recorded numbers onto one of its plans. */
  readonly recorded: boolean;

  constructor(readonly spec: Spec) {
    this.trains = spec.trains;
    this.main = spec.loaded.main;
    this.scope = scratchScope(fileScope(spec.ctx, this.main));
    this.recorded = this.main.tree.items.some((item) => item.kind === "Layout" && /^[a-z]/.test(item.target.text));
    this.samplings = this.main.tree.items.flatMap((item) => {
      if (item.kind !== "Instance" || item.of !== "sample") return [];
      const sampling = this.sampling(item);
      return sampling ? [sampling] : [];
    });
  }

  private sampling(decl: InstanceDecl): Sampling | undefined {
    const found = this.quietly(() => {
      const base = namedDefinition(decl.ref.name.text, decl.ref.name.span, decl.ref.member, this.scope);
      return refine(base, decl.ref.settings ?? [], this.scope);
    });
    if (!found) return undefined;
    const settings = decl.ref.settings ?? [];
    return {
      decl,
      definition: found.symbol.decl,
      file: found.symbol.file,
      built: this.spec.samples.find((s) => s.name === decl.name.text || s.name.startsWith(`${decl.name.text}(`)),
      spans: new Map(settings.map((s) => [s.name.text, s.span])),
      given: new Map([...found.given].map(([n, g]) => [n, plain(g.value)])),
    };
  }

  /** Tries something that may be wrong or not static; nothing is reported. */
  quietly<T>(body: () => T): T | undefined {
    const { ctx } = this.spec;
    const members = ctx.members;
    try {
      return ctx.attemptQuietly(body);
    } catch {
      // A rule asks what nobody else asked; where there is no answer there is nothing to say.
      return undefined;
    } finally {
      ctx.members = members;
    }
  }

  value(e: Expr, scope: Scope = this.scope): Val | undefined {
    return this.quietly(() => plain(evaluate(e, scope)));
  }

  number(e: Expr, scope?: Scope): number | undefined {
    const v = this.value(e, scope);
    return v?.kind === "number" ? v.value : undefined;
  }

  /** `f(x)` for a function or a definition and static numbers. */
  apply(f: Val, ...args: readonly number[]): Val | undefined {
    const { span } = this.main.tree;
    const positional = args.map((value) => ({ span, value: { kind: "number", value } as const }));
    return this.quietly(() => plain(invoke(this.scope, f, { positional, named: new Map() }, span, "rule")));
  }

  /** The instance a name of the main file stands for, if anything made it. */
  instance(name: string): Instance | undefined {
    const symbol = this.main.seen.get(name);
    if (symbol?.kind !== "instance") return undefined;
    const v = fileScope(this.spec.ctx, symbol.file).parts.get(symbol.decl.name.text);
    return v?.kind === "instance" ? v.instance : undefined;
  }

  instances(): Instance[] {
    return [...this.main.seen.keys()].flatMap((n) => this.instance(n) ?? []);
  }

  /** A setting by its name: given, from a preset, or a default that a call evaluated. */
  setting(instance: Instance, name: string): Val | undefined {
    const v = readSetting(instance, name);
    if (v) return plain(v);
    const decl = instance.definition.decl.settings.find((d) => d.name.text === name)?.value;
    return decl && this.value(decl, scratchScope(fileScope(this.spec.ctx, instance.definition.file)));
  }

  /** A setting of a definition as a value, or its default. */
  settingOf(d: DefinitionVal, name: string): Val | undefined {
    const given = d.given.get(name) ?? d.preset.get(name);
    if (given) return plain(given.value);
    const decl = d.symbol.decl.settings.find((s) => s.name.text === name)?.value;
    return decl && this.value(decl, scratchScope(fileScope(this.spec.ctx, d.symbol.file)));
  }

  /** The run that a sample belongs to. */
  runOf(s: Sampling): BuiltTrain | undefined {
    return this.trains.find((t) => t.name === s.built?.of);
  }
}

/** Every expression of the equations of a plan. */
export function expressions(plan: PlanDecl): Expr[] {
  const all: Expr[] = [];
  const visitor = { expr: (e: Expr) => void all.push(e) };
  visitSettings(plan.keys, visitor);
  for (const s of plan.body) visitStatement(s, visitor);
  return all;
}

/** `let`s of a plan looked through: what a name stands for. */
export function lookThrough(plan: PlanDecl, e: Expr): Expr {
  if (e.kind === "Group") return lookThrough(plan, e.inner);
  if (e.kind !== "Name") return e;
  for (const s of plan.body)
    if (s.kind === "Let" && !("pattern" in s.target) && !s.target.index && s.target.name.text === e.name)
      return s.value.kind === "Name" && s.value.name === e.name ? e : lookThrough(plan, s.value);
  return e;
}
