import type { Diagnostic } from "../../grammar/diagnostic.js";
import { spanText } from "../../grammar/source.js";
import type { Expr, MinimizeStatement } from "../../grammar/tree.js";
import { report } from "../diagnostics/create.js";
import type { Fn, Value } from "../ir/graph.js";
import { at } from "../ir/table/row.js";
import { minimizeName } from "../plan/terms.js";
import type { BuiltTrain } from "../plan/train.js";
import type { Facts } from "./facts.js";
import type { Rule } from "./rule.js";

/** Terms that cannot do what a term is for. */
export const terms: Rule = (facts) =>
  facts.trains.flatMap((t) =>
    t.decl.body.flatMap((s) => (s.kind === "Minimize" ? [...written(facts, s), ...reaching(t, s)] : [])),
  );

function written(facts: Facts, m: MinimizeStatement): Diagnostic[] {
  return m.terms.flatMap((term, i) => {
    const found: Diagnostic[] = [];
    const text = spanText(term.value.span);
    const twin = m.terms.slice(0, i).find((x) => spanText(x.value.span) === text);
    if (twin)
      found.push(
        report("same-term-twice", { term: term.name.text, first: twin.name.text }, term.span, {
          related: [{ span: twin.span, message: "the same here" }],
        }),
      );
    const factor = factors(term.value).find((f) => (simple(f) ? (facts.number(f) ?? 0) : 0) < 0);
    if (factor) found.push(report("negative-factor", { term: term.name.text }, factor.span));
    return found;
  });
}

function factors(e: Expr): Expr[] {
  if (e.kind === "Binary" && e.op === "*") return [...factors(e.left), ...factors(e.right)];
  return [e];
}

function simple(e: Expr): boolean {
  if (e.kind === "Unary") return simple(e.value);
  return e.kind === "Number" || e.kind === "Name";
}

/** A term from which no path of the graph leads to a weight moves nothing. */
function reaching(t: BuiltTrain, m: MinimizeStatement): Diagnostic[] {
  const name = minimizeName(m);
  return m.terms.flatMap((term) => {
    const wanted = m.terms.length > 1 ? `${name}.${term.name.text}` : name;
    let there = false;
    for (const { program } of t.phases) {
      const { main, fns } = program.module;
      const i = program.outputs.findIndex((o) => o.role === "log" && o.name === wanted);
      const node = main.results[i];
      if (!node) continue;
      there = true;
      const from = sources(node, fns);
      if (main.params.some((p, k) => program.inputs[k]?.role === "weight" && from.has(p))) return [];
    }
    return there ? [report("term-without-weights", { term: term.name.text }, term.span)] : [];
  });
}

/**
 * The parameters of its function from which a value comes. Calls are looked into: a step in micro-batches is one call, and its results do
 * not all come from the same operands. `known`: what was found for results of functions.
 */
function sources(from: Value, fns: ReadonlyMap<string, Fn>, known = new Map<Value, Set<Value>>()): Set<Value> {
  const found = new Set<Value>();
  const seen = new Set<Value>();
  const queue = [from];
  for (let v = queue.pop(); v; v = queue.pop()) {
    if (seen.has(v) || v.op?.kind === "stop_gradient") continue;
    seen.add(v);
    if (!v.op) found.add(v);
    else if (v.op.kind === "call") {
      const fn = fns.get(v.op.attrs.fn);
      const inner = fn?.results[v.op.results.indexOf(v)];
      if (!fn || !inner) continue;
      const own = known.get(inner) ?? sources(inner, fns, known);
      known.set(inner, own);
      queue.push(...v.op.operands.filter((_, i) => own.has(at(fn.params, i))));
    } else queue.push(...v.op.operands);
  }
  return found;
}
