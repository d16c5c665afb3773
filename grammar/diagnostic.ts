import type { Span } from "./source.js";

/** The shape of every message the project gives about a spec. Wording lives in catalogs, rendering in compiler/diagnostics. */
export type Severity = "error" | "warning";

export interface Edit {
  readonly span: Span;
  readonly text: string;
}

/** A change that mends the mistake, applied by `dit check --fix` and by the editor. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly Edit[];
}

/** Another place that takes part in a contradiction. */
export interface Related {
  readonly span: Span;
  readonly message: string;
}

export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly span: Span;
  readonly related: readonly Related[];
  readonly help: readonly string[];
  readonly notes: readonly string[];
  readonly fixes: readonly Fix[];
}

/** What a pass gives back: its value, and what there is to say about the input. Passes never throw on user input. */
export interface Outcome<T> {
  readonly value: T;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * One diagnostic: how grave, what it says given its typed arguments, and the page `dit explain` prints.
 * `example` is a spec that raises it (a test runs every one).
 */
export interface CatalogEntry<A> {
  readonly severity: Severity;
  readonly message: (args: A) => string;
  /** Two to ten lines: what is wrong, why it is refused, how to mend it. */
  readonly explain: string;
  /** A spec that raises it; `undefined` only where no text of a spec can (a damaged file, a missing engine). */
  readonly example: string | undefined;
}

/** Any entry whatever its arguments; `never` makes the parameter accept all of them. */
export type Catalog = Readonly<Record<string, CatalogEntry<never>>>;

export type ArgsOf<C, K extends keyof C> = C[K] extends CatalogEntry<infer A> ? A : never;

export interface Extras {
  readonly related?: readonly Related[];
  readonly help?: readonly string[];
  readonly notes?: readonly string[];
  readonly fixes?: readonly Fix[];
}

/** A function that makes diagnostics of one catalog, with the arguments of each code checked by type. */
export function reporterOf<C extends Catalog>(catalog: C) {
  return <K extends keyof C & string>(code: K, args: ArgsOf<C, K>, span: Span, extras: Extras = {}): Diagnostic => {
    const entry = catalog[code] as unknown as CatalogEntry<ArgsOf<C, K>>;
    return {
      code,
      severity: entry.severity,
      message: entry.message(args),
      span,
      related: extras.related ?? [],
      help: extras.help ?? [],
      notes: extras.notes ?? [],
      fixes: extras.fixes ?? [],
    };
  };
}

/** Gives an entry its argument type while keeping the catalog a plain object. */
export function entry<A>(value: CatalogEntry<A>): CatalogEntry<A> {
  return value;
}
