/** The names one body can see. A scope belongs to one evaluation of one body; families and lets in it are evaluated when first read. */
import type { Span } from "../../grammar/source.js";
import type {
  DrawStatement,
  Expr,
  InstanceDecl,
  LetStatement,
  NextStatement,
  SetStatement,
  SkipStatement,
  Statement,
  StateStatement,
  TapStatement,
  WeightStatement,
} from "../../grammar/tree.js";
import type { FileSymbols } from "../names/symbols.js";
import type { Axis } from "./axes.js";
import type { Ctx } from "./ctx.js";
import type { Evaluation } from "./evaluation.js";
import { type Frame, MainFrame } from "./frame.js";
import type { Arg } from "./inputs.js";
import type { Instance } from "./instance.js";
import type { Setter } from "./rewire.js";
import type { AxisRef, GivenSetting, Mode, Val } from "./values.js";

export type Binding =
  | { readonly kind: "value"; value: Val }
  /** A `let`, `tap` of one name, an input default: evaluated once, in `scope`. */
  | Lazy
  /** `let h(0) = …`, `let h(i) = … for i in 1..n`: clauses of one name. */
  | FamilyBinding
  | { readonly kind: "weight"; readonly decl: WeightStatement; readonly scope: Scope }
  | DrawBinding
  | { readonly kind: "state"; readonly decl: StateStatement; readonly scope: Scope }
  /** One sub-instance or a family of them. */
  | { readonly kind: "part"; readonly decl: InstanceDecl; readonly scope: Scope };

export interface Lazy {
  readonly kind: "lazy";
  readonly name: string;
  readonly span: Span;
  readonly tap: boolean;
  readonly expr: Expr | undefined;
  readonly compute: () => Val;
  state: "new" | "running" | "done" | "failed";
  value?: Val;
}

export interface FamilyBinding {
  readonly kind: "family";
  readonly name: string;
  readonly tap: boolean;
  readonly clauses: readonly (LetStatement | TapStatement)[];
  readonly scope: Scope;
  readonly members: Map<number, Lazy>;
  domain?: readonly number[];
  /** Members before the wanted one are being evaluated in order. */
  approaching?: boolean;
  /** Its members are static numbers: a check does not abridge it. */
  exact?: boolean;
}

export interface DrawBinding {
  readonly kind: "draw";
  readonly decl: DrawStatement;
  readonly scope: Scope;
  readonly members: Map<number | undefined, Val>;
  /** Given by the caller: `noise: pass.noise`. */
  readonly fed?: Val | undefined;
}

/** What a body carries besides names: rewires, running statistics. */
export interface BodyParts {
  readonly sets: SetStatement[];
  readonly skips: SkipStatement[];
  readonly nexts: NextStatement[];
  result?: Expr;
}

/** Arguments that a list ending in `..` hands on. */
export interface Rest {
  readonly positional: readonly Arg[];
  readonly named: ReadonlyMap<string, Arg>;
}

export interface ScopeOptions {
  readonly ctx: Ctx;
  readonly kind: "file" | "definition" | "fn" | "loop" | "plan";
  readonly parent?: Scope | undefined;
  readonly file: FileSymbols;
  readonly frame: Frame | undefined;
  readonly lifted?: readonly Axis[];
  readonly tag?: number;
  readonly training?: boolean | undefined;
  readonly mode?: Mode | undefined;
  readonly path?: string;
  readonly drawPath?: string;
  /** For a function of a file: the body that called it. */
  readonly owner?: Scope | undefined;
  readonly held?: Held | undefined;
}

/** The tap of another body that holds the result of a local function: the calls inside belong to it (language reference §6.2). */
export interface Held {
  /** The path of the tap. */
  readonly path: string;
  /** What the tap is seen as from outside. */
  readonly evaluation: Evaluation;
}

export class Scope {
  readonly ctx: Ctx;
  readonly kind: ScopeOptions["kind"];
  readonly parent: Scope | undefined;
  readonly file: FileSymbols;
  readonly bindings = new Map<string, Binding>();
  /** Sizes bound by the signature. */
  readonly axes = new Map<string, number>();
  /** The argument that bound a size first, for messages. */
  readonly boundBy = new Map<string, { readonly axes: readonly Axis[]; readonly span: Span }>();
  /** Names that stand for axes: `fn unit[a]`, settings of type axes. */
  readonly axisNames = new Map<string, readonly AxisRef[]>();
  /** What `[*]` is here. */
  star: readonly Axis[] | undefined;
  starFields: ReadonlyMap<string, readonly Axis[]> | undefined;
  readonly body: BodyParts = { sets: [], skips: [], nexts: [] };
  rest: Rest | undefined;
  /** Axes over which the body is mapped; draws get them. */
  lifted: readonly Axis[];
  /** The tag of the call that made this scope: later tags are axes hidden below it. */
  readonly tag: number;
  /** Where the weights of this body are: the path of its instance. */
  readonly path: string;
  readonly drawPath: string;
  readonly held: Held | undefined;
  instance: Instance | undefined;
  evaluation: Evaluation | undefined;
  /** What readers of a place get instead, by place. */
  readonly setters = new Map<string, Setter[]>();
  /** The statements of the body, those of `with` too: where calls are looked for. */
  readonly statements: Statement[] = [];
  /** `P` inside `set P = …` is the value before. */
  readonly old = new Map<string, Val>();
  /** For a typed fn: axes of captured values that the fn was mapped over, hidden inside. */
  readonly hides: ReadonlyMap<string, number>;
  /** Fan-in of the last arrow weight of this body, for `torch_default` of the vector after it. */
  lastFanIn: number | undefined;
  /** Taps that share the name of an input: which of its evaluations is meant from outside. */
  readonly taps = new Map<string, Lazy>();
  /** Sub-instances made so far, by name and index. */
  readonly parts = new Map<string, Val>();
  /** Settings that somebody wrote, against those left to defaults. */
  readonly given = new Set<string>();
  /** Values that an equation read: inputs that are given and never read are most likely not meant. */
  readonly read = new Set<string>();
  /** The settings that somebody wrote, with their places, presets and offers included. */
  written: ReadonlyMap<string, GivenSetting> = new Map();
  private aside: Frame | undefined;
  private readonly ownerHere: Scope | undefined;
  private readonly frameHere: Frame | undefined;
  private readonly trainingHere: boolean | undefined;
  private readonly modeHere: Mode | undefined;

  constructor(options: ScopeOptions, hides: ReadonlyMap<string, number> = new Map()) {
    this.ctx = options.ctx;
    this.kind = options.kind;
    this.parent = options.parent;
    this.file = options.file;
    this.frameHere = options.frame ?? options.parent?.frameHere;
    this.ownerHere = options.owner;
    this.lifted = options.lifted ?? options.parent?.lifted ?? [];
    this.tag = options.tag ?? options.parent?.tag ?? 0;
    this.trainingHere = options.training;
    this.modeHere = options.mode;
    this.path = options.path ?? options.parent?.path ?? "";
    this.drawPath = options.drawPath ?? options.parent?.drawPath ?? "";
    this.held = options.held ?? options.parent?.held;
    this.hides = hides;
  }

  /** The function ops go to. File scopes have none: their tensors are made where they are read. */
  get frame(): Frame {
    if (this.frameHere) return this.frameHere;
    // Settings of a file may call functions of numbers; ops they should not make go where nobody looks.
    if (this.parent) return this.parent.frame;
    this.aside ??= new MainFrame("aside", new Map());
    return this.aside;
  }

  get hasFrame(): boolean {
    return this.frameHere !== undefined;
  }

  /** Ops made from now on belong to this place of the spec. */
  at(span: Span): void {
    if (this.frameHere) this.frameHere.builder.origin = span;
  }

  get training(): boolean {
    return this.trainingHere ?? this.parent?.training ?? false;
  }

  get mode(): Mode | undefined {
    return this.modeHere ?? this.parent?.mode;
  }

  /** The nearest scope that is an evaluation of a definition or a plan. */
  get owner(): Scope {
    let s: Scope = this;
    while (s.kind === "fn" || s.kind === "loop") {
      const next: Scope | undefined = s.ownerHere ?? s.parent;
      if (!next) return s;
      s = next;
    }
    return s;
  }

  /** A name and the scope that binds it, from the inside out; file scopes are asked last by the caller. */
  find(name: string): { binding: Binding; scope: Scope } | undefined {
    for (let s: Scope | undefined = this; s; s = s.parent) {
      const binding = s.bindings.get(name);
      if (binding) return { binding, scope: s };
    }
    return undefined;
  }

  /** The setting that a name of a body stands for, if somebody wrote it. */
  writtenSetting(name: string): GivenSetting | undefined {
    const found = this.find(name);
    return found?.binding.kind === "value" ? found.scope.written.get(name) : undefined;
  }

  axisSize(name: string): number | undefined {
    for (let s: Scope | undefined = this; s; s = s.parent) {
      const size = s.axes.get(name);
      if (size !== undefined) return size;
    }
    return undefined;
  }

  axisList(name: string): readonly AxisRef[] | undefined {
    for (let s: Scope | undefined = this; s; s = s.parent) {
      const axes = s.axisNames.get(name);
      if (axes) return axes;
    }
    return undefined;
  }

  /** All value names seen here, for "did you mean". */
  names(): string[] {
    const all = new Set<string>();
    for (let s: Scope | undefined = this; s; s = s.parent) {
      for (const n of s.bindings.keys()) all.add(n);
      for (const n of s.axes.keys()) all.add(n);
    }
    for (const n of this.file.seen.keys()) all.add(n);
    return [...all];
  }
}
