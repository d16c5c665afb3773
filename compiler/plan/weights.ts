/** What a layout says of an instance of a spec, for files of weights that come from elsewhere and go there. */
import { plain } from "../elaborate/evaluation.js";
import { evaluate } from "../elaborate/expr.js";
import { fileScope } from "../elaborate/files.js";
import type { Instance } from "../elaborate/instance.js";
import type { FileSymbols } from "../names/symbols.js";
import type { Spec } from "../spec.js";
import { fileTensors } from "./layout.js";
import type { StartTensor } from "./plan.js";
import { startTensor } from "./start.js";

/** An instance with weights, and the layouts that there are for its definition. */
export interface Weighted {
  readonly name: string;
  /** Its weights begin with it. */
  readonly path: string;
  readonly kind: string;
  readonly layouts: readonly string[];
}

/** The instances of a spec that have weights, in the order of the file. */
export function weighted(spec: Spec): Weighted[] {
  const { main, library } = spec.loaded;
  const layouts = [...new Map([...library.symbols, ...main.seen])].flatMap(([name, symbol]) =>
    symbol.kind === "layout" ? [{ name, target: symbol.decl.target.text }] : [],
  );
  return [...instancesOf(spec, main)].map(([name, instance]) => ({
    name,
    path: instance.path,
    kind: instance.definition.decl.of,
    layouts: layouts
      .filter((l) => l.target === instance.definition.decl.name.text || l.target === name)
      .map((l) => l.name),
  }));
}

/** By name; a second wiring of the same weights is left out. */
function instancesOf({ ctx }: Spec, file: FileSymbols): Map<string, Instance> {
  const scope = fileScope(ctx, file);
  const found = new Map<string, Instance>();
  for (const [name, symbol] of file.seen) {
    if (symbol.kind !== "instance" || symbol.decl.index) continue;
    const span = symbol.decl.name.span;
    const value = ctx.attemptQuietly(() => plain(evaluate({ kind: "Name", name, span }, scope)));
    const instance = value?.kind === "instance" ? value.instance : undefined;
    if (!instance || instance.path !== instance.identity) continue;
    if ([...ctx.weights.keys()].some((path) => path.startsWith(`${instance.path}.`))) found.set(name, instance);
  }
  return found;
}

/** The tensors of a file of this layout for the instance of this name. Problems are in `spec.ctx.diagnostics`. */
export function layoutTensors(spec: Spec, name: string, layout: string): StartTensor[] | undefined {
  const { ctx, loaded } = spec;
  const instance = instancesOf(spec, loaded.main).get(name);
  const symbol = loaded.main.seen.get(layout) ?? loaded.library.symbols.get(layout);
  if (!instance || symbol?.kind !== "layout") return undefined;
  return ctx.attempt(() => fileTensors(ctx, symbol.decl, instance, "", fileScope(ctx, symbol.file)).map(startTensor));
}
