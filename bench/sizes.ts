/** What `npm run bench -- step` can time: a spec of ours, and the same network and losses as options of bench/torch_sit.py. */
export interface Size {
  readonly name: string;
  readonly spec: string;
  readonly torch: Readonly<Record<string, unknown>>;
  /** Steps in one call. */
  readonly steps: number;
  /** Of PyTorch's eager speed, at least, on `onnx`. */
  readonly wanted?: number;
}

const diverse = {
  skips: "replace",
  diversity: { aligned: 8, weight: 1, gated: true },
  repa: { block: 4, hidden: 2048, feature: 768, weight: 0.5 },
  clip: 1,
};

const quickstart = {
  ...{ width: 64, depth: 6, heads: 4, patch: 4, side: 28, channels: 1, classes: 10, batch: 64 },
  skips: "add",
  diversity: { weight: 0.001, gated: false },
  clip: 1,
};

export const sizes: readonly Size[] = [
  { name: "quickstart", spec: "bench/quickstart.dit", torch: quickstart, steps: 16 },
  {
    name: "d128",
    spec: "bench/d128.dit",
    torch: { width: 128, depth: 6, heads: 4, side: 16, batch: 16 },
    steps: 16,
  },
  { name: "s2", spec: "bench/step.dit", torch: {}, steps: 4, wanted: 0.7 },
  { name: "diverse", spec: "bench/diverse.dit", torch: diverse, steps: 4 },
];

/** Those that are named; `all`; s2 if none is. */
export function chosenSizes(names: readonly string[]): readonly Size[] {
  if (names.includes("all")) return sizes;
  return (names.length > 0 ? names : ["s2"]).map((name) => {
    const size = sizes.find((s) => s.name === name);
    if (!size) throw new Error(`there is no size ${name}: use ${sizes.map((s) => s.name).join(", ")} or all`);
    return size;
  });
}
