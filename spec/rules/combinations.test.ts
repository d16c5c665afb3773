/** Things that are right alone and make no sense together: each is refused before anything runs, and both places are named. */
import assert from "node:assert/strict";
import { placeOf } from "../../compiler/diagnostics/findings.js";
import type { Diagnostic } from "../../grammar/diagnostic.js";
import { check, lines } from "./load.js";

/** What is said, and below it the other places, those of the user's file before those of the library. */
function places(found: readonly Diagnostic[]): string[] {
  return found.flatMap((d) => [
    ...lines([d]),
    ...d.related
      .filter((r) => !r.span.source.path.startsWith("std/"))
      .map((r) => `  ${placeOf(r.span).replace(/^.*?:/, "")} ${r.message}`),
  ]);
}

interface Parts {
  readonly use?: string;
  readonly data?: string;
  readonly net?: string;
  readonly flow?: string;
  readonly more?: string;
  readonly body?: string;
  readonly terms?: string;
  readonly sample?: string;
}

/** A spec of which every test changes a line or two. */
function spec(p: Parts): string {
  const names = ["AdamW", "Digits", "Flow", "Generate", "LabelDropout", "SiT", ...(p.use ?? "").split(" ")];
  const text = [
    p.data ?? "data digits: Digits",
    p.net ?? "model net: SiT { hidden: 32, depth: 2, heads: 2, patch: 4 }",
    p.flow ?? "objective flow: Flow",
    ...(p.more ? [p.more] : []),
    "train run {",
    "  data: digits, batch: 8, steps: 100",
    ...(p.body ? [p.body] : []),
    `  minimize by AdamW { lr: 1e-3 } { ${p.terms ?? "denoise: flow(net, digits.image, LabelDropout {}(digits.label))"} }`,
    "}",
    ...(p.sample === ""
      ? []
      : [`sample pictures: Generate { flow, model: net, like: digits, count: 4${p.sample ?? ""} }`]),
  ].join("\n");
  const used = names.filter((n) => n !== "" && new RegExp(`\\b${n}\\b`).test(text));
  return `use std.{${used.join(", ")}}\n${text}\n`;
}

function says(title: string, parts: Parts, wanted: readonly string[]): void {
  it(title, () => {
    assert.deepEqual(places(check(spec(parts))), wanted);
  });
}

describe("combinations", () => {
  says("a sampler of chains and a flow", { use: "Ancestral raw", sample: ", method: Ancestral, view: raw" }, [
    "9:71 error lacks-setting: the setting `steps` is wanted of `flow`, and `Flow` has none of that name",
    "  4:1 it has path, predict, compare, data_at, time, weighting",
  ]);
  says("a view of noise levels and a flow", { use: "EdmHeun denoised", sample: ", method: EdmHeun, view: denoised" }, [
    "9:88 error lacks-setting: the setting `data_std` is wanted of `flow`, and `Flow` has none of that name",
    "  4:1 it has path, predict, compare, data_at, time, weighting",
  ]);
  says(
    "a sampler that reads denoised data and a view that gives velocities",
    { use: "EdmHeun", sample: ", method: EdmHeun" },
    ["9:71 error unknown-field: there is no field `data`: it has velocity, score", "  4:1 `flow` is `Flow`"],
  );
  says(
    "a sampler of velocities and a noise",
    {
      use: "on_clock",
      flow: "objective flow: Flow { predict: noise }",
      more: `sampler Mine { steps: int = 3 } (field: fn(z, t), z: [*], o: objective) -> [*] {
  require o.predict is velocity, "\`Mine\` wants a network that predicts velocities"
  return z + field(z, on_clock(o, 0.1)).velocity / steps
}`,
      sample: ", method: Mine",
    },
    [
      "13:71 error require: `Mine` wants a network that predicts velocities",
      "  4:24 `predict` is `noise`",
      "  6:3 required here",
    ],
  );
  says(
    "a route past the last block",
    {
      net: "model net: SiT { hidden: 32, depth: 4, heads: 2, patch: 4 } with {\n  set block(2).in = 2 * h(1)\n  set block(9).out = h(2)\n}",
      sample: "",
    },
    ["5:13 error index-range: `block(9)`: `block` has positions 1..4", "  3:30 `depth` is 4"],
  );
  says(
    "skips in pairs and an odd depth",
    {
      use: "GatedAdd",
      net: "model net: SiT { hidden: 32, depth: 5, heads: 2, patch: 4 } with {\n  skip long(i): block(i).out -> block(depth + 1 - i).in via GatedAdd for i in 1..depth/2\n}",
      sample: "",
    },
    ["4:79 error not-whole: a whole number is wanted, and this is 2.5", "  3:30 `depth` is 5"],
  );
  says("heads and a width", { net: "model net: SiT { hidden: 32, depth: 2, heads: 3, patch: 4 }", sample: "" }, [
    "7:45 error require: heads must divide the width",
    "  3:40 `heads` is 3",
  ]);
  says(
    "labels and data without classes",
    { data: `data digits: Folder { path: "x", size: 16 }`, use: "Folder", sample: "" },
    ["7:92 error unknown-field: there is no field `label`: it has image, pixels", "  2:1 `digits` is declared here"],
  );
});
