/** What lives as long as the elaboration of one spec: diagnostics, weights, instances; and, renewed for each program, its functions. */
import type { Diagnostic, Extras, Related } from "../../grammar/diagnostic.js";
import { contains, type Span } from "../../grammar/source.js";
import type { ArgsOfCode } from "../diagnostics/create.js";
import { type Code, report } from "../diagnostics/create.js";
import type { Fn, Value as Node } from "../ir/graph.js";
import type { HostTensor } from "../ir/host.js";
import type { FileSymbols } from "../names/symbols.js";
import type { WeightInfo } from "../plan/plan.js";
import type { Call as BuiltinCall } from "./builtins/builtin.js";
import type { Evaluation } from "./evaluation.js";
import { Halt } from "./fault.js";
import type { Instance } from "./instance.js";
import type { Outlined } from "./outline.js";
import type { Lazy, Scope } from "./scope.js";
import { type GivenSetting, objectiveOf, type Val } from "./values.js";

/** A weight that exists, and the call that fixed its size. */
export interface WeightEntry {
  readonly info: WeightInfo;
  readonly declared: Span;
  readonly sizedBy: Span;
}

interface CallSite {
  readonly span: Span;
  readonly name: string;
  readonly lifted: readonly string[];
  /** Settings of what is called. */
  readonly given: ReadonlyMap<string, GivenSetting>;
  /** An objective that is called, and the networks it is handed. */
  readonly parties: readonly Instance[];
}

/** An argument that a call gave a model; whether it was read is known when everything is elaborated. */
export interface Handed {
  readonly instance: Instance;
  readonly input: string;
  readonly body: Scope;
  /** The argument, and the call of a user from which it came. */
  readonly given: Span;
  readonly call: Span;
}

const noSettings: ReadonlyMap<string, GivenSetting> = new Map();

/** Where `step` stands while a program is elaborated: guards that compare it are decided, and say where the next phase begins. */
export interface Phase {
  readonly from: number;
  readonly cuts: Set<number>;
}

export class Ctx {
  readonly diagnostics: Diagnostic[] = [];
  readonly weights = new Map<string, WeightEntry>();
  /** Declarations of weights that stand in a `stop_gradient` by name: they stay as they are drawn, and this says so. */
  readonly still = new Set<Span>();
  readonly fileScopes = new Map<FileSymbols, Scope>();
  /** `--set key=value`, and the row of a sweep. */
  readonly params: ReadonlyMap<string, Val>;
  /** Params that were read, with what they were. */
  readonly readParams = new Map<string, Val>();
  fns = new Map<string, Fn>();
  fnNames = new Set<string>();
  outlined = new Map<string, Outlined>();
  phase: Phase = { from: 0, cuts: new Set() };
  /** Guards and conditions of `if`: `step` may be compared statically there. */
  guards = 0;
  /** The names being evaluated right now, outermost first. */
  readonly running: Lazy[] = [];
  /** Which `let`, `tap` or term of which body is being evaluated, and how deep in arguments of a call. */
  holder: { readonly scope: Scope; readonly name: string; readonly tap: boolean; inArgs: number } | undefined;
  /** Skips whose source is being evaluated: a cycle through one is an edge that runs backward. */
  readonly edges: { readonly from: string; readonly to: string; readonly span: Span; readonly at: string }[] = [];
  /** New values of states of this program, by path. */
  nexts = new Map<string, Node>();
  /** Data instances and encoders this program reads, by path. */
  sources = new Map<string, Instance>();
  /** Names of the averages that the plan at hand keeps. */
  averages: readonly string[] = [];
  /** `grad(loss, X)` inside a train plan. */
  gradient: ((call: BuiltinCall) => Val) | undefined;
  /** Above 0 while a fixture map is read: `let`s of other bodies may be read then. */
  privateNames = 0;
  /** Computed tables that a file holds too, by path: the file's numbers are used. */
  readonly tables = new Map<string, HostTensor>();
  /** The last call of each instance, by its place in the spec: where layouts find constant taps. */
  readonly evaluations = new Map<string, Evaluation>();
  /** Objectives that themselves ask a network what it gives for no label. */
  readonly askNone = new Set<Instance>();
  /** What models were handed. */
  readonly handed: Handed[] = [];
  /** Sizes that calls bound, by path of the instance. */
  readonly bounds = new Map<string, Map<string, number>>();
  readonly settings = new Map<string, Map<string, Val>>();
  /** All sizes that the first call of an instance bound, by its identity: defaults are printed from them. */
  readonly sizes = new Map<string, ReadonlyMap<string, number>>();
  /** The spec is only checked: samplers share their functions, and their long chains are elaborated at some of their members. */
  abridged = false;
  members = 0;
  private readonly calls: CallSite[] = [];

  constructor(params: ReadonlyMap<string, Val>) {
    this.params = params;
  }

  /** A new program: functions are not shared between modules, weights and instances are. What is only checked needs no module of its own. */
  freshProgram(from: number, cuts: Set<number>): void {
    if (!this.abridged) {
      this.fns = new Map();
      this.fnNames = new Set();
      this.outlined = new Map();
    }
    this.nexts = new Map();
    this.sources = new Map();
    this.phase = { from, cuts };
  }

  /** Records a diagnostic. If the place is in the library, the nearest call in a user's file becomes the first place. */
  report<K extends Code>(code: K, args: ArgsOfCode<K>, span: Span, extras: Extras = {}): void {
    let place = span;
    const related = [...(extras.related ?? [])];
    if (isLibrary(span)) {
      for (let i = this.calls.length - 1; i >= 0; i--) {
        const call = this.calls[i] as CallSite;
        if (isLibrary(call.span)) continue;
        place = this.namedIn(call, i);
        related.push(...objectives(call, related));
        // A requirement is between two: what the objective wants of the network it is handed.
        if (code === "require" && related.every((r) => isLibrary(r.span)))
          related.push(...call.parties.flatMap((x) => declaredAs(x, related)));
        related.push({ span, message: `in \`${(this.calls[i + 1] ?? call).name}\` of the library` });
        break;
      }
    }
    const call = this.calls[this.calls.length - 1];
    const notes = [...(extras.notes ?? [])];
    if (call && call.lifted.length > 0)
      notes.push(`\`${call.name}\` was mapped over ${call.lifted.map((n) => `\`${n}\``).join(", ")}`);
    const made = report(code, args, place, { ...extras, related, notes });
    const same = this.diagnostics.some(
      (d) =>
        d.code === made.code &&
        d.span.source === made.span.source &&
        d.span.pos === made.span.pos &&
        d.message === made.message,
    );
    if (!same) this.diagnostics.push(made);
  }

  /** The nearest place in a file of the user. */
  userPlace(span: Span): Span {
    if (!isLibrary(span)) return span;
    return this.calls.findLast((c) => !isLibrary(c.span))?.span ?? span;
  }

  /** The setting of a user's call that gave it the part in which something went wrong; else the call. */
  private namedIn(call: CallSite, depth: number): Span {
    for (let i = this.calls.length - 1; i > depth; i--)
      for (const { value, setting } of call.given.values()) {
        const name =
          value.kind === "definition"
            ? value.symbol.decl.name.text
            : value.kind === "function"
              ? value.decl.name.text
              : undefined;
        if (contains(call.span, setting.span) && name === this.calls[i]?.name) return setting.span;
      }
    return call.span;
  }

  /** Records an error and gives up on the equation. */
  fail<K extends Code>(code: K, args: ArgsOfCode<K>, span: Span, extras: Extras = {}): never {
    this.report(code, args, span, extras);
    throw new Halt();
  }

  private readonly ids = new Map<object, number>();

  /** A number for an object, the same for the same object: for keys. */
  idOf(object: object): number {
    let id = this.ids.get(object);
    if (id === undefined) {
      id = this.ids.size + 1;
      this.ids.set(object, id);
    }
    return id;
  }

  /** Gives up without a message: one was given where the value was made. */
  silent(): never {
    throw new Halt();
  }

  /** Runs `body` as the inside of a call, for the places of its errors. */
  inCall<T>(
    span: Span,
    name: string,
    lifted: readonly string[],
    body: () => T,
    given: ReadonlyMap<string, GivenSetting> = noSettings,
    parties: readonly Instance[] = [],
  ): T {
    if (this.calls.length > 200) this.fail("too-deep-calls", {}, span);
    this.calls.push({ span, name, lifted, given, parties });
    const privateNames = this.privateNames;
    this.privateNames = 0;
    try {
      return body();
    } finally {
      this.calls.pop();
      this.privateNames = privateNames;
    }
  }

  /** Runs `body`; a reported mistake inside ends it with `undefined`. */
  attempt<T>(body: () => T): T | undefined {
    const guards = this.guards;
    const calls = this.calls.length;
    const running = this.running.length;
    const privateNames = this.privateNames;
    const holder = this.holder;
    try {
      return body();
    } catch (e) {
      if (!(e instanceof Halt)) throw e;
      this.guards = guards;
      this.calls.length = calls;
      this.running.length = running;
      this.privateNames = privateNames;
      this.holder = holder;
      return undefined;
    }
  }

  /** Like `attempt`, and what it would report is forgotten. */
  attemptQuietly<T>(body: () => T): T | undefined {
    const n = this.diagnostics.length;
    const v = this.attempt(body);
    if (v === undefined) this.diagnostics.length = n;
    return v;
  }

  /** Families are finite, and small enough to be elaborated (language reference §5.5). */
  countMember(span: Span): void {
    this.members += 1;
    if (this.members > 100_000) this.fail("too-many-members", {}, span);
  }

  get hasErrors(): boolean {
    return this.diagnostics.some((d) => d.severity === "error");
  }
}

/** What a call of a user puts together: the objective that it hands to a sampler or a loss. */
function objectives(call: CallSite, said: readonly Related[]): Related[] {
  return [...call.given.values()].flatMap(({ value }) => {
    const o = objectiveOf(value);
    return o ? declaredAs(o, said) : [];
  });
}

function declaredAs(i: Instance, said: readonly Related[]): Related[] {
  if (said.some((r) => contains(i.declared, r.span))) return [];
  return [{ span: i.declared, message: `\`${i.name}\` is \`${i.definition.decl.name.text}\`` }];
}

export function isLibrary(span: Span): boolean {
  return span.source.path.startsWith("std/");
}
