import type { Diagnostic } from "../../grammar/diagnostic.js";
import { report } from "../diagnostics/create.js";
import type { BuiltTrain } from "../plan/train.js";
import type { Facts, Sampling } from "./facts.js";
import { reachedByPlan } from "./reach.js";
import type { Rule } from "./rule.js";

/** What is drawn against what was trained: the same objective, the same size, the same weights, labels that exist. */
export const sampling: Rule = (facts) => [
  ...facts.samplings.flatMap((s) => {
    const run = facts.runOf(s);
    return [...labelRange(s), ...shared(facts, s), ...(run ? [...objective(facts, s, run), ...size(s, run)] : [])];
  }),
  ...untrained(facts),
  ...scored(facts),
];

function labelRange(s: Sampling): Diagnostic[] {
  const list = s.given.get("labels");
  const span = s.spans.get("labels");
  const like = s.given.get("like");
  if (list?.kind !== "list" || !span || like?.kind !== "shape" || like.classes === 0) return [];
  const wrong = list.items.find((i) => i.kind === "number" && (i.value < 1 || i.value > like.classes));
  if (wrong?.kind !== "number") return [];
  return [
    report("label-range", { label: wrong.value, classes: like.classes }, span, {
      help: wrong.value === 0 ? ["classes count from 1; no label is `none`, not a number"] : [],
    }),
  ];
}

/** A number that the sample and its objective both declare is one number: the noise at the start is the noise of the training. */
function shared(facts: Facts, s: Sampling): Diagnostic[] {
  const flow = s.given.get("flow");
  if (flow?.kind !== "instance") return [];
  const { instance } = flow;
  return s.definition.settings.flatMap(({ name, value }) => {
    if (!instance.definition.decl.settings.some((d) => d.name.text === name.text)) return [];
    const here = s.given.get(name.text) ?? (value && facts.value(value));
    const there = facts.setting(instance, name.text);
    if (here?.kind !== "number" || there?.kind !== "number" || here.value === there.value) return [];
    const span = s.spans.get(name.text) ?? s.decl.name.span;
    return [
      report(
        "sample-other-setting",
        { name: name.text, here: here.value, there: there.value, objective: instance.name },
        span,
        {
          related: [
            { span: instance.given.get(name.text)?.origin ?? instance.declared, message: `${there.value} here` },
          ],
          help: [`\`${name.text}: ${there.value}\` in \`${s.decl.name.text}\``],
        },
      ),
    ];
  });
}

function objective(facts: Facts, s: Sampling, run: BuiltTrain): Diagnostic[] {
  const trained = new Set([...reachedByPlan(run.decl, facts.main)].map((x) => x.decl));
  return [...s.given].flatMap(([name, v]) => {
    if (v.kind !== "instance" || v.instance.definition.decl.of !== "objective") return [];
    const symbol = facts.main.seen.get(v.instance.name);
    const span = s.spans.get(name);
    if (!symbol || !span || trained.has(symbol.decl)) return [];
    return [
      report("sample-other-objective", { objective: v.instance.name, run: run.name }, span, {
        related: [{ span: symbol.decl.name.span, message: "declared here" }],
      }),
    ];
  });
}

function size(s: Sampling, run: BuiltTrain): Diagnostic[] {
  const like = s.given.get("like");
  const span = s.spans.get("like");
  if (like?.kind !== "shape" || !span || like.fields) return [];
  for (const p of run.phases)
    for (const f of p.frame.fields.values()) {
      if (f.field !== "image") continue;
      // What has other channels is no picture of that data: a latent that the spec's own encoder makes.
      const channels = like.axes.find((a) => a.name === "channel")?.size;
      if (channels !== f.shape[f.axes.indexOf("channel")]) continue;
      for (const a of like.axes) {
        const i = f.axes.indexOf(a.name);
        const trained = f.shape[i];
        if (i >= 0 && trained !== undefined && trained !== a.size)
          return [report("sample-other-size", { axis: a.name, here: a.size, trained }, span)];
      }
    }
  return [];
}

/** Weights that only the sampler reads are as random as on the first day. */
function untrained(facts: Facts): Diagnostic[] {
  return facts.spec.samples.flatMap((s) => {
    const run = facts.trains.find((t) => t.name === s.of);
    if (!run || run.decl.keys.some((k) => k.name.text === "start")) return [];
    const read = new Set(
      run.phases.flatMap((p) =>
        p.program.inputs.flatMap((i) => (i.role === "weight" || i.role === "average" ? [i.path] : [])),
      ),
    );
    const strange = s.program.inputs.flatMap((i) =>
      (i.role === "weight" || i.role === "average") && !read.has(i.path) ? [i.path] : [],
    );
    const first = strange[0];
    const item = facts.main.tree.items.find(
      (x) => (x.kind === "Instance" || x.kind === "Plan") && s.name.replace(/\(.*/, "") === x.name.text,
    );
    if (first === undefined || !item || !("name" in item)) return [];
    return [
      report(
        "sampled-weight-untrained",
        { sample: s.name, run: run.name, count: strange.length, first },
        item.name.span,
      ),
    ];
  });
}

/** Scores of distributions are biased for few samples. */
function scored(facts: Facts): Diagnostic[] {
  return facts.main.tree.items.flatMap((item) => {
    if (item.kind !== "Instance" || item.of !== "evaluate") return [];
    const of = item.ref.settings?.find((s) => s.name.text === "of");
    const name = of?.value?.kind === "Name" ? of.value.name : undefined;
    const sample = facts.spec.samples.find((s) => s.name === name);
    if (!of || !sample || sample.count >= 5_000) return [];
    return [report("few-samples-scored", { count: sample.count, sample: sample.name }, of.span)];
  });
}
