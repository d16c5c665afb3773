import type { Diagnostic } from "../../grammar/diagnostic.js";
import { report } from "../diagnostics/create.js";
import type { BuiltTrain } from "../plan/train.js";
import type { Facts } from "./facts.js";
import { mixerOf, mixingTerms } from "./mixing.js";
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
  if (micro?.value.kind === "number" && t.batch % micro.value.value !== 0) {
    const [below, above] = divisorsAround(t.batch, micro.value.value);
    const { value } = micro.setting;
    found.push(
      report("micro-uneven", { micro: micro.value.value, batch: t.batch }, micro.span, {
        related: batch ? [{ span: batch.span, message: `${t.batch} here` }] : [],
        help: [`next to it: ${[...new Set([below, above])].join(" and ")}`],
        fixes:
          value?.kind === "Number"
            ? [{ title: `write ${below}`, edits: [{ span: value.span, text: String(below) }] }]
            : [],
      }),
    );
  }
  return found;
}

/** The divisors of `n` next to `to`; both are `n` above it. */
function divisorsAround(n: number, to: number): [below: number, above: number] {
  let below = Math.min(n, to);
  while (n % below !== 0) below--;
  let above = Math.min(n, to);
  while (n % above !== 0) above++;
  return [below, above];
}

function mixers(facts: Facts, t: BuiltTrain): Diagnostic[] {
  const key = t.keys.get("micro");
  if (t.micro < t.batch)
    return mixingTerms(t.decl, facts.main).map(({ term, because }) =>
      report("loss-over-micro-batch", { term: term.name.text, micro: t.micro, batch: t.batch }, term.span, {
        notes: [because],
        related: key ? [{ span: key.span, message: "samples computed at once" }] : [],
      }),
    );
  if (t.batch > 1) return [];
  return t.decl.body.flatMap((s) => {
    if (s.kind !== "Minimize") return [];
    return s.terms.flatMap((term) => {
      const mixer = mixerOf(term.value, t.decl, facts.main);
      if (mixer === undefined) return [];
      return [
        report("batch-of-one", { term: term.name.text }, term.span, { notes: [`\`${mixer}\` mentions \`batch\``] }),
      ];
    });
  });
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
