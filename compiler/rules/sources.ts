import type { Diagnostic, Fix } from "../../grammar/diagnostic.js";
import type { Expr } from "../../grammar/tree.js";
import { report } from "../diagnostics/create.js";
import type { Instance } from "../elaborate/instance.js";
import type { Facts } from "./facts.js";
import type { Rule } from "./rule.js";

/** Data and encoders: numbers that are nearly right. */
export const sources: Rule = (facts) =>
  facts.instances().flatMap((i) => {
    const kind = i.definition.decl.of;
    return kind === "data" ? [...scale(facts, i), ...classes(facts, i)] : kind === "encoder" ? encoder(facts, i) : [];
  });

const published = 0.18215;

/** The scale of the usual autoencoder is a number that is easily mistyped, or forgotten. */
function scale(facts: Facts, i: Instance): Diagnostic[] {
  const v = facts.setting(i, "scale");
  const image = facts.setting(i, "image");
  const shift = facts.setting(i, "shift");
  if (v?.kind !== "number" || image?.kind !== "axes") return [];
  const span = i.given.get("scale")?.setting.span ?? i.declared;
  const channels = image.axes.find((a) => a.name === "channel")?.size;
  const near = Math.abs(v.value / published - 1) < 0.03 && v.value !== published;
  if (near)
    return [
      report("latents-scale", { scale: v.value, why: `nearly ${published}, which is the usual one` }, span, {
        fixes: numberFix(i.given.get("scale")?.setting.value, published),
      }),
    ];
  const unscaled = v.value === 1 && channels === 4 && !(shift?.kind === "number" && shift.value !== 0);
  return unscaled
    ? [
        report(
          "latents-scale",
          { scale: 1, why: "latents of 4 channels are usually scaled to a variance near 1" },
          span,
        ),
      ]
    : [];
}

function numberFix(written: Expr | undefined, value: number): Fix[] {
  return written?.kind === "Number"
    ? [{ title: `write ${value}`, edits: [{ span: written.span, text: String(value) }] }]
    : [];
}

/** The null label has no row of its own. */
function classes(facts: Facts, i: Instance): Diagnostic[] {
  const v = facts.setting(i, "class");
  if (v?.kind !== "number" || ![11, 101, 1001].includes(v.value)) return [];
  const given = i.given.get("class")?.setting;
  return [
    report("class-count-null", { classes: v.value }, given?.span ?? i.declared, {
      fixes: numberFix(given?.value, v.value - 1),
    }),
  ];
}

function encoder(facts: Facts, i: Instance): Diagnostic[] {
  const input = facts.setting(i, "input");
  return [...i.given].flatMap(([name, g]) => {
    if (g.value.kind !== "axes" || g.value.axes.length !== 2) return [];
    const tokens = g.value.axes.find((a) => a.name === "token")?.size;
    if (tokens === undefined) return [];
    const side = Math.sqrt(tokens);
    if (!Number.isInteger(side)) {
      const inner = Math.sqrt(tokens - 1);
      return Number.isInteger(inner)
        ? [report("encoder-class-token", { output: name, tokens, patches: tokens - 1 }, g.setting.span)]
        : [];
    }
    if (input?.kind !== "number" || input.value % side === 0) return [];
    return [report("encoder-grid", { tokens, side, input: input.value }, g.setting.span)];
  });
}
