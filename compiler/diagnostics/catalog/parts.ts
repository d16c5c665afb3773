import { type Catalog, entry } from "../../../grammar/diagnostic.js";
import { block, draws, trains } from "./specs.js";

/** Definitions, instances, calls, taps, rewires. */
export const partsCatalog = {
  "missing-argument": entry<{ name: string }>({
    severity: "error",
    message: (a) => `the input \`${a.name}\` is not given`,
    explain: `Inputs without a default must be given, by position or by name.`,
    example: trains({ terms: "denoise: flow(net)" }),
  }),
  "too-many-arguments": entry<{ name: string; takes: number }>({
    severity: "error",
    message: (a) => `\`${a.name}\` takes ${a.takes} inputs`,
    explain: `More arguments than inputs. An objective hands on to its model what its own inputs leave over; there, too, someone must take it.`,
    example: block("return sq(x, x)", { use: "sq" }),
  }),
  "argument-twice": entry<{ name: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` is given twice`,
    explain: `Inputs go by position first, then by name: this one has got a value both ways.`,
    example: block("return sq(x, x: x)", { use: "sq" }),
  }),
  "missing-setting": entry<{ name: string; of: string }>({
    severity: "error",
    message: (a) => `\`${a.of}\` needs the setting \`${a.name}\``,
    explain: `A setting without a default must be given, by a preset or where the definition is used.`,
    example: trains({ net: "model net: SiT.S" }),
  }),
  "duplicate-setting": entry<{ name: string }>({
    severity: "error",
    message: (a) => `the setting \`${a.name}\` is given twice`,
    explain: `One value a setting. What stands in a preset can be written over, what is written cannot be written again.`,
    example: trains({ net: "model net: SiT { hidden: 32, depth: 2, heads: 2, heads: 4, patch: 4 }" }),
  }),
  "offered-and-given": entry<{ name: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` is offered to this part and given to it, with two values`,
    explain: `\`layer { heads? }\` offers its own setting to a part that may want it. Here the part was given another value, and the owner too
was given one by hand: which counts is for you to say. Give it in one place.`,
    example: trains({
      use: "SiTBlock",
      net: "model net: SiT { hidden: 32, depth: 2, heads: 2, patch: 4, layer: SiTBlock { heads: 4 } }",
    }),
  }),
  "settings-on-instance": entry<{ name: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` is an instance: its settings are given where it is declared`,
    explain: `An instance has its settings already. Another network with other settings is made of the definition; another wiring of the same
weights is \`model short: net with { … }\`.`,
    example: trains({ more: "model deep: net { depth: 3 }", terms: "denoise: flow(deep, digits.image, digits.label)" }),
  }),
  "kind-mismatch": entry<{ declared: string; name: string; kind: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` is a ${a.kind}, not a ${a.declared}`,
    explain: `The word in front says what the name is made of: a \`model\` of a model, an \`objective\` of an objective.`,
    example: trains({ use: "Mlp3", net: "model net: Mlp3 { hidden: 8 }" }),
  }),
  "not-callable": entry<{ what: string }>({
    severity: "error",
    message: (a) => `${a.what} cannot be called`,
    explain: `Only functions, parts and other definitions, and instances can be called. Data is read by its fields, families by their index.`,
    example: trains({ terms: "denoise: digits(1)" }),
  }),
  "no-members": entry<{ name: string; what: string }>({
    severity: "error",
    message: (a) => `${a.what} has no \`.${a.name}\``,
    explain: `After a dot stands a tap, part or weight of an evaluation, a setting of an instance, a field of a record. This is none of them.`,
    example: trains({ terms: "denoise: flow(net, digits.image, digits.label) * net.depth.size" }),
  }),
  "no-input": entry<{ name: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` takes no input`,
    explain: `\`.in\` is the first input of a call, and this one has none.`,
    example: trains({
      body: "let pass = flow(net, digits.image, digits.label)",
      terms: "denoise: pass * pass.time_law.in",
    }),
  }),
  require: entry<{ message: string }>({
    severity: "error",
    message: (a) => a.message,
    explain: `A definition says what it takes: \`require dim % heads == 0, "heads must divide the width"\`. Here it does not hold. The second place is
the requirement itself.`,
    example: trains({ net: "model net: SiT { hidden: 32, depth: 2, heads: 3, patch: 4 }" }),
  }),
  "lacks-setting": entry<{ name: string; objective: string; of: string }>({
    severity: "error",
    message: (a) => `the setting \`${a.name}\` is wanted of \`${a.objective}\`, and \`${a.of}\` has none of that name`,
    explain: `A sampler, a view or a loss reads settings of the objective it is given: the path and the clock of a flow, the steps of a
chain, the spread of the data. This objective is of another sort: what the network predicts, and on which clock, is not what is
wanted here. Take the sampler or the view that belongs to the objective, or train with the objective that belongs to the sampler.`,
    example: draws(", method: Ancestral", { use: "Ancestral" }),
  }),
  "unnamed-part": entry<{ weight: string }>({
    severity: "error",
    message: (a) => `a part with weights needs a name, or the weight \`${a.weight}\` has no path`,
    explain: `A weight is named by the path of its instances (\`net.block.3.attn.qkv.w\`): in checkpoints, in \`over\`, in logs. So a part with weights
is declared, \`part probe: Linear { … }\`, and then called.`,
    example: trains({
      use: "Linear",
      body: "let pass = flow(net, digits.image, digits.label)",
      terms: "denoise: pass, a: mean(Linear { to: [wide: 4] }(pass.model.h(1)))",
    }),
  }),
  "family-without-index": entry<{ name: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` is a family: say which member, \`${a.name}(1)\`, or all, \`${a.name}(..)\``,
    explain: `A family is many values under one name. One of them is \`h(3)\`, some are \`h(2..5)\`, all are \`h(..)\`: these are stacked.`,
    example: trains({
      body: "let pass = flow(net, digits.image, digits.label)",
      terms: "denoise: pass, a: mean(pass.model.h)",
    }),
  }),
  "not-a-family": entry<{ name: string }>({
    severity: "error",
    message: (a) => `${a.name === "it" ? "this" : `\`${a.name}\``} has no index`,
    explain: `Only families have members: what was declared with an index, \`let h(i) = …\`, \`part block(i in 1..depth): …\`.`,
    example: trains({
      body: "let pass = flow(net, digits.image, digits.label)",
      terms: "denoise: pass, a: mean(pass.model.c(..))",
    }),
  }),
  "index-range": entry<{ name: string; index: number; range: string }>({
    severity: "error",
    message: (a) => `\`${a.name}(${a.index})\`: \`${a.name}\` has positions ${a.range}`,
    explain: `There is no member with this index. Blocks, tokens, channels and classes count from 1, and ranges include both ends: a network of 12
blocks has \`block(1)\` to \`block(12)\`. Numbers from code that counts from 0 need 1 more.`,
    example: trains({
      body: "let pass = flow(net, digits.image, digits.label)",
      terms: "denoise: pass, a: mean(pass.model.block(0).out)",
    }),
  }),
  "too-many-members": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `a family has at most 10,000 members, and a plan 100,000 in all`,
    explain: `Families are elaborated one by one, so they are bounded: 10,000 members each, 100,000 in nested ranges.`,
    example: block("return x * len([k for k in 1..20_000])"),
  }),
  "too-deep-calls": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `these calls go too deep`,
    explain: `Functions are not recursive: a recurrence is a family, \`let h(i) = f(h(i - 1)) for i in 1..n\`.`,
    example: block("return down(x)", { more: "fn down(x) = down(x)" }),
  }),
  "ambiguous-tap": entry<{ name: string; of: string; times: number }>({
    severity: "error",
    message: (a) => `\`${a.of}\` calls \`${a.name}\` ${a.times} times: which one is meant is not clear`,
    explain: `A part that is called more than once in a body has several results: declare a \`tap\` for the one that is meant.`,
    example: block("part fc: Linear { to: [dim] }\nlet y = fc(fc(x))\nreturn y + fc.out", { use: "Linear" }),
  }),
  "ambiguous-draw": entry<{ path: string }>({
    severity: "error",
    message: (a) => `two draws would have the path \`${a.path}\``,
    explain: `Every draw has a name, by which it can be fed and repeated: plan, \`let\` or term, parts, draw. Here one name would stand for two draws
and they would be equal without anyone having said so. Give each call a \`let\` of its own; if both should see the same
numbers, hand them over: \`flow(net, x, noise: first.noise)\`.`,
    example: trains({ terms: "denoise: flow(net, digits.image, digits.label) + flow(net, digits.image)" }),
  }),
  "never-called": entry<{ name: string; of: string }>({
    severity: "error",
    message: (a) => `\`${a.of}\` never calls \`${a.name}\``,
    explain: `\`.in\` and \`.out\` are those of the one call of a part, and no equation that is needed calls this one.`,
    example: block("part fc: Linear { to: [dim] }\nreturn x + fc.out", { use: "Linear" }),
  }),
  "not-a-tap": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `this is no place in a body: write a tap, or a part with \`.in\` or \`.out\``,
    explain: `\`set\` and \`skip\` name one place in the body: a tap, or the \`.in\` or \`.out\` of a part, for one member of a family. For all members write
a loop: \`set block(i).out = … for i in 1..depth\`.`,
    example: trains({
      net: "model net: SiT { hidden: 8, depth: 2, heads: 2, patch: 14 } with { set block(..).out = 0 }",
    }),
  }),
  "edge-self": entry<{ at: string; from: string; to: string }>({
    severity: "error",
    message: (a) => `${a.at}this skip goes from a value to itself: \`${a.from}\` is \`${a.to}\``,
    explain: `The source and the target of a skip are one value: the output of block 6 is the input of block 7. Pairing i with depth + 1 - i
meets itself in the middle when the target is \`.in\`; end the range one earlier.`,
    example: trains({
      use: "GatedAdd",
      net: "model net: SiT { hidden: 8, depth: 2, heads: 2, patch: 14 } with {\n  skip long: block(1).out -> block(2).in via GatedAdd\n}",
    }),
  }),
  "edge-backward": entry<{ at: string; from: string; to: string }>({
    severity: "error",
    message: (a) => `${a.at}this skip runs backward: \`${a.from}\` is computed after \`${a.to}\``,
    explain: `A skip goes forward: its source is computed before its target. Here the source needs the target itself.`,
    example: trains({
      use: "GatedAdd",
      net: "model net: SiT { hidden: 8, depth: 2, heads: 2, patch: 14 } with {\n  skip long: block(2).out -> block(1).out via GatedAdd\n}",
    }),
  }),
  "next-without-state": entry<{ name: string }>({
    severity: "error",
    message: (a) => `there is no state or weight \`${a.name}\` for this \`next\``,
    explain: `\`next m = …\` gives the next value of a \`state m\`, or of a \`weight m\`, of the same body.`,
    example: block("next s = 0\nreturn x"),
  }),
  "nothing-to-hand-on": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `\`..\` hands on what the own inputs leave over, and these have no \`..\``,
    explain: `\`..\` at the end of a call hands on what the inputs of this definition left over; its own inputs must end in \`..\` for that.`,
    example: block("return sq(x, ..)", { use: "sq" }),
  }),
  "encoder-without-outputs": entry<{ name: string }>({
    severity: "error",
    message: (a) =>
      `the encoder \`${a.name}\` is asked for no output: give one as axes, \`patches: [token: 256, feature: 768]\``,
    explain: `What is wanted of an encoder is said as axes, one setting for each output: \`patches: [token: 256, feature: 768]\`.`,
    example: trains({
      use: "Onnx",
      more: `encoder dino: Onnx { file: "dino.onnx", input: 28 }`,
      terms: "denoise: flow(net, digits.image, digits.label), a: mean(dino(digits.pixels).patches)",
    }),
  }),
  "transform-instance": entry<{ name: string; found: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` acts on an instance, and this is ${a.found}`,
    explain: `\`ema\`, \`eval\` and \`freeze\` act on something with weights: an instance, or an input that is a model. On a tensor use \`stop_gradient\`.`,
    example: trains({ terms: "denoise: flow(freeze(digits.image), digits.image, digits.label)" }),
  }),
  "average-name": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `the second argument of \`ema\` is the name of an average`,
    explain: `\`ema(net, fast)\`: the second argument is the name under which the run keeps the average.`,
    example: draws("", { keys: "batch: 8, steps: 100, ema: 0.9" }).replace("model: net", "model: ema(net, 2)"),
  }),
  "no-average": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `the run keeps no averaged weights`,
    explain: `\`ema(net)\` reads averaged weights; the run must keep them: \`ema: 0.9999\` among its keys.`,
    example: draws("").replace("model: net", "model: ema(net)"),
  }),
  "average-ambiguous": entry<{ names: string }>({
    severity: "error",
    message: (a) => `the run keeps several averages (${a.names}): name one, \`ema(net, main)\``,
    explain: `The run keeps several averages, so each use says which: \`ema(net, main)\`.`,
    example: draws("", { keys: "batch: 8, steps: 100, ema: (main: 0.9, fast: 0.5)" }).replace(
      "model: net",
      "model: ema(net)",
    ),
  }),
  "no-index-here": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `\`index\` counts the samples of a \`sample\`; there are none here`,
    explain: `\`index\` is the number of the sample in a \`sample\` plan, from 1. In training samples have no number.`,
    example: trains({ terms: "denoise: position(index) * flow(net, digits.image, digits.label)" }),
  }),
  "load-only-in-start": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `\`load\` stands only in \`start\` of a train plan`,
    explain: `Weights are loaded where a run begins: \`start: (net: load("file.safetensors"))\`.`,
    example: trains({ terms: `denoise: flow(load("net.safetensors"), digits.image, digits.label)` }),
  }),
  "grad-only-in-train": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `\`grad\` stands only in a train plan`,
    explain: `\`grad(loss, net)\` is the gradient that a \`minimize\` of the plan takes; it can be looked at in \`log every\`. Inside a body derivatives
are \`jvp\` and \`vjp\`.`,
    example: block("return x * norm(grad(x, x))"),
  }),
} as const satisfies Catalog;
