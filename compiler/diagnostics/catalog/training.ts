import { type Catalog, entry } from "../../../grammar/diagnostic.js";
import { trains } from "./specs.js";

/** Runs that will not do what their numbers say. */
export const trainingCatalog = {
  "ema-too-slow": entry<{ name: string; decay: number; steps: number; percent: number }>({
    severity: "warning",
    message: (a) =>
      `after ${a.steps} steps the average \`${a.name}\` still holds ${a.percent} % of the initial weights`,
    explain: `An average with decay d remembers about 1 / (1 - d) steps: 10,000 for 0.9999. In a shorter run what is sampled are
mostly the random weights of the start, and pictures look like noise although the loss is fine.
A decay of 1 - 5 / steps forgets the start.`,
    example: trains({ keys: "batch: 8, steps: 100, ema: 0.9999" }),
  }),
  "ema-zero": entry<{ name: string }>({
    severity: "warning",
    message: (a) => `a decay of 0 averages nothing: \`${a.name}\` is a copy of the weights`,
    explain: `With decay d the average keeps d of what it was at each step. To keep no average write \`none\`, or leave the key out.`,
    example: trains({ keys: "batch: 8, steps: 100, ema: 0" }),
  }),
  "warmup-too-long": entry<{ steps: number; what: string }>({
    severity: "warning",
    message: (a) => `${a.what} still rises when the run ends after ${a.steps} steps`,
    explain: `A warm-up longer than the run never reaches its full value: the learning rate, or the weight of a term, is a
fraction of what is written for all of it. Usually a small test run with the warm-up of the long one.`,
    example: trains({ use: "warmup", terms: "denoise: warmup(step, 10_000) * flow(net, digits.image, digits.label)" }),
  }),
  "schedule-ends-early": entry<{ from: number; steps: number }>({
    severity: "warning",
    message: (a) => `from about step ${a.from} of ${a.steps} the learning rate is 0`,
    explain: `The schedule has come to its end before the run: the remaining steps cost time and change nothing. Give the schedule
the number of steps of the run, or a floor above 0.`,
    example: trains({
      use: "AdamW warm_cosine",
      more: "fn course(k) = warm_cosine(k, 10, 100)",
      keys: "batch: 8, steps: 1000",
      by: "by AdamW { lr: 1e-3, schedule: course }",
    }),
  }),
  "lr-high": entry<{ lr: number; optimizer: string }>({
    severity: "warning",
    message: (a) => `a learning rate of ${a.lr} is very high for \`${a.optimizer}\``,
    explain: `Steps of this optimizer are about as long as the rate, for every weight, whatever the gradient. Transformers train
with 1e-4 to 1e-3, small ones up to 5e-3; from 0.1 on they diverge. (Optimizers of matrices have a scale of their own.)`,
    example: trains({ use: "AdamW", by: "by AdamW { lr: 0.1 }" }),
  }),
  "lr-not-positive": entry<{ lr: number }>({
    severity: "error",
    message: (a) => `a learning rate of ${a.lr} trains nothing`,
    explain: `The rate is above 0. To leave weights as they are take them out of the group: \`over net except net.label\`.`,
    example: trains({ use: "AdamW", by: "by AdamW { lr: 0 }" }),
  }),
  "step-beyond-run": entry<{ at: number; steps: number; always: boolean }>({
    severity: "warning",
    message: (a) => `\`step\` ends at ${a.steps - 1}: this is ${a.always ? "always" : "never"} true`,
    explain: `Steps count from 0 to one less than \`steps\`. A phase that begins later never does; the part, term or skip under this
guard is not in the run. Usually the number of a longer run.`,
    example: trains({
      terms: "denoise: flow(net, digits.image, digits.label), again: 0.5 * flow(net, digits.image) if step >= 10_000",
    }),
  }),
  "interval-longer-than-run": entry<{ what: string; every: number; steps: number }>({
    severity: "warning",
    message: (a) => `${a.what} waits ${a.every} steps and the run has ${a.steps}`,
    explain: `It happens at most once, at the end. A run without a line of its log is a run one cannot watch.`,
    example: trains({ keys: "batch: 8, steps: 100, log: 500" }),
  }),
  "batch-larger-than-data": entry<{ batch: number; samples: number }>({
    severity: "warning",
    message: (a) => `a batch of ${a.batch} is more than the ${a.samples} samples there are`,
    explain: `Each step would see all samples, some of them twice.`,
    example: trains({ keys: "batch: 20_000, steps: 10" }),
  }),
  "batch-of-one": entry<{ term: string }>({
    severity: "warning",
    message: (a) => `\`${a.term}\` compares the samples of a batch, and there is one`,
    explain: `Losses that mention \`batch\` (contrastive, dispersive, statistics of a batch) say nothing, or divide by zero, for a
single sample.`,
    example: trains({
      keys: "batch: 1, steps: 10",
      more: "loss Spread (h: [batch, token, dim]) -> [] {\n  let m = mean[batch](h)\n  return -mean[batch, token, dim]((h - m) * (h - m))\n}",
      body: "let pass = flow(net, digits.image, digits.label)",
      terms: "denoise: pass, spread: Spread {}(pass.model.h(1))",
    }),
  }),
  "micro-uneven": entry<{ micro: number; batch: number }>({
    severity: "error",
    message: (a) => `\`micro\` must divide the batch: ${a.micro} does not divide ${a.batch}`,
    explain: `Gradients of micro-batches are added up to those of the batch, and each must count the same.
The divisors next to it are named; the smaller one needs no more memory.`,
    example: trains({ keys: "batch: 8, steps: 10, micro: 3" }),
  }),
  "term-without-weights": entry<{ term: string }>({
    severity: "warning",
    message: (a) => `no weight is reached from \`${a.term}\`: it cannot be minimized`,
    explain: `Nothing that is trained enters this term, or only through \`stop_gradient\`. It adds a number to the loss and no
gradient. Numbers to watch belong into \`log every\`.`,
    example: trains({
      body: "let pass = flow(net, digits.image, digits.label)",
      terms: "denoise: pass, size: mean(sq(stop_gradient(pass)))",
      use: "sq",
    }),
  }),
  "negative-factor": entry<{ term: string }>({
    severity: "warning",
    message: (a) => `\`${a.term}\` has a negative factor: it is maximized`,
    explain: `Terms are minimized. Losses of the library have their sign already (similarities are negated inside), so a minus
in front turns them round.`,
    example: trains({ terms: "denoise: flow(net, digits.image, digits.label), again: -0.5 * flow(net, digits.image)" }),
  }),
  "same-term-twice": entry<{ term: string; first: string }>({
    severity: "warning",
    message: (a) => `\`${a.term}\` says the same as \`${a.first}\``,
    explain: `Two terms with one expression count twice. If another factor, block or target was meant, it is missing.`,
    example: trains({ body: "let pass = flow(net, digits.image, digits.label)", terms: "denoise: pass, again: pass" }),
  }),
  "objectives-disagree": entry<{ model: string; first: string; there: string; second: string; here: string }>({
    severity: "warning",
    message: (a) => `\`${a.model}\` is asked for ${a.here} by \`${a.second}\` and for ${a.there} by \`${a.first}\``,
    explain: `A network gives one answer to a noisy sample and a time. Two objectives that want different ones (a velocity and a noise), on
other paths or clocks that run the other way, pull it apart: the loss settles between them, and no sampler reads the result rightly.
Give both the same question, or train two networks.`,
    example: trains({
      flow: "objective flow: Flow\nobjective other: Flow { predict: noise }",
      terms: "denoise: flow(net, digits.image, digits.label), again: other(net, digits.image, digits.label)",
    }),
  }),
  "input-not-read": entry<{ model: string; input: string }>({
    severity: "warning",
    message: (a) => `\`${a.model}\` is given \`${a.input}\` and does not look at it`,
    explain: `An objective hands the network something (a second time, a label) that, with these settings, no equation of the network
reads. Training runs and learns the mean over all of its values. Usually a setting that makes room for it is missing.`,
    example: trains({
      net: "model Small { timed: bool = false } (x: [*], t: []) -> [*] {\n  weight w: [] = 1\n  return if timed then w * t * x else w * x\n}\nmodel small: Small { timed: false }",
      terms: "denoise: flow(small, digits.image)",
    }).replace(", SiT", ""),
  }),
  "other-data": entry<{ data: string; other: string }>({
    severity: "warning",
    message: (a) => `the run iterates \`${a.data}\` and its equations read \`${a.other}\``,
    explain: `\`data:\` says whose samples a step takes; epochs and the order of samples are those of this data.`,
    example: trains({
      data: "data digits: Digits\ndata mirrored: Digits { flip: true }",
      use: "Digits",
      terms: "denoise: flow(net, mirrored.image, mirrored.label)",
    }),
  }),
  "data-not-read": entry<{ data: string }>({
    severity: "warning",
    message: (a) => `no equation of the run reads \`${a.data}\``,
    explain: `The run iterates data that no loss looks at.`,
    example: trains({
      more: "part Number () -> [] {\n  weight w: [] = 1\n  return w\n}\npart number: Number",
      net: "// allow(unused-definition): for the next run\nmodel net: SiT { hidden: 32, depth: 2, heads: 2, patch: 4 }",
      flow: "objective flow: Flow",
      terms: "size: number() * number()",
    }),
  }),
  "weight-not-moved": entry<{ weight: string; count: number; run: string }>({
    severity: "warning",
    message: (a) =>
      `\`${a.run}\` reads ${a.count === 1 ? `the weight \`${a.weight}\`` : `${a.count} weights, \`${a.weight}\` the first,`} and no term moves ${a.count === 1 ? "it" : "them"}`,
    explain: `The losses use these weights and get no gradient for them: everything behind them stands behind a
\`stop_gradient\`. A projector treated so stays random and aligns features with noise. If that is meant, say it:
\`over net except net.head\`, \`freeze(…)\`, or in the definition \`stop_gradient(w)\` around the weight itself.`,
    example: trains({
      use: "Linear",
      more: "part probe: Linear { to: [wide: 4] }",
      body: "let pass = flow(net, digits.image, digits.label)",
      terms: "denoise: pass, probe: mean(stop_gradient(probe(pass.model.h(1)))) + pass",
    }),
  }),
} as const satisfies Catalog;
