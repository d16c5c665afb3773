import type { Diagnostic } from "../../grammar/diagnostic.js";
import type { Span } from "../../grammar/source.js";
import type { Expr } from "../../grammar/tree.js";
import { report } from "../diagnostics/create.js";
import type { Instance } from "../elaborate/instance.js";
import { describe, type Val } from "../elaborate/values.js";
import type { BuiltTrain } from "../plan/train.js";
import { expressions, type Facts, lookThrough } from "./facts.js";
import type { Rule } from "./rule.js";

/** One network answers one question: objectives that share it agree on what it predicts, on which path and which clock. */
export const objectives: Rule = (facts) => facts.trains.flatMap((t) => disagreements(facts, t));

interface Asked {
  readonly objective: Instance;
  readonly span: Span;
}

function disagreements(facts: Facts, t: BuiltTrain): Diagnostic[] {
  const asked = new Map<string, { model: Instance; by: Asked[] }>();
  for (const e of expressions(t.decl)) {
    if (e.kind !== "Call") continue;
    const values = [e.callee, ...e.args.map((a) => a.value)].flatMap((x) => instanceOf(facts, t, x) ?? []);
    const model = values.find((i) => i.definition.decl.of === "model");
    const objective = values.find((i) => i.definition.decl.of === "objective");
    if (!model || !objective) continue;
    const known = asked.get(model.path) ?? { model, by: [] };
    asked.set(model.path, known);
    if (!known.by.some((a) => a.objective.identity === objective.identity)) known.by.push({ objective, span: e.span });
  }
  return [...asked.values()].flatMap(({ model, by: [first, ...others] }) =>
    others.flatMap((other) => {
      const differ = first && difference(facts, first.objective, other.objective);
      if (!first || !differ) return [];
      const [here, there] = differ;
      return [
        report(
          "objectives-disagree",
          { model: model.name, first: first.objective.name, there, second: other.objective.name, here },
          other.span,
          {
            related: [
              { span: first.span, message: `\`${first.objective.name}\` here` },
              { span: other.objective.declared, message: here },
              { span: first.objective.declared, message: there },
            ],
          },
        ),
      ];
    }),
  );
}

/** An instance that an expression stands for: its name, or a transform of it. */
function instanceOf(facts: Facts, t: BuiltTrain, e: Expr): Instance | undefined {
  const x = lookThrough(t.decl, e);
  if (x.kind === "Name") return facts.instance(x.name);
  const inner = x.kind === "Call" && x.callee.kind === "Name" && transforms.has(x.callee.name) ? x.args[0] : undefined;
  return inner && instanceOf(facts, t, inner.value);
}

const transforms: ReadonlySet<string> = new Set(["ema", "eval", "freeze"]);

/** Settings that say what is asked; laws of time, weights and the space of comparison may differ. */
const questions = ["predict", "data_at", "path"];

function difference(facts: Facts, a: Instance, b: Instance): [here: string, there: string] | undefined {
  const kinds = [a, b].map((i) => i.definition.decl.name.text);
  if (a.definition !== b.definition) return [`\`${kinds[1]}\``, `\`${kinds[0]}\``];
  for (const name of questions) {
    const [there, here] = [a, b].map((i) => show(name, facts.setting(i, name)));
    if (there !== undefined && here !== undefined && there !== here) return [here, there];
  }
  return undefined;
}

function show(name: string, v: Val | undefined): string | undefined {
  if (!v) return undefined;
  const text =
    v.kind === "definition"
      ? v.symbol.decl.name.text
      : v.kind === "word"
        ? v.word
        : describe(v).replace(/^the number /, "");
  return `\`${name}: ${text}\``;
}
