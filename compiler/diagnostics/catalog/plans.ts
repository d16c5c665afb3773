import { type Catalog, entry } from "../../../grammar/diagnostic.js";
import { draws, trains } from "./specs.js";

/** train, sample, evaluate, sweep and layout. */
export const plansCatalog = {
  "unknown-key": entry<{ name: string; plan: string }>({
    severity: "error",
    message: (a) => `a ${a.plan} plan has no key \`${a.name}\``,
    explain: `The keys of a plan are a closed list. Settings of the optimizer stand with it, after \`by\`.`,
    example: trains({ keys: "batch: 8, steps: 100, momentum: 0.9" }),
  }),
  "missing-key": entry<{ name: string; plan: string }>({
    severity: "error",
    message: (a) => `this ${a.plan} plan needs the key \`${a.name}\``,
    explain: `The plan cannot run without this key, and there is no value that would be right for everyone.`,
    example: trains({ keys: "batch: 8" }),
  }),
  "key-type": entry<{ name: string; wanted: string; found: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` wants ${a.wanted} and is given ${a.found}`,
    explain: `The key wants another sort of value. Counts (\`batch\`, \`steps\`, \`log\`) are whole numbers from 1, a decay lies from 0 to below 1.`,
    example: trains({ keys: "batch: 0, steps: 100" }),
  }),
  "no-minimize": entry<{ plan: string }>({
    severity: "error",
    message: (a) => `the train plan \`${a.plan}\` minimizes nothing`,
    explain: `A train plan minimizes something: \`minimize by AdamW { lr: 1e-3 } { denoise: flow(net, data.image) }\`.`,
    example: `use std.{Digits}\ndata digits: Digits\ntrain run {\n  data: digits, batch: 8, steps: 10\n}\n`,
  }),
  "minimize-needs-over": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `with several \`minimize\`s each \`by\` needs its \`over\``,
    explain: `With one \`minimize\` the weights that its terms reach are meant. With several each says which weights are its own.`,
    example: trains({
      terms:
        "denoise: flow(net, digits.image, digits.label) }\n  minimize second by AdamW { lr: 1e-3 } over net { again: flow(net, digits.image)",
    }),
  }),
  "term-axes": entry<{ term: string; axes: string }>({
    severity: "error",
    message: (a) => `the term \`${a.term}\` still has the axes ${a.axes}: only \`batch\` is averaged`,
    explain: `The plan takes the mean over \`batch\`, and over nothing else: an average over blocks or tokens that nobody wrote would be a
different loss. Write it: \`mean[token, dim](…)\`.`,
    example: trains({ body: "let pass = flow(net, digits.image, digits.label)", terms: "denoise: pass.model.h(1)" }),
  }),
  "term-kind": entry<{ term: string; found: string }>({
    severity: "error",
    message: (a) => `the term \`${a.term}\` must be a number or a tensor, and this is ${a.found}`,
    explain: `A term is a number for each sample, or one for the batch.`,
    example: trains({ terms: "denoise: digits.label" }),
  }),
  "nothing-to-minimize": entry<{ name: string }>({
    severity: "error",
    message: (a) => `no term of \`${a.name}\` is there: nothing is left to minimize`,
    explain: `A term whose factor is statically 0, or whose guard is false, is not there. None of the terms is left.`,
    example: trains({ terms: "denoise: 0 * flow(net, digits.image, digits.label)" }),
  }),
  "untrained-weight": entry<{ terms: string; weights: string }>({
    severity: "error",
    message: (a) => `${a.terms} reach ${a.weights}, and no \`over\` takes them`,
    explain: `The losses reach weights that no group takes: a projector that is not in \`over\` would stay random. Name it in \`over\`, leave \`over\` out
to train all that is reached, or say with \`except\` that it stays as it is.`,
    example: trains({
      use: "AdamW Linear",
      more: "part probe: Linear { to: [wide: 4] }",
      body: "let pass = flow(net, digits.image, digits.label)",
      by: "by AdamW { lr: 1e-3 } over net",
      terms: "denoise: pass, a: mean(probe(pass.model.h(1)))",
    }),
  }),
  "trained-twice": entry<{ weight: string; first: string; second: string }>({
    severity: "error",
    message: (a) => `\`${a.weight}\` is trained by \`${a.first}\` and by \`${a.second}\``,
    explain: `Two \`minimize\`s move one weight: each would undo what the other did, and moments and decay would count twice.`,
    example: trains({
      use: "AdamW",
      by: "by AdamW { lr: 1e-3 } over net",
      terms:
        "denoise: flow(net, digits.image, digits.label) }\n  minimize second by AdamW { lr: 1e-3 } over net { again: flow(net, digits.image, digits.label)",
    }),
  }),
  "selects-nothing": entry<{ path: string }>({
    severity: "error",
    message: (a) => `\`${a.path}\` selects no weight`,
    explain: `The path names no weight: a part without weights, or a name that is not there. \`dit graph\` lists all weights.`,
    example: trains({ use: "AdamW", by: "by AdamW { lr: 1e-3 } over net, net.blok" }),
  }),
  "select-form": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () =>
      `after \`over\` stand instances, parts and weights: \`net\`, \`net.block(1..4)\`, \`net.label.table\``,
    explain: `After \`over\` and \`except\` stand paths: instances, parts, families with an index or range, single weights.`,
    example: trains({ use: "AdamW", by: "by AdamW { lr: 1e-3 } over net, net.block(1, 2)" }),
  }),
  "where-form": entry<{ word: string }>({
    severity: "error",
    message: (a) => `after \`where\` stands \`matrix\` or \`vector\`, not \`${a.word}\``,
    explain: `\`where matrix\` takes the weights declared with an arrow, \`where vector\` the others.`,
    example: trains({ use: "AdamW", by: "by AdamW { lr: 1e-3 } over net where large" }),
  }),
  "optimizer-shape": entry<{ optimizer: string; weight: string; axes: string }>({
    severity: "error",
    message: (a) => `\`${a.optimizer}\` wants weights with an arrow, and \`${a.weight}\` is ${a.axes}`,
    explain: `Optimizers of matrices take weights with an arrow only. Give the others to a second group:
\`by Muon { lr: 0.02 } over net where matrix by AdamW { lr: 1e-3 }\`.`,
    example: trains({ use: "Muon", by: "by Muon { lr: 0.02 }" }),
  }),
  "optimizer-result": entry<{ optimizer: string }>({
    severity: "error",
    message: (a) => `\`${a.optimizer}\` must give the new weight, in the shape of the old one`,
    explain: `An optimizer gives the new weight, with the axes of the old one.`,
    example: trains({ more: "optimizer Zero (w: [*], g: [*], k: []) -> [*] = 0", by: "by Zero {}" }),
  }),
  "optimizer-outside": entry<{ optimizer: string }>({
    severity: "error",
    message: (a) => `\`${a.optimizer}\` is given a function of the plan`,
    explain: `An optimizer sees a weight, its gradient and a count of updates, nothing of the step. A schedule is a function of the file, or a part
with settings: \`fn ramp(k: []) = …\` stands before \`train\`, not in it.`,
    example: trains({ use: "AdamW", body: "fn ramp(k: []) = k / 10", by: "by AdamW { lr: 1e-3, schedule: ramp }" }),
  }),
  "too-many-phases": entry<{ count: number }>({
    severity: "error",
    message: (a) => `guards on \`step\` cut this run into ${a.count} phases, and 16 are the most`,
    explain: `Each number that a guard compares \`step\` with cuts the run: a phase has a graph of its own. For values that change with the step use
factors: \`warmup(step, 10_000)\`.`,
    example: trains({
      terms: `denoise: flow(net, digits.image, digits.label), ${Array.from({ length: 17 }, (_, i) => `a${i}: mean(digits.image) if step >= ${i + 1}`).join(", ")}`,
    }),
  }),
  "plan-needed": entry<{ plan: string; have: string }>({
    severity: "error",
    message: (a) => `say which run this belongs to: \`of: …\` (${a.have})`,
    explain: `The file has several runs: \`of: run\` says whose weights are meant.`,
    example: draws("").replace(
      "train run",
      `train first {\n  data: digits, batch: 8, steps: 100\n  minimize by AdamW { lr: 1e-3 } { denoise: flow(net, digits.image, digits.label) }\n}\ntrain run`,
    ),
  }),
  "unknown-plan": entry<{ name: string; kind: string }>({
    severity: "error",
    message: (a) => `there is no ${a.kind} plan \`${a.name}\``,
    explain: `The name is none of the plans of the file.`,
    example: draws("", {}).replace("count: 4", "count: 4, of: first"),
  }),
  "memory-limit": entry<{ plan: string; limit: string; least: string }>({
    severity: "error",
    message: (a) => `a step of \`${a.plan}\` takes ${a.least} GiB at least, and \`memory\` is ${a.limit}`,
    explain: `With a limit of \`memory\` values of the forward pass are computed a second time in the backward pass instead of being kept, until
the process is estimated to fit; the numbers stay the same. Weights, their averages, the states of the optimizer and what one block holds while it is worked on
cannot be spared so, and more than two fifths of operations on top are not spent. What is left shrinks with \`batch\`, and with \`micro\`,
the samples that are computed at once.`,
    example: trains({ keys: "batch: 8, steps: 100, memory: 0.1" }),
  }),
  "not-yet": entry<{ what: string }>({
    severity: "error",
    message: (a) => `${a.what} is not executed by this version`,
    explain: `The language says it, this version checks it, and does not execute it yet. Nothing is ignored silently.`,
    example: trains({ body: `stop if step > 50, "enough"` }),
  }),
  "sample-not-averaged": entry<{ name: string; average: string }>({
    severity: "warning",
    message: (a) => `\`${a.name}\` samples the bare weights although the run keeps the average \`${a.average}\``,
    explain: `The run keeps an average, and averaged weights draw better pictures; papers report those. Write \`model: ema(net)\`, or drop the key.`,
    example: draws("", { keys: "batch: 8, steps: 100, ema: 0.9" }),
  }),
  "loss-over-micro-batch": entry<{ term: string; micro: number; batch: number }>({
    severity: "warning",
    message: (a) => `\`${a.term}\` mixes ${a.micro} samples at a time, not ${a.batch}`,
    explain: `With \`micro\` a step is computed in pieces. A loss that compares the samples of a batch sees only those of one piece: it is another loss.
So is a term that does more with a mean over samples than to add it up and to scale it, such as a root of it. Make \`micro\` as large as memory
allows, or mean it: the value of the step is then the mean over the pieces.`,
    example: trains({
      keys: "batch: 8, steps: 10, micro: 4",
      more: "loss Spread (h: [batch, token, dim]) -> [] {\n  let m = mean[batch](h)\n  return -mean[batch, token, dim]((h - m) * (h - m))\n}",
      body: "let pass = flow(net, digits.image, digits.label)",
      terms: "denoise: pass, spread: Spread {}(pass.model.h(1))",
    }),
  }),
  "draw-in-plan": entry<{ name: string }>({
    severity: "warning",
    message: (a) => `the draw \`${a.name}\` is one number for the whole batch`,
    explain: `A draw in the body of a train plan is one number for the whole batch. One for each sample is drawn in a part that is mapped over the
batch, or with the axis: \`draw u: [batch] ~ uniform\`.`,
    example: trains({ body: "draw u ~ uniform", terms: "denoise: u * flow(net, digits.image, digits.label)" }),
  }),
  "layout-path": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `our side of a layout is a weight, a part or a constant tap: \`block(i).attn.qkv\``,
    explain: `Right of \`<->\` stands the place of a weight in the model: \`block(i).attn.qkv.w\`, a part whose weights another layout maps, or a tap that is
computed from sizes alone.`,
    example: undefined,
  }),
  "layout-missing": entry<{ path: string; model: string }>({
    severity: "error",
    message: (a) => `\`${a.model}\` has no weight or constant tap \`${a.path}\``,
    explain: `The layout names something that the model it is used with does not have: a skip that this wiring lacks, another block.`,
    example: undefined,
  }),
  "layout-not-constant": entry<{ path: string }>({
    severity: "error",
    message: (a) => `\`${a.path}\` is computed from inputs: only a constant tap can stand in a file`,
    explain: `A file holds numbers. A tap that depends on inputs is different for each of them; a table of places is not.`,
    example: undefined,
  }),
  "layout-axes": entry<{ axes: string }>({
    severity: "error",
    message: (a) => `the order of the file leaves out ${a.axes}`,
    explain: `\`as [a, b]\` gives all axes of the weight in the order of the file.`,
    example: undefined,
  }),
  "fixture-group": entry<{ name: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\`: names of a fixture start with \`weight/\`, \`input/\`, \`output/\` or \`grad/\``,
    explain: `A layout for a plan maps a file of recorded numbers: what its names start with says what they are.`,
    example: undefined,
  }),
  "fixture-state": entry<Record<string, never>>({
    severity: "error",
    message: () =>
      "`state(loss.m, net)` names a state of the optimizer of a `minimize`, and the weights it is kept for",
    explain: `What an optimizer carries on has the shapes of the weights: it is compared by their layout, \`state(loss.m, net) as SiTOfficial\`.`,
    example: undefined,
  }),
  "fixture-input": entry<{ name: string }>({
    severity: "error",
    message: (a) =>
      `\`${a.name}\` is not made of inputs alone: a field of data, an output of an encoder or a draw is wanted`,
    explain: `\`input/…\` is fed to the program: a field of data, an output of an encoder, or a draw, by the name it has in the plan. Axis forms and \`stack\` may stand around them.`,
    example: undefined,
  }),
} as const satisfies Catalog;
