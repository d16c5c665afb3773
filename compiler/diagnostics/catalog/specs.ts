/** Small specs for the examples of the catalog: what every one of them needs, so that an example shows its own mistake alone. */
const heading = (names: string) => `use std.{${names}}\n`;

export interface Parts {
  /** More names of the library, in their place by the alphabet. */
  readonly use?: string;
  readonly data?: string;
  readonly net?: string;
  readonly flow?: string;
  /** Declarations between the objective and the run. */
  readonly more?: string;
  readonly keys?: string;
  readonly body?: string;
  readonly by?: string;
  readonly terms?: string;
  readonly after?: string;
}

/** A spec that trains a small network on digits. */
export function trains(p: Parts = {}): string {
  const data = p.data ?? "data digits: Digits";
  const names = new Set([
    "Flow",
    "SiT",
    ...(p.by === undefined ? ["AdamW"] : []),
    ...(p.data === undefined ? ["Digits"] : []),
  ]);
  for (const n of (p.use ?? "").split(/[, ]+/)) if (n !== "") names.add(n);
  const upper = [...names].filter((n) => /^[A-Z]/.test(n)).sort();
  const lower = [...names].filter((n) => !/^[A-Z]/.test(n)).sort();
  const lines = [
    data,
    p.net ?? "model net: SiT { hidden: 32, depth: 2, heads: 2, patch: 4 }",
    p.flow ?? "objective flow: Flow",
    ...(p.more === undefined ? [] : [p.more]),
    "train run {",
    `  data: digits, ${p.keys ?? "batch: 8, steps: 100"}`,
    ...(p.body === undefined ? [] : p.body.split("\n").map((l) => `  ${l}`)),
    `  minimize ${p.by ?? "by AdamW { lr: 1e-3 }"} { ${p.terms ?? "denoise: flow(net, digits.image, digits.label)"} }`,
    "}",
    ...(p.after === undefined ? [] : [p.after]),
  ];
  return `${heading([...upper, ...lower].join(", "))}${lines.join("\n")}\n`;
}

/** The same with pictures drawn: `settings` stand in the `Generate`. */
export function draws(settings: string, p: Parts = {}): string {
  const use = `${p.use ?? ""} Generate LabelDropout`;
  const terms = p.terms ?? "denoise: flow(net, digits.image, LabelDropout {}(digits.label))";
  return trains({
    ...p,
    use,
    terms,
    after: `sample pictures: Generate { flow, model: net, like: digits, count: 4${settings} }`,
  });
}

/** A part that is used as the blocks of the network, for mistakes inside a body. */
export function block(statements: string, p: Parts = {}): string {
  const body = statements
    .split("\n")
    .map((l) => `  ${l}`)
    .join("\n");
  return trains({
    ...p,
    net: `part Block (x: [token, dim], c: [cond]) -> [token, dim] {\n${body}\n}\nmodel net: SiT { hidden: 8, depth: 1, heads: 2, patch: 14, layer: Block }`,
  });
}
