/** A small spec of which a test changes a line or two. */
export interface Parts {
  readonly use?: string;
  readonly data?: string;
  readonly net?: string;
  readonly flow?: string;
  readonly more?: string;
  readonly body?: string;
  readonly terms?: string;
  readonly sample?: string;
}

/** Names of the library are imported where the text has them. */
export function spec(p: Parts): string {
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
