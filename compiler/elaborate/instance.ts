/** A declared instance: a definition with its settings, the path of its weights, and how it was rewired. Lives as long as the spec. */
import type { Span } from "../../grammar/source.js";
import type { Statement } from "../../grammar/tree.js";
import type { DefinitionSymbol } from "../names/symbols.js";
import type { Scope } from "./scope.js";
import type { GivenSetting, Val } from "./values.js";

export interface Rewire {
  readonly statements: readonly Statement[];
  /** Where the `with` was written. */
  readonly scope: Scope;
}

export interface Instance {
  /** As declared, with its index: `block(3)`. */
  readonly name: string;
  /** Prefix of its weights: `net.block.3`. A second wiring has the path of the first. */
  readonly path: string;
  /** Its own place in the spec, differs from `path` for a second wiring. */
  readonly identity: string;
  readonly declared: Span;
  readonly definition: DefinitionSymbol;
  readonly given: ReadonlyMap<string, GivenSetting>;
  readonly preset: ReadonlyMap<string, GivenSetting>;
  readonly rewires: readonly Rewire[];
  /** Sizes bound by its first call, for calls that cannot bind them (`class` of `none`). */
  readonly bound: Map<string, number>;
  /** Values of all settings, defaults included, known from the first call on. */
  readonly settings: Map<string, Val>;
}
