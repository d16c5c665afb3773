/** What the names of a file stand for. */
import type { SourceFile, Span } from "../../grammar/source.js";
import type {
  Definition,
  FileNode,
  FnDecl,
  InstanceDecl,
  LayoutDecl,
  ParamDecl,
  PlanDecl,
  PresetDecl,
  SweepDecl,
} from "../../grammar/tree.js";

export interface DefinitionSymbol {
  readonly kind: "definition";
  readonly decl: Definition;
  readonly file: FileSymbols;
}

export type FileSymbol =
  | DefinitionSymbol
  | { readonly kind: "fn"; readonly decl: FnDecl; readonly file: FileSymbols }
  | { readonly kind: "instance"; readonly decl: InstanceDecl; readonly file: FileSymbols }
  | { readonly kind: "param"; readonly decl: ParamDecl; readonly file: FileSymbols }
  | { readonly kind: "plan"; readonly decl: PlanDecl; readonly file: FileSymbols }
  | { readonly kind: "layout"; readonly decl: LayoutDecl; readonly file: FileSymbols }
  | { readonly kind: "sweep"; readonly decl: SweepDecl; readonly file: FileSymbols };

export interface FileSymbols {
  readonly source: SourceFile;
  readonly tree: FileNode;
  /** A file of the standard library: errors inside it are shown at the nearest call in a user's file. */
  readonly library: boolean;
  /** Declared here. */
  readonly own: Map<string, FileSymbol>;
  /** Seen here: own names and imported ones. */
  readonly seen: Map<string, FileSymbol>;
  /** `Net.B`, declared here or with a definition seen here. */
  readonly presets: Map<string, PresetDecl>;
  readonly presetFiles: Map<string, FileSymbols>;
  /** Names of `use` that were read, for `unused-import`. */
  readonly imports: Map<string, { readonly span: Span; readonly from: FileSymbols | undefined }>;
}

export function nameSpan(symbol: FileSymbol): Span {
  return symbol.decl.name.span;
}

/** What a person calls it: "the model `Net`". */
export function describeSymbol(symbol: FileSymbol): string {
  const name = symbol.decl.name.text;
  switch (symbol.kind) {
    case "definition":
      return `the ${symbol.decl.of} \`${name}\``;
    case "fn":
      return `the function \`${name}\``;
    case "instance":
      return `the ${symbol.decl.of} \`${name}\``;
    case "param":
      return `the param \`${name}\``;
    case "plan":
      return `the ${symbol.decl.plan} plan \`${name}\``;
    case "layout":
      return `the layout \`${name}\``;
    case "sweep":
      return `the sweep \`${name}\``;
  }
}
