/** Which definitions a plan reaches, through instances, settings and bodies. */
import type { Definition, Expr, PlanDecl } from "../../grammar/tree.js";
import { type Visitor, visitExpr, visitStatement, visitSymbol } from "../names/mentions.js";
import type { FileSymbol, FileSymbols } from "../names/symbols.js";

export function reachedFrom(
  names: Iterable<string>,
  file: FileSymbols,
  found = new Set<FileSymbol>(),
): Set<FileSymbol> {
  for (const name of names) {
    const symbol = file.seen.get(name);
    if (!symbol || found.has(symbol)) continue;
    found.add(symbol);
    const inner = new Set<string>();
    visitSymbol(symbol, collect(inner));
    reachedFrom(inner, symbol.file, found);
  }
  return found;
}

function collect(names: Set<string>): Visitor {
  return {
    ref: (n) => names.add(n),
    expr: (e) => {
      if (e.kind === "Name") names.add(e.name);
    },
  };
}

export function reachedByPlan(plan: PlanDecl, file: FileSymbols): Set<FileSymbol> {
  const names = new Set<string>();
  for (const s of plan.body) visitStatement(s, collect(names));
  return reachedFrom(names, file);
}

export function reachedByExpr(e: Expr, file: FileSymbols): Set<FileSymbol> {
  const names = new Set<string>();
  visitExpr(e, collect(names));
  return reachedFrom(names, file);
}

/** A part that gives `none` for some labels: `where(u < p, none, y)`. */
export function dropsLabels(symbol: FileSymbol): boolean {
  return (
    symbol.kind === "definition" &&
    symbol.decl.body !== "extern" &&
    symbol.decl.body.some((s) => {
      let found = false;
      visitStatement(s, {
        expr: (e) => {
          if (
            e.kind === "Call" &&
            e.callee.kind === "Name" &&
            e.callee.name === "where" &&
            e.args.slice(1).some((a) => a.value.kind === "None")
          )
            found = true;
        },
      });
      return found;
    })
  );
}

/** A definition that mixes the samples of a batch says so in its signature. */
export function mixesBatch(decl: Pick<Definition, "inputs">): boolean {
  return decl.inputs.some(
    (i) => i.type?.kind === "AxesType" && i.type.axes.items.some((a) => a.kind === "axis" && a.name.text === "batch"),
  );
}
