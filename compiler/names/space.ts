/** The names one body can see, as the static pass knows them: who declared each, of which type, and whether anything reads it. */
import type { Span } from "../../grammar/source.js";
import type { FnDecl, InstanceDecl, TypeNode } from "../../grammar/tree.js";

export type EntryKind =
  | "setting"
  | "input"
  | "size"
  | "let"
  | "tap"
  | "weight"
  | "draw"
  | "state"
  | "part"
  | "skip"
  | "fn"
  | "loop"
  | "minimize";

export interface Entry {
  readonly name: string;
  readonly kind: EntryKind;
  readonly span: Span;
  readonly type?: TypeNode | undefined;
  /** A sub-instance or a function: what calls of it take. */
  readonly decl?: InstanceDecl | FnDecl | undefined;
  /** `h(0)`, `h(i)`: several clauses of one name. */
  readonly family: boolean;
  /** Names of one pattern are read together: `let (q, k, v) = …`. */
  readonly group?: object | undefined;
  uses: number;
}

export class Space {
  readonly entries = new Map<string, Entry>();
  /** Names that stand for axes: settings of type axes, `fn unit[a]`. */
  readonly axisNames = new Set<string>();

  constructor(
    readonly parent: Space | undefined,
    /** Axes that may be named here; `undefined`: any, because values of unknown axes come in. */
    readonly axes: ReadonlySet<string> | undefined,
    /** Any axis is a size too: the body of a `sample`, whose axes are those of `like`. */
    readonly openSizes = false,
  ) {}

  find(name: string): Entry | undefined {
    for (let s: Space | undefined = this; s; s = s.parent) {
      const e = s.entries.get(name);
      if (e) return e;
    }
    return undefined;
  }

  /** The nearest scope that knows of a name standing for axes. */
  isAxisName(name: string): boolean {
    for (let s: Space | undefined = this; s; s = s.parent) if (s.axisNames.has(name)) return true;
    return false;
  }

  get sizesOpen(): boolean {
    return this.openSizes || (this.parent?.sizesOpen ?? false);
  }

  *names(): Generator<string> {
    for (let s: Space | undefined = this; s; s = s.parent) yield* s.entries.keys();
  }

  *allAxes(): Generator<string> {
    for (let s: Space | undefined = this; s; s = s.parent) yield* s.axisNames;
    yield* this.axes ?? [];
  }

  /** A scope inside this one, for a loop or a local function. */
  inside(axes = this.axes): Space {
    return new Space(this, axes);
  }
}
