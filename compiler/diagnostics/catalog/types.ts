import { type Catalog, entry } from "../../../grammar/diagnostic.js";
import { block, trains } from "./specs.js";

/** Axes, sizes, kinds of values. */
export const typesCatalog = {
  "axis-mismatch": entry<{ axis: string; here: number; there: number }>({
    severity: "error",
    message: (a) => `\`${a.axis}\` is ${a.here} here and ${a.there} there`,
    explain: `Axes of one name that meet have one size. Both places are shown: where the size comes from, and where another is wanted.
Features of another resolution are resampled, \`resize[token](f, 256)\`; axes that mean different things have different names.`,
    example: block("return x + zeros[token: 3, dim: dim]"),
  }),
  "unannounced-outer": entry<{ op: string; table: string }>({
    severity: "error",
    message: (a) => `\`${a.op}\` would make a table of ${a.table}: neither side has the other's axis`,
    explain: `In elementwise arithmetic the axes of one side contain those of the other. Here each side has an axis that the other lacks,
and the result would be a table of all pairs: usually a misspelt or forgotten axis. An outer product that is meant
is written: \`repeat[token](b, n) * a\`.`,
    example: block("return x + position[token] * position[dim]"),
  }),
  "axis-collision": entry<{ axis: string }>({
    severity: "error",
    message: (a) => `two axes named \`${a.axis}\` would stand on one tensor`,
    explain: `A tensor has each of its axes once. Rename one of them first, as attention does with its keys: \`k[token -> key]\`.`,
    example: block("return x[token -> dim]"),
  }),
  "unknown-axis": entry<{ axis: string; has: string | undefined }>({
    severity: "error",
    message: (a) =>
      a.has === undefined
        ? `there is no axis \`${a.axis}\` in this body`
        : `there is no axis \`${a.axis}\` here: the tensor has ${a.has}`,
    explain: `An axis in brackets must be there: named in the signature, made in the body by \`->\` or \`name: size\`, or brought by what is
called. A misspelt axis followed by a \`mean\` would be a wrong loss that nothing else notices.`,
    example: block("return x - mean[tokn](x)"),
  }),
  "missing-axis": entry<{ axis: string; name: string; has: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` wants the axis \`${a.axis}\` and is given ${a.has}`,
    explain: `The signature names an axis that the argument does not have. Axes that are there and not named are mapped over; the other
way round nothing can be made up. A loss over several blocks wants them stacked: \`pass.model.block(..).out\`.`,
    example: trains({
      more: "loss Rough (f: [block, batch, token, dim]) -> [] = mean[block, batch, token, dim](f * f)",
      body: "let pass = flow(net, digits.image, digits.label)",
      terms: "denoise: pass, rough: Rough {}(pass.model.h(1))",
    }),
  }),
  "unsized-axis": entry<{ axis: string }>({
    severity: "error",
    message: (a) => `the size of \`${a.axis}\` is not known here`,
    explain: `The axis is named, and no signature or setting says how long it is here. Give the size: \`[pair: 2 * dim]\`.`,
    example: block("weight w: [pair] = 1\nlet p = concat[dim -> pair](x, x)\nreturn x + mean[pair](p * w)"),
  }),
  "negative-size": entry<{ size: number }>({
    severity: "error",
    message: (a) => `a size cannot be ${a.size}`,
    explain: `Sizes are 0 or more. The expression that gives this one came out below.`,
    example: block("return x + mean[extra](zeros[extra: dim - 20])"),
  }),
  "not-whole": entry<{ value: number }>({
    severity: "error",
    message: (a) => `a whole number is wanted, and this is ${Math.round(a.value * 1e9) / 1e9}`,
    explain: `\`/\` is always real. Where a count is wanted (a size, the end of a range, a position, a setting of type \`int\`) the value must be
exactly whole. An odd depth halved is the usual case: skips between the two halves of a network want an even one.`,
    example: trains({ net: "model net: SiT { hidden: 32, depth: 2.5, heads: 2, patch: 4 }" }),
  }),
  "not-square": entry<{ value: number }>({
    severity: "error",
    message: (a) => `${a.value} is not the square of a whole number`,
    explain: `\`isqrt\` takes a square: the rows of a square of tokens. Tokens with a class token in front are no square; cut it off first:
\`h[token = 2..n + 1]\`.`,
    example: block("return x * isqrt(dim)"),
  }),
  "wrong-kind": entry<{ wanted: string; found: string }>({
    severity: "error",
    message: (a) => `${a.wanted} is wanted here, and this is ${a.found}`,
    explain: `Another sort of thing is wanted in this place: an instance, an optimizer, a tensor, a static number.`,
    example: trains({ by: "by flow" }),
  }),
  "operand-kind": entry<{ op: string; found: string }>({
    severity: "error",
    message: (a) => `\`${a.op}\` cannot take ${a.found}`,
    explain: `Arithmetic takes numbers. Labels and other positions are indices, not numbers: look something up by them (\`x.at(class: y)\`),
compare them with \`==\`, or ask for \`position(y)\`. A condition for \`where\` is of bools.`,
    example: trains({ terms: "denoise: mean(digits.label)" }),
  }),
  "setting-type": entry<{ name: string; wanted: string; found: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` wants ${a.wanted} and is given ${a.found}`,
    explain: `Settings have types. Both places are shown: the value, and the declaration that wants something else.`,
    example: trains({ net: `model net: SiT { hidden: "wide", depth: 2, heads: 2, patch: 4 }` }),
  }),
  "argument-type": entry<{ name: string; wanted: string; found: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` wants ${a.wanted} and is given ${a.found}`,
    explain: `The input wants another sort of value: a tensor of numbers, positions on an axis, a record, a function.`,
    example: trains({ terms: "denoise: flow(net, digits.label)" }),
  }),
  "result-type": entry<{ name: string; wanted: string; found: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` promises ${a.wanted} and gives ${a.found}`,
    explain: `The body gives another sort of value than its signature promises after \`->\`.`,
    example: block("return none"),
  }),
  "result-axes": entry<{ name: string; wanted: string; found: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` promises ${a.wanted} and gives ${a.found}`,
    explain: `The axes of the result are not those after \`->\`. A reduction that took one axis too many, or a call that was mapped over one
more, is the usual reason.`,
    example: block("return mean[token](x)"),
  }),
  "record-fields": entry<{ left: string; right: string }>({
    severity: "error",
    message: (a) => `these records have different fields: ${a.left} and ${a.right}`,
    explain: `Records meet field by field and must have the same ones.`,
    example: trains({
      body: "let pass = flow(net, digits.image, digits.label)\nlet both = (a: pass, b: pass) + (a: pass, c: pass)",
      terms: "denoise: both.a",
    }),
  }),
  "not-a-tuple": entry<{ found: string }>({
    severity: "error",
    message: (a) => `only a tuple can be taken apart, and this is ${a.found}`,
    explain: `A pattern such as \`let (a, b) = …\` takes a tuple apart: what \`unstack\` gives, or \`(x, y)\`. Records are read by name.`,
    example: block("let (a, b) = x\nreturn a + b"),
  }),
  "tuple-size": entry<{ wanted: number; found: number }>({
    severity: "error",
    message: (a) => `${a.wanted} names for a tuple of ${a.found}`,
    explain: `The pattern has as many names as the tuple has values. \`unstack[role](x)\` gives as many as the axis is long.`,
    example: block("let (a, b) = (x, x, x)\nreturn a + b"),
  }),
  "if-not-static": entry<{ found: string }>({
    severity: "error",
    message: (a) => `the condition of an \`if\` must be known before anything runs, and this is ${a.found}`,
    explain: `\`if\` chooses what exists, before anything runs: its condition is made of settings, sizes, \`training\`, and \`step\` against numbers.
A choice by values of tensors is \`where(condition, a, b)\`: both sides are computed.`,
    example: block("return if mean(x) > 0 then x else -x"),
  }),
  "guard-not-static": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `a guard must be known before anything runs`,
    explain: `What stands after \`if\` at the end of a statement says whether it exists at all, so it must be known before anything runs.
To fade a term in or out multiply it by a factor: \`warmup(step, 10_000) * loss\`.`,
    example: trains({ body: "let pass = flow(net, digits.image, digits.label)", terms: "denoise: pass if pass > 0" }),
  }),
  "index-not-static": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `an index must be known before anything runs`,
    explain: `Members of families are chosen before anything runs. A look-up by a tensor is \`x.at(axis: index)\`.`,
    example: trains({
      body: "let pass = flow(net, digits.image, digits.label)",
      terms: "denoise: mean(pass.model.h(pass))",
    }),
  }),
  "range-not-static": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `the ends of a range must be known before anything runs`,
    explain: `The ends of a range are static numbers: sizes, settings, literals.`,
    example: block("let y(k) = x for k in 1..mean(x)\nreturn y(1)"),
  }),
  "is-needs-choice": entry<{ found: string }>({
    severity: "error",
    message: (a) => `\`is\` compares a choice with one of its words, and this is ${a.found}`,
    explain: `\`is\` compares a setting or input of a choice type with one of its words: \`predict is noise\`. Numbers are compared with \`==\`.`,
    example: block("return if dim is wide then x else 2 * x"),
  }),
  "rename-count": entry<{ from: number; to: number }>({
    severity: "error",
    message: (a) => `${a.from} axes cannot become ${a.to} by renaming`,
    explain: `Renaming pairs axes one to one. To merge several into one write parentheses: \`x[(row, col) -> token]\`.`,
    example: trains({
      net: "part Block { two: axes = [token, dim] } (x: [token, dim], c: [cond]) -> [token, dim] = x[two -> one]\nmodel net: SiT { hidden: 8, depth: 1, heads: 2, patch: 14, layer: Block }",
    }),
  }),
  "split-sizes": entry<{ axes: string }>({
    severity: "error",
    message: (a) => `only one size of a split can be left out: ${a.axes}`,
    explain: `When an axis is split, one size can be left out and follows from the others. Here more are missing.`,
    example: block("return x[dim -> (a, b)][(a, b) -> dim]"),
  }),
  "split-uneven": entry<{ axis: string; size: number; into: number }>({
    severity: "error",
    message: (a) => `\`${a.axis}\` of ${a.size} cannot be cut into ${a.into}`,
    explain: `The sizes of the parts multiply to the size of the whole. Pictures are cut into patches whose size divides theirs, widths into heads
whose number divides them.`,
    example: block("return x[dim -> (a: 3, b)][(a, b) -> dim]"),
  }),
  "axis-names-only": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `axis names are wanted between these brackets`,
    explain: `A reduction takes the names of axes: \`mean[token, dim](x)\`. Renaming is done on the tensor before.`,
    example: block("return x - mean[token -> key](x)"),
  }),
  "reindex-form": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `between brackets after a tensor stand \`a -> b\` and \`a = 1..3\``,
    explain: `Brackets after a tensor rename, split, merge (\`token -> key\`) or choose (\`token = 1..3\`). A name alone says nothing.`,
    example: block("return x[token]"),
  }),
  "empty-slice": entry<{ axis: string }>({
    severity: "error",
    message: (a) => `nothing of \`${a.axis}\` is left`,
    explain: `A range whose end lies before its start chooses nothing. Positions count from 1, and both ends belong to the range.`,
    example: block("return x + mean[token](x[token = 3..2])"),
  }),
  "empty-stack": entry<{ name: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` has no members to stack`,
    explain: `\`h(a..b)\` stacks members into a new axis; here there are none: the range is empty.`,
    example: trains({
      body: "let pass = flow(net, digits.image, digits.label)",
      terms: "denoise: pass, small: mean(pass.model.h(3..2))",
    }),
  }),
  "axis-argument": entry<{ name: string; axes: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` wants ${a.axes} in brackets: \`${a.name}[…](…)\``,
    explain: `The function wants to know along which axes: \`unit[dim](x)\`. There is no axis number and no default axis.`,
    example: block("return unit(x)", { use: "unit" }),
  }),
  "no-axis-argument": entry<{ name: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` takes no axes in brackets`,
    explain: `The function has no axes to be told: it works element by element, or on the axes of its signature.`,
    example: block("return silu[dim](x)", { use: "silu" }),
  }),
  "one-axis": entry<{ name: string }>({
    severity: "error",
    message: (a) => `\`${a.name}\` wants one axis in brackets`,
    explain: `An order along several axes at once is not defined: name one, or merge them first: \`x[(row, col) -> token]\`.`,
    example: block("return cumsum[token, dim](x)"),
  }),
  "call-wanted": entry<{ name: string }>({
    severity: "error",
    message: (a) => `\`${a.name}[…]\` wants its arguments: \`${a.name}[…](…)\``,
    explain: `\`mean[token]\` is not a value: write what it is the mean of, \`mean[token](x)\`.`,
    example: block("return x - mean[token]"),
  }),
  "at-form": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `a look-up is written \`x.at(axis: index)\``,
    explain: `\`x.at(token: i)\` looks up along one axis, named, by a tensor of positions on it. A position known beforehand is \`x[token = 3]\`.`,
    example: block("return x.at(1)"),
  }),
  "window-size": entry<{ size: number; axis: string; length: number; stride: number }>({
    severity: "error",
    message: (a) =>
      a.stride < 1
        ? `windows along \`${a.axis}\` cannot be ${a.stride} apart: a stride is 1 or more`
        : `a window of ${a.size} does not fit into \`${a.axis}\` of ${a.length}`,
    explain: `A window is no longer than the axis it slides along with its padding, and the next one starts at least one position later.`,
    example: block("return mean[part](windows[token, part](x, size: 9, pad: 0))"),
  }),
  "argument-count": entry<{ name: string; wanted: string; found: number }>({
    severity: "error",
    message: (a) => `\`${a.name}\` takes ${a.wanted} arguments and is given ${a.found}`,
    explain: `A builtin is called with as many arguments as its row in the reference has.`,
    example: block("return exp(x, x)"),
  }),
  "apply-needs-arrow": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `the first argument of \`apply\` is a weight with an arrow, \`[from -> to]\``,
    explain: `\`apply(w, x)\` is the linear map of a weight declared with an arrow, \`weight w: [dim -> wide] ~ xavier\`. Products of other tensors
are \`dot[axis](x, y)\`.`,
    example: block("return apply(x, x)"),
  }),
  "along-count": entry<{ wanted: number; found: number }>({
    severity: "error",
    message: (a) => `\`along\` has ${a.found} parts for ${a.wanted} tensors`,
    explain: `\`jvp(f, at: (a, b), along: (v, w))\`: one direction for each input that \`at\` names, 0 for those that stand still.`,
    example: block("fn both(a, b) = a + b\nlet (v, d) = jvp(both, at: (x, x), along: (1, 1, 1))\nreturn v + d"),
  }),
  "star-unbound": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `\`[*]\` has no meaning here: nothing says what one sample is`,
    explain: `\`[*]\` is all axes of one sample. It has a meaning in objectives, samplers, optimizers and samples, whose signature has it; a part names
its axes.`,
    example: block("draw e: [*] ~ normal\nreturn x + e"),
  }),
  "weight-type": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `a weight has named axes of known size: \`[dim]\`, \`[from -> to]\``,
    explain: `A weight is a tensor of floats with named axes: \`[dim]\`, \`[from -> to]\`, \`[]\`. Sizes come from the signature or are written.`,
    example: block("weight w: [*] = 0\nreturn x + w"),
  }),
  "start-not-constant": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => "a weight starts from numbers that the spec fixes, and this depends on an input or another weight",
    explain: `A weight starts from a law (\`~ normal(0.02)\`), a constant (\`= 0\`) or a table that is computed from sizes and settings alone
(\`= sincos(row, col, dim)\`).`,
    example: block("weight w: [dim] = mean[token](x)\nreturn x + w"),
  }),
  "weight-size": entry<{ path: string; now: string; before: string }>({
    severity: "error",
    message: (a) => `the weight \`${a.path}\` is ${a.now} here and was ${a.before}`,
    explain: `The first call fixes the size of a weight; a later call with another size would need other weights. Declare a second instance.`,
    example: trains({
      use: "Linear",
      more: "part probe: Linear { to: [wide: 4] }",
      body: "let pass = flow(net, digits.image, digits.label)",
      terms: "denoise: pass, a: mean(probe(pass.model.h(1))), b: mean(probe(digits.image[col -> dim]))",
    }),
  }),
  "state-type": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `a state has named axes of known size`,
    explain: `A state is a tensor of floats with named axes of known size: \`state mu: [channel] = 0\`.`,
    example: block("state s: int = 0\nnext s = s + 1\nreturn x + s"),
  }),
  "draw-type": entry<Readonly<Record<string, never>>>({
    severity: "error",
    message: () => `a draw is a tensor of floats or an index: \`[token]\`, \`@class\``,
    explain: `A draw is a tensor of floats (\`draw e: [token] ~ normal\`, one number without a type) or a position (\`draw k: @tick(1000) ~ uniform\`).`,
    example: block("draw e: int ~ normal\nreturn x + e"),
  }),
  "draw-lifted": entry<{ draw: string; axis: string }>({
    severity: "error",
    message: (a) =>
      `the draw \`${a.draw}\` would be made once for each \`${a.axis}\`; only samples and families multiply draws`,
    explain: `A part that draws was mapped over an axis, and would draw once for each position of it. Only samples and families multiply draws,
so that random numbers keep their names. Draw with the axis in the signature: \`(x: [token, dim])\` and \`draw e: [token] ~ normal\`.`,
    example: block("return Jitter {}(x)", {
      more: "part Jitter (x: [dim]) -> [dim] {\n  draw e ~ normal\n  return x + e\n}",
    }),
  }),
  "unknown-law": entry<{ law: string }>({
    severity: "error",
    message: (a) => `there is no law \`${a.law}\`: a draw is \`uniform\` or \`normal\``,
    explain: `There are two laws, \`uniform\` on (0, 1) and \`normal\`; all others are equations on them: \`exp(mu + std * n)\`.`,
    example: block("draw e ~ gaussian\nreturn x + e"),
  }),
  "signature-mismatch": entry<{ name: string; part: string; wanted: number; has: number }>({
    severity: "error",
    message: (a) => `\`${a.name}\` is called with ${a.wanted} inputs and \`${a.part}\` needs ${a.has}`,
    explain: `The part is called by its new owner with fewer inputs than it needs. Give the others defaults, or take the values from a setting.`,
    example: trains({
      net: "part Block (x: [token, dim], c: [cond], more: [dim]) -> [token, dim] = x + more\nmodel net: SiT { hidden: 8, depth: 1, heads: 2, patch: 14, layer: Block }",
    }),
  }),
} as const satisfies Catalog;
