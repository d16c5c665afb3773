import { type Catalog, entry } from "../../../grammar/diagnostic.js";
import { draws, trains } from "./specs.js";

type Nothing = Readonly<Record<string, never>>;
const percent = (p: number) => `${Math.round(p * 1000) / 10} %`;

/** Labels, guidance, clocks, and what is drawn against what was trained. */
export const samplingCatalog = {
  "labels-dropped-twice": entry<{ where: string }>({
    severity: "warning",
    message: (a) => `labels are dropped twice: ${a.where}`,
    explain: `Two dropouts at 0.1 drop 19 % of the labels. In released code this happened where the network and the loss each had
their own. Here dropping is one visible line in the plan, and teachers share what it gives.`,
    example: trains({
      use: "LabelDropout",
      body: "let y = LabelDropout {}(digits.label)",
      terms: "denoise: flow(net, digits.image, LabelDropout {}(y))",
    }),
  }),
  "label-dropout-rate": entry<{ p: number }>({
    severity: "warning",
    message: (a) => `${percent(a.p)} of the labels are dropped`,
    explain: `Guidance needs a network that was shown \`none\` for some of the samples: 10 to 15 % is usual. From one half on most
of what is learned is the picture without its class.`,
    example: trains({
      use: "LabelDropout",
      terms: "denoise: flow(net, digits.image, LabelDropout { p: 0.9 }(digits.label))",
    }),
  }),
  "guidance-without-dropout": entry<{ run: string }>({
    severity: "warning",
    message: (a) => `guidance asks for pictures without label, and \`${a.run}\` never shows one`,
    explain: `Guidance goes away from what the network gives for \`none\`. If no label was ever dropped in training, that answer is
untrained noise. Put \`LabelDropout {}(data.label)\` where the labels are handed to the objective.`,
    example: draws(", guidance: 2", { terms: "denoise: flow(net, digits.image, digits.label)" }).replace(
      ", LabelDropout",
      "",
    ),
  }),
  "guided-twice": entry<{ objective: string }>({
    severity: "warning",
    message: (a) => `\`${a.objective}\` has guidance in its target: here it is guided once more`,
    explain: `The objective itself asks the network what it gives for no label, and moves its target away from that: what the network learns is
the guided answer. Guiding this answer again goes too far, and costs a second evaluation a step. Sample with \`guidance: 1\`, or train
without guidance in the target.`,
    example: draws(", guidance: 2", {
      flow: `objective Guided { predict: velocity | noise = velocity, data_at: int = 1, floor: float = 0, noise_scale: float = 1, path: part (s: []) -> (alpha: [], sigma: []) = Straight } (model: model, x: [*], y: @class) -> [] {
  draw t ~ uniform
  draw noise: [*] ~ normal
  let z = t * x + (1 - t) * noise
  let kept = stop_gradient(model(z, t, y))
  let without = stop_gradient(model(z, t, none))
  let target = x - noise + 0.5 * (kept - without)
  tap model = model(z, t, y)
  return mean(sq(model(z, t, y) - target))
}
objective flow: Guided`,
      use: "Straight sq",
    }).replace("Flow, ", ""),
  }),
  "guidance-without-labels": entry<Nothing>({
    severity: "warning",
    message: () => `there are no classes here: guidance does nothing`,
    explain: `The data has no labels, so there is nothing to strengthen. \`class: 1000\` in the data declares them.`,
    example: trains({
      use: "Generate Latents",
      data: `data digits: Latents { path: "latents", image: [channel: 4, row: 8, col: 8], scale: 0.18215 }`,
      terms: "denoise: flow(net, digits.image)",
      after: "sample pictures: Generate { flow, model: net, like: digits, count: 4, guidance: 2 }",
    }),
  }),
  "label-without-classes": entry<{ what: string }>({
    severity: "warning",
    message: (a) => `${a.what} for nothing: there are no classes here`,
    explain: `\`none\` stands for no label, and where the data has no classes there never is one: the network has no table of labels, and
nothing changes whether \`none\` is handed to it or not. Leave the label out, or declare the classes: \`class: 1000\` in the data.`,
    example: trains({
      use: "Latents",
      data: `data digits: Latents { path: "latents", image: [channel: 4, row: 8, col: 8], scale: 0.18215 }`,
      terms: "denoise: flow(net, digits.image, none)",
    }),
  }),
  "guidance-below-one": entry<{ scale: number }>({
    severity: "warning",
    message: (a) => `a scale of ${a.scale} weakens the label: 1 is none, above 1 is guidance`,
    explain: `The scale w stands in \`weak + w (strong - weak)\`. Some papers write the scale as s = w - 1; add 1 to their numbers.`,
    example: draws(", guidance: 0.5"),
  }),
  "guidance-off": entry<{ setting: string }>({
    severity: "warning",
    message: (a) => `\`${a.setting}\` restricts guidance, and there is none`,
    explain: `With \`guidance: 1\`, the default, nothing is guided, and where it would be does not matter.`,
    example: draws(", interval: 0..0.7"),
  }),
  "guidance-some-channels": entry<{ count: number; size: number }>({
    severity: "warning",
    message: (a) => `${a.count} of ${a.size} channels are guided`,
    explain: `Released code guides the first three channels of four, by habit and not by design: the same scale
is then weaker than it looks. Leave \`channels\` out to guide all; to repeat their numbers keep it and allow this.`,
    example: trains({
      use: "Generate LabelDropout Latents",
      data: `data digits: Latents { path: "latents", image: [channel: 4, row: 8, col: 8], class: 10, scale: 0.18215 }`,
      terms: "denoise: flow(net, digits.image, LabelDropout {}(digits.label))",
      after: "sample pictures: Generate { flow, model: net, like: digits, count: 4, guidance: 2, channels: 1..3 }",
    }),
  }),
  "guidance-channels-range": entry<{ from: number; to: number; size: number }>({
    severity: "error",
    message: (a) => `there are channels 1..${a.size}, and ${a.from}..${a.to} are to be guided`,
    explain: `Channels count from 1, and a range includes both ends: the first three are \`1..3\`.`,
    example: draws(", guidance: 2, channels: 0..2"),
  }),
  "interval-empty": entry<{ from: number; to: number }>({
    severity: "warning",
    message: (a) => `the interval ${a.from}..${a.to} is empty: nothing is guided`,
    explain: `An interval goes from the smaller number to the larger one, on the clock of the objective.`,
    example: draws(", guidance: 2, interval: 0.7..0"),
  }),
  "interval-outside-clock": entry<{ from: number; to: number }>({
    severity: "warning",
    message: (a) => `the clock of the objective runs from 0 to 1, and this interval is ${a.from}..${a.to}`,
    explain: `The interval is in what the sampler hands to the network: times between 0 and 1 for flows (\`data_at\` says which end is
data), ticks for chains of many steps. Numbers of another clock guide everywhere or nowhere.`,
    example: draws(", guidance: 2, interval: 100..700"),
  }),
  "label-range": entry<{ label: number; classes: number }>({
    severity: "error",
    message: (a) => `there is no class ${a.label}: the data has classes 1..${a.classes}`,
    explain: `Classes count from 1, as all positions do. Code that counts from 0 has its null label at the number of classes; here
no label is \`none\` and has no number. Add 1 to labels taken from elsewhere.`,
    example: draws(", labels: [0, 1]"),
  }),
  "grid-touches-end": entry<{ predict: string }>({
    severity: "error",
    message: (a) =>
      `the sampler starts where a ${a.predict} cannot be turned into a velocity: the coefficient of the data is 0 there`,
    explain: `On this path a velocity is got from a noise or a score by dividing by the coefficient of the data, which is 0 at the
noise end: the first step gives no number. Start the grid a little later.`,
    example: draws("", { flow: "objective flow: Flow { predict: noise }" }),
  }),
  "time-touches-end": entry<{ end: string; what: string }>({
    severity: "warning",
    message: (a) => `times are drawn up to the ${a.end} end, where ${a.what}`,
    explain: `Near that end the loss of a sample grows without bound, and one of them is enough to spoil a step. The released codes
cut the interval of training times by 1e-3 or 1e-5.`,
    example: trains({ use: "Uniform VP", flow: "objective flow: Flow { path: VP, time: Uniform }" }),
  }),
  "sampled-weight-untrained": entry<{ sample: string; run: string; count: number; first: string }>({
    severity: "warning",
    message: (a) =>
      `\`${a.sample}\` reads weights that \`${a.run}\` does not have: \`${a.first}\`${a.count > 1 ? ` and ${a.count - 1} more` : ""}`,
    explain: `They are as random as on the first day. Usual reasons: another model or wiring than the trained one, or labels in the
sampler and none in training.`,
    example: draws("", { terms: "denoise: flow(net, digits.image)" }).replace(", LabelDropout", ""),
  }),
  "sample-other-objective": entry<{ objective: string; run: string }>({
    severity: "warning",
    message: (a) => `\`${a.run}\` does not train with the objective \`${a.objective}\``,
    explain: `The objective says what the network predicts, on which path and clock. Sampling with another one reads its answers
wrongly, and nothing but the pictures will tell.`,
    example: draws("", { flow: "objective flow: Flow\nobjective other: Flow { predict: data }" }).replace(
      "Generate { flow,",
      "Generate { flow: other,",
    ),
  }),
  "sample-other-setting": entry<{ name: string; here: number; there: number; objective: string }>({
    severity: "warning",
    message: (a) => `\`${a.name}\` is ${a.here} here and ${a.there} in \`${a.objective}\``,
    explain: `The sample and its objective declare the same number. What is drawn then starts from, or reads, something else than was trained:
noise of another size, for one. Give both the same.`,
    example: draws("", { flow: "objective flow: Flow { noise_scale: 2 }" }),
  }),
  "sample-other-size": entry<{ axis: string; here: number; trained: number }>({
    severity: "warning",
    message: (a) => `\`${a.axis}\` is ${a.here} here and was ${a.trained} in training`,
    explain: `A network can be asked for another size than it was trained at; its position table then means other places, and quality
falls quickly. Usually \`like\` names the wrong data.`,
    example: draws("", {}).replace("like: digits", "like: zeros[channel: 1, row: 56, col: 56]"),
  }),
  "few-samples-scored": entry<{ count: number; sample: string }>({
    severity: "warning",
    message: (a) => `scores of ${a.count} samples are not comparable: \`${a.sample}\` should draw 5,000 at least`,
    explain: `Distances between distributions are biased upwards for few samples. Papers report 50,000.`,
    example: `${draws("").replace("Generate,", "Generate, ").replace("LabelDropout, SiT", "LabelDropout, Scores, SiT")}evaluate scores: Scores { of: pictures, reference: "digits.npz" }\n`,
  }),
} as const satisfies Catalog;
