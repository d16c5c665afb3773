/** What an expression of a spec can be while a plan is elaborated: static values, tensors of the graph, and things that can be called. */

import type { Span } from "../../grammar/source.js";
import type { DefinitionKind, FnDecl, Setting, TypeNode } from "../../grammar/tree.js";
import type { DType, Value as Node } from "../ir/graph.js";
import type { DefinitionSymbol } from "../names/symbols.js";
import type { Init } from "../plan/plan.js";
import type { Axis } from "./axes.js";
import type { Evaluation } from "./evaluation.js";
import type { Frame } from "./frame.js";
import type { Instance } from "./instance.js";
import type { Scope } from "./scope.js";

/** `[over]`, `[feat: dim / heads]`: names with the sizes that are known. */
export interface AxisRef {
  readonly name: string;
  readonly size?: number | undefined;
  /** Where the size was written. */
  readonly from?: Span | undefined;
}

/** An initialiser; fans are known only where the weight is. */
export type InitRule = Init | { readonly law: "xavier" } | { readonly law: "torch_default" };

export type Val =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "none" }
  | { readonly kind: "word"; readonly word: string }
  | { readonly kind: "range"; readonly from: number; readonly to: number }
  | { readonly kind: "list"; readonly items: readonly Val[] }
  | { readonly kind: "tuple"; readonly items: readonly Val[] }
  | { readonly kind: "record"; readonly fields: ReadonlyMap<string, Val> }
  | { readonly kind: "axes"; readonly axes: readonly AxisRef[] }
  | { readonly kind: "init"; readonly rule: InitRule }
  /** The count of steps: static where a guard compares it, a scalar of the graph elsewhere. */
  | { readonly kind: "step" }
  | TensorVal
  | FunctionVal
  | { readonly kind: "builtin"; readonly name: string }
  | DefinitionVal
  | InstanceVal
  | { readonly kind: "evaluation"; readonly evaluation: Evaluation }
  | ShapeVal
  /** Something an error was reported about; whoever meets it keeps silent. */
  | { readonly kind: "error" };

export interface TensorVal {
  readonly kind: "tensor";
  readonly dtype: DType;
  /** In the order of the dimensions of `node`. */
  readonly axes: readonly Axis[];
  readonly node: Node;
  readonly frame: Frame;
  /** For indices: the axis they point into, and its size. */
  readonly over?: { readonly axis: string; readonly size: number } | undefined;
  /** For a weight with an arrow: how many leading axes stand left of it. */
  readonly arrow?: number | undefined;
  /** For a weight as it is: where it is declared. */
  readonly weight?: Span | undefined;
}

/** A local or global `fn` with the scope it was written in. */
export interface FunctionVal {
  readonly kind: "function";
  readonly decl: FnDecl;
  readonly scope: Scope;
}

/** A definition as a value, perhaps with some settings given. */
export interface DefinitionVal {
  readonly kind: "definition";
  readonly symbol: DefinitionSymbol;
  readonly given: ReadonlyMap<string, GivenSetting>;
  /** Presets are defaults: what is written at the use wins over them. */
  readonly preset: ReadonlyMap<string, GivenSetting>;
}

export interface GivenSetting {
  readonly value: Val;
  readonly setting: Setting;
  /** Where the value was written: a setting that hands on one of the body around it goes back to that one. */
  readonly origin: Span;
  /** Given only if the definition declares it and nobody else gave it. */
  readonly offered: boolean;
}

export interface InstanceVal {
  readonly kind: "instance";
  readonly instance: Instance;
  readonly mode: Mode;
}

/** What transforms did to an instance: `ema` reads averaged weights, `eval` sets `training` to false, `freeze` cuts gradients of weights. */
export interface Mode {
  readonly average?: string | undefined;
  readonly evaluating: boolean;
  readonly frozen: boolean;
}

export const plainMode: Mode = { evaluating: false, frozen: false };

/** The axes of one sample, and how many classes its labels have. Records keep their fields. */
export interface ShapeVal {
  readonly kind: "shape";
  readonly axes: readonly Axis[];
  readonly fields?: ReadonlyMap<string, readonly Axis[]> | undefined;
  readonly classes: number;
}

export type { DefinitionKind, Span, TypeNode };

export function objectiveOf(v: Val): Instance | undefined {
  return v.kind === "instance" && v.instance.definition.decl.of === "objective" ? v.instance : undefined;
}

export const none: Val = { kind: "none" };
export const errorVal: Val = { kind: "error" };

export function num(value: number): Val {
  return { kind: "number", value };
}

export function bool(value: boolean): Val {
  return { kind: "bool", value };
}

/** What a person calls the value in a message. */
export function describe(v: Val): string {
  switch (v.kind) {
    case "number":
      return `the number ${showNumber(v.value)}`;
    case "bool":
      return v.value ? "true" : "false";
    case "string":
      return "a string";
    case "none":
      return "`none`";
    case "word":
      return `the word \`${v.word}\``;
    case "range":
      return `the range ${showNumber(v.from)}..${showNumber(v.to)}`;
    case "list":
      return "a list";
    case "tuple":
      return `a tuple of ${v.items.length}`;
    case "record":
      return `a record (${[...v.fields.keys()].join(", ")})`;
    case "axes":
      return "axes";
    case "init":
      return "an initialiser";
    case "step":
      return "`step`";
    case "tensor":
      return v.dtype === "index" ? "a tensor of indices" : v.dtype === "bool" ? "a tensor of bools" : "a tensor";
    case "function":
      return `the function \`${v.decl.name.text}\``;
    case "builtin":
      return `the function \`${v.name}\``;
    case "definition":
      return `the ${v.symbol.decl.of} \`${v.symbol.decl.name.text}\``;
    case "instance":
      return `the ${v.instance.definition.decl.of} \`${v.instance.name}\``;
    case "evaluation":
      return "the result of a call";
    case "shape":
      return "a shape";
    case "error":
      return "a mistake reported above";
  }
}

export function showNumber(value: number): string {
  return String(Math.round(value * 1e12) / 1e12);
}
