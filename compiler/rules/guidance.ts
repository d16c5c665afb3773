import type { Diagnostic } from "../../grammar/diagnostic.js";
import { report } from "../diagnostics/create.js";
import type { Facts, Sampling } from "./facts.js";
import { everDrops, noClasses } from "./labels.js";
import type { Rule } from "./rule.js";

/** Guidance: the scale, the interval, the channels, and whether the run ever learned what "no label" means. */
export const guidance: Rule = (facts) =>
  facts.samplings
    .filter((s) => s.definition.settings.some((d) => d.name.text === "guidance"))
    .flatMap((s) => [...scale(facts, s), ...where(facts, s)]);

function shapeOf(s: Sampling) {
  const like = s.given.get("like");
  return like?.kind === "shape" ? like : undefined;
}

/** A number that a `param` gives may be another one in the next run. */
function fixed(facts: Facts, s: Sampling, name: string): boolean {
  const e = s.decl.ref.settings?.find((x) => x.name.text === name);
  const read = e && (e.value ?? { kind: "Name" as const, name });
  return !(
    read?.kind === "Name" &&
    (facts.main.seen.get(read.name)?.kind === "param" || read.name === s.decl.index?.name.text)
  );
}

function scale(facts: Facts, s: Sampling): Diagnostic[] {
  const g = s.given.get("guidance");
  const span = s.spans.get("guidance");
  const shape = shapeOf(s);
  if (g?.kind !== "number" || !span) return [];
  if (g.value < 1 && fixed(facts, s, "guidance")) return [report("guidance-below-one", { scale: g.value }, span)];
  if (g.value === 1) return [];
  const flow = s.given.get("flow");
  if (flow?.kind === "instance" && facts.spec.ctx.askNone.has(flow.instance))
    return [
      report("guided-twice", { objective: flow.instance.name }, span, {
        related: [{ span: flow.instance.declared, message: "guidance is in this target" }],
        fixes: [{ title: "write guidance: 1", edits: [{ span, text: "guidance: 1" }] }],
      }),
    ];
  // Guidance by another network, or with the label in both branches, does not go away from the network without one.
  const sees = s.given.get("sees");
  if (sees?.kind === "word" && sees.word !== "strong") return [];
  if (shape && shape.classes === 0 && s.given.has("weak")) return [];
  if (shape && shape.classes === 0) {
    const like = s.decl.ref.settings?.find((x) => x.name.text === "like")?.value;
    const data = like?.kind === "Name" ? facts.instance(like.name) : undefined;
    return [report("guidance-without-labels", {}, span, { related: noClasses(data) })];
  }
  const run = facts.runOf(s);
  if (run && !everDrops(facts, run))
    return [
      report("guidance-without-dropout", { run: run.name }, span, {
        related: [{ span: run.decl.name.span, message: "trained here" }],
      }),
    ];
  return [];
}

function where(facts: Facts, s: Sampling): Diagnostic[] {
  const found: Diagnostic[] = [];
  const g = s.given.get("guidance");
  // Another view than the default may use `channels` for itself.
  const off = g === undefined || (g.kind === "number" && g.value === 1 && fixed(facts, s, "guidance"));
  const interval = s.given.get("interval");
  const at = s.spans.get("interval");
  const channels = s.given.get("channels");
  const on = s.spans.get("channels");
  if (off && interval?.kind === "range" && at) found.push(report("guidance-off", { setting: "interval" }, at));
  if (off && channels?.kind === "range" && on && !s.given.has("view"))
    found.push(report("guidance-off", { setting: "channels" }, on));
  if (interval?.kind === "range" && at) {
    const flow = s.given.get("flow");
    const unit =
      flow?.kind === "instance" && flow.instance.definition.decl.settings.some((d) => d.name.text === "data_at");
    if (interval.to < interval.from)
      found.push(
        report("interval-empty", { from: interval.from, to: interval.to }, at, {
          fixes: [
            {
              title: `write ${interval.to}..${interval.from}`,
              edits: [{ span: at, text: `interval: ${interval.to}..${interval.from}` }],
            },
          ],
        }),
      );
    else if (unit && (interval.from < 0 || interval.to > 1))
      found.push(report("interval-outside-clock", { from: interval.from, to: interval.to }, at));
  }
  const size = shapeOf(s)?.axes.find((a) => a.name === "channel")?.size;
  if (channels?.kind === "range" && on && size !== undefined && !off) {
    if (channels.from < 1 || channels.to > size)
      found.push(report("guidance-channels-range", { from: channels.from, to: channels.to, size }, on));
    else if (channels.to - channels.from + 1 < size)
      found.push(report("guidance-some-channels", { count: channels.to - channels.from + 1, size }, on));
  }
  return found;
}
