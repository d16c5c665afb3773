import type { Diagnostic } from "../../grammar/diagnostic.js";
import { report } from "../diagnostics/create.js";
import { visitExpr } from "../names/mentions.js";
import type { BuiltTrain } from "../plan/train.js";
import { type Facts, lookThrough } from "./facts.js";
import { mixesBatch, reachedByExpr } from "./reach.js";
import type { Rule } from "./rule.js";

/** The size of a batch against the data, against `micro`, and against losses that compare samples with one another. */
export const batches: Rule = (facts) =>
  facts.trains.flatMap((t) => [...sizes(facts, t), ...mixers(facts, t), ...draws(t)]);

function sizes(facts: Facts, t: BuiltTrain): Diagnostic[] {
  const found: Diagnostic[] = [];
  const batch = t.keys.get("batch");
  const data = t.keys.get("data")?.value;
  if (batch && data?.kind === "instance") {
    const path = facts.setting(data.instance, "path");
    // The data that comes with the installation has ten thousand pictures; of other data the size is known only to the disk.
    if (path?.kind === "string" && path.value === "builtin" && t.batch > 10_000)
      found.push(report("batch-larger-than-data", { batch: t.batch, samples: 10_000 }, batch.span));
  }
  const micro = t.keys.get("micro");
  if (micro?.value.kind === "number" && (micro.value.value > t.batch || t.batch % micro.value.value !== 0))
    found.push(
      report("micro-uneven", { micro: micro.value.value, batch: t.batch }, micro.span, {
        related: batch ? [{ span: batch.span, message: `${t.batch} here` }] : [],
      }),
    );
  return found;
}

function mixers(facts: Facts, t: BuiltTrain): Diagnostic[] {
  const micro = t.keys.get("micro");
  const size = micro?.value.kind === "number" ? micro.value.value : t.batch;
  if (size >= t.batch && t.batch > 1) return [];
  return t.decl.body.flatMap((s) => {
    if (s.kind !== "Minimize") return [];
    return s.terms.flatMap((term) => {
      const mixer = [...reachedThrough(facts, t, term.value)].find(
        (x) => x.kind === "definition" && mixesBatch(x.decl),
      );
      if (mixer?.kind !== "definition") return [];
      const name = mixer.decl.name;
      const notes = [`\`${name.text}\` mentions \`batch\``];
      if (size < t.batch)
        return [
          report("loss-over-micro-batch", { term: term.name.text, micro: size, batch: t.batch }, term.span, {
            notes,
            related: micro ? [{ span: micro.span, message: "samples computed at once" }] : [],
          }),
        ];
      return [report("batch-of-one", { term: term.name.text }, term.span, { notes })];
    });
  });
}

function* reachedThrough(facts: Facts, t: BuiltTrain, e: Parameters<typeof lookThrough>[1]) {
  const seen = new Set<string>();
  const queue = [e];
  for (let x = queue.pop(); x; x = queue.pop()) {
    yield* reachedByExpr(x, facts.main);
    for (const name of namesIn(x)) {
      if (seen.has(name)) continue;
      seen.add(name);
      const value = lookThrough(t.decl, { kind: "Name", name, span: x.span });
      if (value.kind !== "Name") queue.push(value);
    }
  }
}

function namesIn(e: Parameters<typeof lookThrough>[1]): string[] {
  const names: string[] = [];
  visitExpr(e, { expr: (x) => void (x.kind === "Name" && names.push(x.name)) });
  return names;
}

/** A draw of the plan itself is one for the batch, unless it says `batch`. */
function draws(t: BuiltTrain): Diagnostic[] {
  return t.decl.body.flatMap((s) => {
    if (s.kind !== "Draw") return [];
    const axes =
      s.type?.kind === "AxesType" ? s.type.axes.items : s.type?.kind === "IndexType" ? (s.type.axes?.items ?? []) : [];
    if (axes.some((a) => a.kind === "axis" && a.name.text === "batch")) return [];
    return [
      report("draw-in-plan", { name: s.target.name.text }, s.target.span, {
        help: ["one a sample: `[batch]`, or a part that is mapped over the batch"],
      }),
    ];
  });
}
