import { type Catalog, entry } from "../../../grammar/diagnostic.js";

/** train, sample, evaluate, sweep and layout. */
export const plansCatalog = {
  "unknown-key": entry<{ name: string; plan: string }>({
    severity: "error",
    message: (a) => `a ${a.plan} plan has no key \`${a.name}\``,
    explain: "",
    example: undefined,
  }),
  "missing-key": entry<{ name: string; plan: string }>({
    severity: "error",
    message: (a) => `this ${a.plan} plan needs the key \`${a.name}\``,
    explain: "",
    example: undefined,
  }),
  "key-type": entry<{ name: string; wanted: string; found: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` wants ${a.wanted} and is given ${a.found}`,
    explain: "",
    example: undefined,
  }),
  "no-minimize": entry<{ plan: string }>({
    severity: "error",
    message: (a) => `the train plan \`${a.plan}\` minimizes nothing`,
    explain: "",
    example: undefined,
  }),
  "minimize-needs-over": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `with several \`minimize\`s each \`by\` needs its \`over\``,
    explain: "",
    example: undefined,
  }),
  "term-axes": entry<{ term: string; axes: string }>({
    severity: "error",
    message: (a) => `the term \`${a.term}\` still has the axes ${a.axes}: only \`batch\` is averaged`,
    explain: "",
    example: undefined,
  }),
  "term-kind": entry<{ term: string; found: string }>({
    severity: "error",
    message: (a) => `the term \`${a.term}\` must be a number or a tensor, and this is ${a.found}`,
    explain: "",
    example: undefined,
  }),
  "nothing-to-minimize": entry<{ name: string }>({
    severity: "error",
    message: (a) => `no term of \`${a.name}\` is there: nothing is left to minimize`,
    explain: "",
    example: undefined,
  }),
  "untrained-weight": entry<{ terms: string; weights: string }>({
    severity: "error",
    message: (a) => `${a.terms} reach ${a.weights}, and no \`over\` takes them`,
    explain: "",
    example: undefined,
  }),
  "trained-twice": entry<{ weight: string; first: string; second: string }>({
    severity: "error",
    message: (a) => `\`${a.weight}\` is trained by \`${a.first}\` and by \`${a.second}\``,
    explain: "",
    example: undefined,
  }),
  "selects-nothing": entry<{ path: string }>({
    severity: "error",
    message: (a) => `\`${a.path}\` selects no weight`,
    explain: "",
    example: undefined,
  }),
  "select-form": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () =>
      `after \`over\` stand instances, parts and weights: \`net\`, \`net.block(1..4)\`, \`net.label.table\``,
    explain: "",
    example: undefined,
  }),
  "where-form": entry<{ word: string }>({
    severity: "error",
    message: (a) => `after \`where\` stands \`matrix\` or \`vector\`, not \`${a.word}\``,
    explain: "",
    example: undefined,
  }),
  "optimizer-shape": entry<{ optimizer: string; weight: string; axes: string }>({
    severity: "error",
    message: (a) => `\`${a.optimizer}\` wants weights with an arrow, and \`${a.weight}\` is ${a.axes}`,
    explain: "",
    example: undefined,
  }),
  "optimizer-result": entry<{ optimizer: string }>({
    severity: "error",
    message: (a) => `\`${a.optimizer}\` must give the new weight, in the shape of the old one`,
    explain: "",
    example: undefined,
  }),
  "too-many-phases": entry<{ count: number }>({
    severity: "error",
    message: (a) => `guards on \`step\` cut this run into ${a.count} phases, and 16 are the most`,
    explain: "",
    example: undefined,
  }),
  "plan-needed": entry<{ plan: string; have: string }>({
    severity: "error",
    message: (a) => `say which run this belongs to: \`of: …\` (${a.have})`,
    explain: "",
    example: undefined,
  }),
  "no-train-plan": entry<{ name: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` needs a train plan for its weights, and the file has none`,
    explain: "",
    example: undefined,
  }),
  "unknown-plan": entry<{ name: string; kind: string }>({
    severity: "error",
    message: (a) => `there is no ${a.kind} plan \`${a.name}\``,
    explain: "",
    example: undefined,
  }),
  "not-yet": entry<{ what: string }>({
    severity: "error",
    message: (a) => `${a.what} is not executed by this version`,
    explain: "",
    example: undefined,
  }),
  "sample-not-averaged": entry<{ name: string; average: string }>({
    severity: "warning",
    message: (a) => `\`${a.name}\` samples the bare weights although the run keeps the average \`${a.average}\``,
    explain: "",
    example: undefined,
  }),
  "loss-over-micro-batch": entry<{ term: string; micro: number; batch: number }>({
    severity: "warning",
    message: (a) => `\`${a.term}\` mixes ${a.micro} samples at a time, not ${a.batch}`,
    explain: "",
    example: undefined,
  }),
  "draw-in-plan": entry<{ name: string }>({
    severity: "warning",
    message: (a) => `the draw \`${a.name}\` is one number for the whole batch`,
    explain: "",
    example: undefined,
  }),
  "layout-path": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `our side of a layout is a weight, a part or a constant tap: \`block(i).attn.qkv\``,
    explain: "",
    example: undefined,
  }),
  "layout-missing": entry<{ path: string; model: string }>({
    severity: "error",
    message: (a) => `\`${a.model}\` has no weight or constant tap \`${a.path}\``,
    explain: "",
    example: undefined,
  }),
  "layout-not-constant": entry<{ path: string }>({
    severity: "error",
    message: (a) => `\`${a.path}\` is computed from inputs: only a constant tap can stand in a file`,
    explain: "",
    example: undefined,
  }),
  "layout-axes": entry<{ axes: string }>({
    severity: "error",
    message: (a) => `the order of the file leaves out ${a.axes}`,
    explain: "",
    example: undefined,
  }),
  "fixture-group": entry<{ name: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\`: names of a fixture start with \`weight/\`, \`input/\`, \`output/\` or \`grad/\``,
    explain: "",
    example: undefined,
  }),
  "fixture-input": entry<{ name: string }>({
    severity: "error",
    message: (a) =>
      `\`${a.name}\` is no input of the program: a field of data, an output of an encoder or a draw is wanted`,
    explain: "",
    example: undefined,
  }),
} as const satisfies Catalog;
