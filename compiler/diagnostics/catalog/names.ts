import { type Catalog, entry } from "../../../grammar/diagnostic.js";

type Nothing = Readonly<Record<string, never>>;

/** Names, imports, scopes: who is meant by a word. */
export const namesCatalog = {
  // ------------------------------------------------------------------------------------------------------------ declarations
  "duplicate-name": entry<{ name: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` is declared twice`,
    explain: `Every name is defined once. Settings, inputs, locals, taps, parts, draws and states of a definition share
one namespace, and an axis of the signature may not bear the name of one of them, because its size is read
by that name. Only the members of a family (\`let h(0)\`, \`let h(i)\`) share a name.
Equations are not statements: to change a value step by step, use a family.`,
    example: `fn twice(x) {\n  let y = x + x\n  let y = y + y\n  return y\n}\n`,
  }),
  "member-name": entry<{ name: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` cannot be declared: after a dot it means the \`.${a.name}\` of a part`,
    explain: `\`block(5).in\` is the first input of a part and \`block(5).out\` its result, so nothing else can have these names.`,
    example: `fn twice(x) {\n  let out = x + x\n  return out\n}\n`,
  }),
  shadowed: entry<{ name: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` hides a name that stands around it`,
    explain: `Inside a definition a name means one thing: a local function, its inputs, a loop or a comprehension may not
declare again what is declared around them. In papers \`x\` is often three things; here each has its own name.`,
    example: `fn cube(x) {\n  fn square(x) = x * x\n  return x * square(x)\n}\n`,
  }),
  "hides-builtin": entry<{ name: string }>({
    severity: "warning",
    message: (a) => `\`${a.name}\` hides the builtin function of that name`,
    explain: `A local may have the name of a builtin, and then the builtin cannot be used in this body. That is rarely meant:
\`let mean = …\` makes \`mean[token](x)\` below it a different thing. Choose another name.`,
    example: `fn centred(x: [dim]) {\n  let mean = sum[dim](x) / dim\n  return x - mean\n}\n`,
  }),
  // ----------------------------------------------------------------------------------------------------------------- imports
  "unknown-import": entry<{ name: string; from: string }>({
    severity: "error",
    message: (a) => `\`${a.from}\` has no \`${a.name}\``,
    explain: `\`use std.{…}\` takes names of the library, \`use "./file.dit".{…}\` those that the other file declares itself
(what that file imports is not handed on). The index of the library is in the language reference.`,
    example: `use std.{SiTT}\n`,
  }),
  "unknown-library": entry<{ name: string }>({
    severity: "error",
    message: (a) => `there is no library \`${a.name}\`: the library is \`std\``,
    explain: `There is one library, \`std\`, and it is flat. Other files are named by their path in quotes:
\`use "./blocks.dit".{MyBlock}\`.`,
    example: `use torch.{Linear}\n`,
  }),
  "import-cycle": entry<{ path: string }>({
    severity: "error",
    message: (a) => `these files use each other in a circle: ${a.path}`,
    explain: `A file cannot be read before the files it uses. Put what both need into a third file.`,
    example: `use "./example.dit".{net}\n`,
  }),
  "no-such-file": entry<{ path: string; resolved: string }>({
    severity: "error",
    message: (a) => `no file \`${a.path}\` can be read`,
    explain: `The path in quotes is relative to the file in which it stands.`,
    example: `use "./nowhere.dit".{net}\n`,
  }),
  "unused-import": entry<{ name: string }>({
    severity: "warning",
    message: (a) => `\`${a.name}\` is imported and not used`,
    explain: `\`dit check --fix\` drops it. A leftover import hides what a spec really rests on.`,
    example: `use std.{Linear, Mlp}\npart Double { } (x: [dim]) -> [dim] {\n  part fc: Linear { to: [dim] }\n  return fc(x)\n}\n`,
  }),
  // ------------------------------------------------------------------------------------------------------------------- names
  "unknown-name": entry<{ name: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` is not known here`,
    explain: `The name is neither declared in this body, nor in the file, nor imported, nor a builtin. Values are written
in lower case, definitions start with a capital. If the name stands in the library, \`dit check --fix\` imports it.`,
    example: `fn twice(x) = x + y\n`,
  }),
  "unknown-definition": entry<{ name: string }>({
    severity: "error",
    message: (a) => `there is no definition \`${a.name}\` here`,
    explain: `Names that start with a capital are definitions: of this file, or imported. \`dit check --fix\` imports what
the library has under exactly this name.`,
    example: `model net: UNet { depth: 4 }\n`,
  }),
  "unknown-preset": entry<{ preset: string }>({
    severity: "error",
    message: (a) => `there is no preset \`${a.preset}\``,
    explain: `A preset is a definition with settings given: \`preset SiT.B { depth: 12, hidden: 768, heads: 12 }\`. The
presets of a definition come with it; \`/2\`, the patch, is a setting of its own: \`SiT.B { patch: 2 }\`.`,
    example: `use std.{SiT}\nmodel net: SiT.M { patch: 2 }\n`,
  }),
  "unknown-type": entry<{ name: string }>({
    severity: "error",
    message: (a) => `there is no type \`${a.name}\``,
    explain: `Types are \`[axes]\` for tensors, \`@axis\` for positions, the static types \`int float bool string range axes list
init shape\`, a kind (\`model\`, \`objective\`, …), a signature (\`fn(x) -> []\`, \`part (x: [dim]) -> [dim]\`), or a
choice of words (\`near | far\`).`,
    example: `part Scale { by: double = 2 } (x: [dim]) -> [dim] = by * x\n`,
  }),
  "unknown-word": entry<{ word: string; words: string }>({
    severity: "error",
    message: (a) => `${a.word.startsWith("the ") ? a.word : `\`${a.word}\``} is none of the words ${a.words}`,
    explain: `A setting or key with a choice takes one of its words, bare and without quotes: \`predict: noise\`. The same
words stand right of \`is\`: \`predict is noise\`.`,
    example: `use std.{Flow}\nobjective flow: Flow { predict: epsilon }\n`,
  }),
  "unknown-setting": entry<{ name: string; of: string }>({
    severity: "error",
    message: (a) => `\`${a.of}\` has no setting \`${a.name}\``,
    explain: `Settings are a closed world: a misspelt one is an error and never an option that nothing reads. If the
definition has presets, what they give can be given too.`,
    example: `use std.{SiT}\nmodel net: SiT.B { patch: 2, head: 12 }\n`,
  }),
  "unknown-argument": entry<{ argument: string; name: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` takes no \`${a.argument}\``,
    explain: `An argument by name is an input of what is called, or one of its draws or taps (\`flow(net, x, noise: e)\` feeds
the noise). Where the inputs end in \`..\` it is handed on, and what in the end takes it must have it.`,
    example: `use std.{Linear}\npart Twice (x: [dim]) -> [dim] {\n  part fc: Linear { to: [dim] }\n  return fc(x, scale: 2)\n}\n`,
  }),
  "unknown-field": entry<{ name: string; has: string }>({
    severity: "error",
    message: (a) => `there is no field \`${a.name}\`: it has ${a.has}`,
    explain: `Data gives \`image\`, and where there are classes \`label\`, and where pictures are kept \`pixels\`. An encoder
gives the outputs it was asked for in its settings. Fields of records are those that were written.`,
    example: `use std.{Digits}\ndata digits: Digits\ntrain run {\n  data: digits, batch: 8, steps: 10\n  log every 5 { a: mean(digits.picture) }\n}\n`,
  }),
  "unknown-tap": entry<{ name: string; of: string }>({
    severity: "error",
    message: (a) => `\`${a.of}\` has no tap or part \`${a.name}\``,
    explain: `From outside one sees the taps of a body (\`tap h = …\`), its parts (\`net.block(5).out\`), draws and weights, and
nothing else. In a \`with\`, \`set\` and \`skip\` name such places.`,
    example: `use std.{AdamW, Digits, Flow, SiT}
data digits: Digits
model net: SiT { hidden: 32, depth: 2, heads: 2, patch: 4 } with { set middle = 0 }
objective flow: Flow
train run {
  data: digits, batch: 8, steps: 10
  minimize by AdamW { lr: 1e-3 } { denoise: flow(net, digits.image, digits.label) }
}
`,
  }),
  "unknown-average": entry<{ name: string; names: string }>({
    severity: "error",
    message: (a) => `the run keeps no average \`${a.name}\`: it keeps ${a.names}`,
    explain: `Averages are named in the key \`ema\` of the run: \`ema: (main: 0.9999, fast: 0.99)\`. A single number is the
average \`main\`.`,
    example: `use std.{AdamW, Digits, Flow, Generate, SiT}
data digits: Digits
model net: SiT { hidden: 32, depth: 2, heads: 2, patch: 4 }
objective flow: Flow
train run {
  data: digits, batch: 8, steps: 1000, ema: (main: 0.99, quick: 0.9)
  minimize by AdamW { lr: 1e-3 } { denoise: flow(net, digits.image, digits.label) }
}
sample pictures: Generate { flow, model: ema(net, quik), like: digits, count: 4 }
`,
  }),
  "unknown-param": entry<{ name: string }>({
    severity: "error",
    message: (a) => `there is no param \`${a.name}\``,
    explain: `A sweep varies \`param\`s of the file: what differs between its runs is one line each. Declare
\`param width: int = 64\` and use it where the number stands.`,
    example: `use std.{AdamW, Digits, Flow, SiT}
data digits: Digits
model net: SiT { hidden: 32, depth: 2, heads: 2, patch: 4 }
objective flow: Flow
train run {
  data: digits, batch: 8, steps: 10
  minimize by AdamW { lr: 1e-3 } { denoise: flow(net, digits.image, digits.label) }
}
sweep widths of run { hidden: [32, 64] }
`,
  }),
  "private-name": entry<{ name: string; of: string }>({
    severity: "error",
    message: (a) =>
      `\`${a.name}\` is a \`let\` of \`${a.of}\`: from outside only taps, parts, draws and weights can be read`,
    explain: `A \`let\` may be renamed or taken apart without anyone outside noticing. What is to be read from outside is
declared as \`tap\`.`,
    example: `use std.{AdamW, Digits, Flow, SiT}
data digits: Digits
model net: SiT { hidden: 32, depth: 2, heads: 2, patch: 4 }
objective flow: Flow
train run {
  data: digits, batch: 8, steps: 10
  let pass = flow(net, digits.image, digits.label)
  minimize by AdamW { lr: 1e-3 } { denoise: mean(pass.error) }
}
`,
  }),
  cycle: entry<{ path: string }>({
    severity: "error",
    message: (a) => `these need each other in a circle: ${a.path}`,
    explain: `Equations may stand in any order, and none may need itself. A value that is carried from step to step is a
\`state\`; a recurrence is a family: \`let h(i) = f(h(i - 1)) for i in 1..n\`.`,
    example: `use std.{AdamW, Digits, Flow, SiT}
data digits: Digits
model net: SiT { hidden: 32, depth: 2, heads: 2, patch: 4 }
objective flow: Flow
train run {
  data: digits, batch: 8, steps: 10
  let a = b + flow(net, digits.image, digits.label)
  let b = a
  minimize by AdamW { lr: 1e-3 } { denoise: a }
}
`,
  }),
  "param-not-set": entry<{ name: string }>({
    severity: "error",
    message: (a) => `the param \`${a.name}\` has no value`,
    explain: `A \`param\` without a default is given on the command line: \`dit train file.dit --set width=64\`.`,
    example: `use std.{AdamW, Digits, Flow, SiT}
param width: float
data digits: Digits
model net: SiT { hidden: width, depth: 2, heads: 2, patch: 4 }
objective flow: Flow
train run {
  data: digits, batch: 8, steps: 10
  minimize by AdamW { lr: 1e-3 } { denoise: flow(net, digits.image, digits.label) }
}
`,
  }),
  absent: entry<{ name: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` is not there`,
    explain: `Its guard (\`if …\`) is false here, so it does not exist: no weights, no cost. What reads it must stand under the
same condition: \`if two_times then span(t - r) else 0\`.`,
    example: `use std.{AdamW, Digits, Flow, SiT}
data digits: Digits
model net: SiT { hidden: 32, depth: 2, heads: 2, patch: 4 }
objective flow: Flow
train run {
  data: digits, batch: 8, steps: 10
  let pass = flow(net, digits.image, digits.label) if step >= 5
  minimize by AdamW { lr: 1e-3 } { denoise: pass }
}
`,
  }),
  // ------------------------------------------------------------------------------------------------------------------ unused
  "unused-setting": entry<{ name: string; of: string }>({
    severity: "warning",
    message: (a) => `no equation of \`${a.of}\` reads the setting \`${a.name}\``,
    explain: `Whoever gives this setting believes that it does something. Read it in an equation, or drop it.
The released code of more than one paper has such options.`,
    example: `part Scale { by: float = 2, shift: float = 0 } (x: [dim]) -> [dim] = by * x\n`,
  }),
  "unused-input": entry<{ name: string; of: string }>({
    severity: "warning",
    message: (a) => `\`${a.of}\` never reads its input \`${a.name}\``,
    explain: `A loss that is given a target and does not look at it is most likely a misspelling in an equation.`,
    example: `loss Far (a: [dim], b: [dim]) -> [] = mean[dim](a * a)\n`,
  }),
  "unused-name": entry<{ name: string; what: string }>({
    severity: "warning",
    message: (a) => `nothing reads the ${a.what} \`${a.name}\``,
    explain: `What nobody reads is not computed, its weights do not exist, and it is not logged. If it is there to be looked
at from outside, make it a \`tap\`; otherwise an equation was meant to use it.`,
    example: `fn twice(x) {\n  let half = x / 2\n  return x + x\n}\n`,
  }),
  "unused-definition": entry<{ name: string; what: string }>({
    severity: "warning",
    message: (a) => `nothing uses the ${a.what} \`${a.name}\``,
    explain: `The file has plans, and none of them reaches this. A loss that is declared and stands in no term trains nothing.`,
    example: `use std.{AdamW, Digits, Flow, SiT}
data digits: Digits
model net: SiT { hidden: 32, depth: 2, heads: 2, patch: 4 }
objective flow: Flow
loss Size (h: [token, dim]) -> [] = mean[token, dim](h * h)
train run {
  data: digits, batch: 8, steps: 10
  minimize by AdamW { lr: 1e-3 } { denoise: flow(net, digits.image, digits.label) }
}
`,
  }),
  // ------------------------------------------------------------------------------------------------------------------- allow
  "unused-allow": entry<{ code: string }>({
    severity: "warning",
    message: (a) => `this \`allow(${a.code})\` silences nothing`,
    explain: `\`// allow(code): reason\` silences that warning on the next line. When the warning is gone the comment should go
too, or it will hide the next mistake. Errors cannot be silenced.`,
    example: `// allow(unused-name): kept for the figures\nfn twice(x) = x + x\n`,
  }),
  "allow-form": entry<Nothing>({
    severity: "warning",
    message: () => `an \`allow\` says why: \`// allow(code): reason\``,
    explain: `A warning is silenced by its code and a reason, in one comment on the line above. Without a reason it stays.`,
    example: `// allow(unused-setting)\npart Scale { by: float = 2 } (x: [dim]) -> [dim] = by * x\n`,
  }),
} as const satisfies Catalog;
