import type { Diagnostic, Related } from "../../grammar/diagnostic.js";
import { spanText } from "../../grammar/source.js";
import type { Expr } from "../../grammar/tree.js";
import { report } from "../diagnostics/create.js";
import type { Instance } from "../elaborate/instance.js";
import { visitExpr } from "../names/mentions.js";
import type { FileSymbol } from "../names/symbols.js";
import type { BuiltTrain } from "../plan/train.js";
import { expressions, type Facts, lookThrough } from "./facts.js";
import { dropsLabels, reachedFrom } from "./reach.js";
import type { Rule } from "./rule.js";

/** Label dropout: once on every path, at a rate that leaves something to learn. */
export const labels: Rule = (facts) => [
  ...facts.trains.flatMap((t) => [...twice(facts, t), ...rates(facts, t), ...unlabelled(facts, t)]),
  ...facts.samplings.flatMap((s) => {
    const like = s.given.get("like");
    const span = s.spans.get("labels");
    const list = s.given.get("labels");
    if (like?.kind !== "shape" || like.classes > 0 || list?.kind !== "list" || list.items.length === 0 || !span)
      return [];
    const data = s.decl.ref.settings?.find((x) => x.name.text === "like")?.value;
    const instance = data?.kind === "Name" ? facts.instance(data.name) : undefined;
    return [report("label-without-classes", { what: "these labels are" }, span, { related: noClasses(instance) })];
  }),
];

/** Where classes would be declared. */
export function noClasses(data: Instance | undefined): Related[] {
  return data ? [{ span: data.declared, message: `\`${data.name}\` has no classes` }] : [];
}

/** `none` is the absence of a label; where there are no labels it says nothing. */
function unlabelled(facts: Facts, t: BuiltTrain): Diagnostic[] {
  const data = t.keys.get("data")?.value;
  if (data?.kind !== "instance") return [];
  const classes = facts.setting(data.instance, "class");
  if (classes?.kind !== "number" || classes.value > 0) return [];
  return expressions(t.decl).flatMap((e) =>
    e.kind === "Call" && e.callee.kind === "Name" && facts.instance(e.callee.name)
      ? e.args.flatMap((a, i) => {
          if (a.value.kind !== "None") return [];
          const before = e.args[i - 1];
          return [
            report("label-without-classes", { what: "`none` is" }, a.value.span, {
              related: noClasses(data.instance),
              fixes: before
                ? [{ title: "leave it out", edits: [{ span: { ...a.span, pos: before.span.end }, text: "" }] }]
                : [],
            }),
          ];
        })
      : [],
  );
}

/** The part that a call applies to labels, if it drops some: `LabelDropout {}(y)`, or an instance of it. */
function dropper(facts: Facts, e: Expr): FileSymbol | undefined {
  if (e.kind !== "Call") return undefined;
  const name = e.callee.kind === "Def" ? e.callee.name.text : e.callee.kind === "Name" ? e.callee.name : undefined;
  const symbol = name === undefined ? undefined : facts.main.seen.get(name);
  const of = symbol?.kind === "instance" ? symbol.file.seen.get(symbol.decl.ref.name.text) : symbol;
  return of && dropsLabels(of) ? of : undefined;
}

/** Droppers that the value of an expression went through. */
function drops(facts: Facts, t: BuiltTrain, e: Expr): number {
  const x = lookThrough(t.decl, e);
  if (!dropper(facts, x) || x.kind !== "Call") return 0;
  return 1 + Math.max(0, ...x.args.map((a) => drops(facts, t, a.value)));
}

function twice(facts: Facts, t: BuiltTrain): Diagnostic[] {
  return expressions(t.decl).flatMap((e) => {
    if (e.kind !== "Call") return [];
    if (dropper(facts, e)) {
      const before = e.args.find((a) => drops(facts, t, a.value) > 0);
      const first = before && lookThrough(t.decl, before.value);
      return first
        ? [
            report("labels-dropped-twice", { where: "in the plan" }, e.span, {
              related: [{ span: first.span, message: "dropped here already" }],
              fixes: [
                {
                  title: "drop them once",
                  edits: [{ span: e.span, text: spanText(before.value.span) }],
                },
              ],
            }),
          ]
        : [];
    }
    const dropped = e.args.some((a) => drops(facts, t, a.value) > 0);
    if (!dropped || e.callee.kind !== "Name") return [];
    const names = [e.callee.name, ...e.args.flatMap((a) => (a.value.kind === "Name" ? [a.value.name] : []))];
    const inside = [
      ...reachedFrom(
        names.filter((n) => facts.main.seen.get(n)?.kind === "instance"),
        facts.main,
      ),
    ].find(dropsLabels);
    if (inside?.kind !== "definition") return [];
    return [
      report("labels-dropped-twice", { where: `in the plan and by \`${inside.decl.name.text}\`` }, e.span, {
        related: [{ span: inside.decl.name.span, message: "drops them again" }],
      }),
    ];
  });
}

function rates(facts: Facts, t: BuiltTrain): Diagnostic[] {
  return expressions(t.decl).flatMap((e) => {
    if (!dropper(facts, e) || e.kind !== "Call" || e.callee.kind !== "Def") return [];
    return (e.callee.settings ?? []).flatMap((s) => {
      const p = s.value ? facts.number(s.value) : undefined;
      return p !== undefined && (p >= 0.5 || p < 0) ? [report("label-dropout-rate", { p }, s.span)] : [];
    });
  });
}

/** Whether any label of a run can be `none`. */
export function everDrops(facts: Facts, t: BuiltTrain): boolean {
  const names = new Set<string>();
  let literal = false;
  for (const e of expressions(t.decl)) {
    visitExpr(e, { ref: (n) => names.add(n) });
    if (e.kind === "Name") names.add(e.name);
    if (e.kind === "Call") literal ||= e.args.some((a) => a.value.kind === "None");
  }
  return literal || [...reachedFrom(names, facts.main)].some((s) => dropsLabels(s) && !offHere(facts, t, s));
}

/** Every use in the plan says that nothing is dropped: `LabelDropout { p: 0 }`. */
function offHere(facts: Facts, t: BuiltTrain, dropper: FileSymbol): boolean {
  const uses = expressions(t.decl).flatMap((e) =>
    e.kind === "Def" && facts.main.seen.get(e.name.text) === dropper ? [e.settings ?? []] : [],
  );
  return uses.length > 0 && uses.every((list) => list.some((s) => s.value && facts.number(s.value) === 0));
}
