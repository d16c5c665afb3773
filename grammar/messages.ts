/** What the lexer and the parser say: one entry a code, with the page of `dit explain` and a spec that raises it. */
import { type ArgsOf, type Catalog, entry, reporterOf } from "./diagnostic.js";

export const syntaxCatalog = {
  // ------------------------------------------------------------------------------------------------------------------ tokens
  "unknown-sign": entry<{ found: string; hint?: string | undefined }>({
    severity: "error",
    message: ({ found, hint }) => `\`${found}\` is no sign of the language${hint ? `: ${hint}` : ""}`,
    explain: `A character stands outside of texts and comments that the language does not use.
Names are made of the letters a to z, A to Z, digits and \`_\`. Comments start with \`//\`, texts stand in
double quotes, statements end at the end of the line, and logic is written \`and\`, \`or\`, \`not\`.`,
    example: `fn half(x) = x / 2;\n`,
  }),
  "bad-number": entry<{ found: string; better?: string | undefined }>({
    severity: "error",
    message: ({ found, better }) => (better ? `\`${found}\` is written \`${better}\`` : `\`${found}\` is not a number`),
    explain: `Numbers are digits (\`50_000\`), a point between digits (\`0.5\`), and an exponent (\`1e-3\`).
A point without digits on both sides is refused because \`..\` makes ranges: \`1..3\`. A name does not
start with a digit. Tuples are not indexed by numbers but taken apart: \`let (a, b) = pair\`.`,
    example: `fn half(x) = .5 * x\n`,
  }),
  "unclosed-string": entry<undefined>({
    severity: "error",
    message: () => "this text has no closing quote",
    explain: `A text in quotes ends on the line it starts on. There are no escapes: what stands between
the quotes is the text.`,
    example: `data photos: Folder { path: "photos }\n`,
  }),
  "too-deep": entry<{ limit: number }>({
    severity: "error",
    message: ({ limit }) => `more than ${limit} levels in one another are not read`,
    explain: `Brackets and \`if\`s may be nested ${100} deep, and a row of operators or members may have 1000 links.
Nothing that people write comes near; the limits keep a hostile file from exhausting the compiler.
Give parts of the expression a name with \`let\`.`,
    example: `fn f(x) = ${"(".repeat(101)}x${")".repeat(101)}\n`,
  }),
  // -------------------------------------------------------------------------------------------------------- signs and words
  "missing-comma": entry<{ before: string; after: string }>({
    severity: "error",
    message: ({ before, after }) => `${before} and ${after} stand on one line without a comma`,
    explain: `Settings, terms and log entries are separated by a comma or a line break; arguments, axes and
names of a list by a comma.`,
    example: `data photos: Folder { path: "photos" size: 64 }\n`,
  }),
  "trailing-comma": entry<undefined>({
    severity: "error",
    message: () => "nothing follows this comma",
    explain: `In parentheses and brackets a comma stands between two values, not after the last one.
(In braces a comma at the end of a line is allowed; the formatter drops it.)`,
    example: `fn f(x, y,) = x + y\n`,
  }),
  "missing-token": entry<{ token: string; where: string }>({
    severity: "error",
    message: ({ token, where }) => `${where} lacks a \`${token}\` here`,
    explain: `A sign is missing. Reading goes on as if it stood here, so the rest of the file is checked all the
same. Where a bracket was not closed, the message also shows where it was opened.`,
    example: `fn f(x) = (x + 1\n`,
  }),
  "wrong-bracket": entry<{ wants: string; found: string }>({
    severity: "error",
    message: ({ wants, found }) => `\`${wants}\` closes this, not \`${found}\``,
    explain:
      "Brackets close in pairs: `( )` for inputs and groups, `[ ]` for axes and lists, `{ }` for settings and bodies.",
    example: `fn f(x) = mean[token)(x)\n`,
  }),
  unexpected: entry<{ where: string; wants: string; found: string }>({
    severity: "error",
    message: ({ where, wants, found }) => `${where} wants ${wants} here, not ${found}`,
    explain: `Something else has to stand here. The message says what is being read and what may follow;
everything up to the next entry that can be read is skipped, so one slip is one message.`,
    example: `train run {\n  data: digits, ]\n}\n`,
  }),
  "unknown-keyword": entry<{ found: string; meant: string }>({
    severity: "error",
    message: ({ found, meant }) => `\`${found}\` declares nothing; did you mean \`${meant}\`?`,
    explain: `A line starts with a word that is close to a word of the language. It was read as that word.`,
    example: `modle net: SiT { hidden: 96 }\n`,
  }),
  "statement-start": entry<{ found: string }>({
    severity: "error",
    message: ({ found }) => `a statement starts with let, tap, part, …: write \`let ${found}\``,
    explain: `A body is made of equations, each with a word that says what it declares: \`let\` a value, \`tap\` a
value that others may read, \`weight\`, \`draw\`, \`state\`, \`part\` an instance. There are no assignments:
every name is defined once.`,
    example: `fn f(x) {\n  y = x + 1\n  return y\n}\n`,
  }),
  "equals-for-colon": entry<{ name: string }>({
    severity: "error",
    message: ({ name }) => `\`${name}\` gets its value with \`:\`, not \`=\``,
    explain: "Settings, terms and named arguments are written `name: value`; `=` makes equations and gives defaults.",
    example: `data photos: Folder { size = 64 }\n`,
  }),
  // ------------------------------------------------------------------------------------------------------------------- names
  "value-in-upper-case": entry<{ found: string; better: string }>({
    severity: "error",
    message: ({ found, better }) => `values start in lower case: \`${better}\`, not \`${found}\``,
    explain: `Upper case is for definitions (\`SiT\`, \`AdamW\`), lower case for everything that is a value: instances,
weights, inputs, settings, axes, functions. Single letters too.`,
    example: `part Scale (x: [dim]) -> [dim] {\n  weight W: [dim] = 1\n  return x * W\n}\n`,
  }),
  "definition-in-lower-case": entry<{ found: string; better: string }>({
    severity: "error",
    message: ({ found, better }) => `definitions start in upper case: \`${better}\`, not \`${found}\``,
    explain: `\`kind Upper (inputs) -> type { … }\` defines, \`kind lower: Upper { … }\` makes an instance. Functions
(\`fn\`) are in lower case.`,
    example: `part scale (x: [dim]) -> [dim] = 2 * x\n`,
  }),
  "type-in-upper-case": entry<{ found: string }>({
    severity: "error",
    message: ({ found }) => `\`${found}\` is no type: types are axes, kinds (\`model\`), \`int\`, \`float\`, …`,
    explain: `The type of a setting or input is written in axes (\`[token, dim]\`), as a kind (\`model\`, \`objective\`), as a
signature (\`part (x: [dim]) -> [dim]\`) or as a static type (\`int\`, \`bool\`, \`list\`). A definition is a value:
give it as the default, \`place: part (x: [row, col, dim]) -> [row, col, dim] = SinCos\`.`,
    example: `param net: SiT\n`,
  }),
  "reserved-name": entry<{ found: string }>({
    severity: "error",
    message: ({ found }) => `\`${found}\` is a word of the language and cannot be a name here`,
    explain: `Sixteen words are never names: let return require minimize if then else for in is and or not true false
none. The connectives (over by clip via of as with extern where except every) cannot name an instance,
a function, a weight or a tap. After a dot all of them are members: \`block(i).in\`.`,
    example: `fn f(if) = 1\n`,
  }),
  "language-version": entry<{ found: string }>({
    severity: "error",
    message: ({ found }) => `this compiler reads language 1, not ${found}`,
    explain: "The first line of a file may say which version of the language it is written in: `language 1`.",
    example: `language 2\nfn f(x) = x\n`,
  }),
  // ------------------------------------------------------------------------------------------------------------- expressions
  "missing-else": entry<undefined>({
    severity: "error",
    message: () => "this `if` as a value has no `else`",
    explain: `\`if c then a else b\` is a value and needs both branches. What should be absent when a condition does
not hold is guarded at its end: \`weight b: [to] = 0 if bias\`.`,
    example: `fn f(x) = if x > 0 then x\n`,
  }),
  "chained-comparison": entry<{ better?: string | undefined }>({
    severity: "error",
    message: ({ better }) => `comparisons are not chained${better ? `: write \`${better}\`` : ""}`,
    explain: "A comparison gives true or false, which is not compared again. Write both and join them with `and`.",
    example: `fn f(a, b, c) = a < b < c\n`,
  }),
  "chained-range": entry<undefined>({
    severity: "error",
    message: () => "a range has two ends",
    explain: "`a..b` goes from a to b, both included. There are no steps; a list `[1, 3, 5]` says which.",
    example: `fn f(x) = x in 1..2..3\n`,
  }),
  "needs-parentheses": entry<{ text: string }>({
    severity: "error",
    message: ({ text }) => `put it in parentheses: \`(${text})\``,
    explain: `\`if … then … else …\` and \`not …\` reach as far to the right as they can. As an operand of something
tighter they stand in parentheses.`,
    example: `fn f(x) = 1 + if x > 0 then x else 0\n`,
  }),
  "mixed-record": entry<{ empty: boolean }>({
    severity: "error",
    message: ({ empty }) =>
      empty ? "nothing stands in these parentheses" : "some of these values have names and some have not",
    explain: `\`(e)\` is a group, \`(a, b)\` a tuple, \`(image: a, cls: b)\` a record. A record names all of its fields, also those
that are called like a value: \`(image: image)\`.`,
    example: `fn f(x, y) = (image: x, y)\n`,
  }),
  "mixed-brackets": entry<undefined>({
    severity: "error",
    message: () => "axes with sizes, values and `for` are not mixed in one pair of brackets",
    explain: `\`[1, 2, 3]\` is a list, \`[i * i for i in 1..3]\` a list by a rule, \`[channel: 4, row: 32]\` are axes: all its items
are names, with or without a size.`,
    example: `data photos: Latents { image: [channel: 4, 32] }\n`,
  }),
  "rest-not-last": entry<undefined>({
    severity: "error",
    message: () => "`..` stands last, in inputs and calls only",
    explain: `In an input list \`..\` takes all further arguments; in a call it hands them on; alone, \`block(..)\`, it means all
members of a family. It is always the last item.`,
    example: `fn f(.., x) = x\n`,
  }),
  // --------------------------------------------------------------------------------------------------------- types and axes
  "star-alone": entry<undefined>({
    severity: "error",
    message: () => "`*` stands alone in its brackets",
    explain: "`[*]` are all axes of one sample as one set. It cannot be joined with named axes.",
    example: `fn f(x: [*, dim]) = x\n`,
  }),
  "bare-size": entry<undefined>({
    severity: "error",
    message: () => "an axis has a name: write `name: size`",
    explain:
      "Axes are told apart by name, and a size is written `row: 32`. A bare number is an axis only after `as` in a layout.",
    example: `fn f(x: [3, dim]) = x\n`,
  }),
  "type-with-axes": entry<{ found: string }>({
    severity: "error",
    message: ({ found }) => `\`${found}\` takes no axes`,
    explain: `\`[token]\` is a tensor of floats, \`bool[token]\` one of bools, \`@class[token]\` one of indices. \`list[int]\` says what a list
holds and \`float[*]\` is a float or a record of floats. Other types have no axes.`,
    example: `fn f(x: int[token]) = x\n`,
  }),
  "tap-path": entry<undefined>({
    severity: "error",
    message: () => "a tap is named by a path like `block(3).attn.out`",
    explain: "Rewires name a value inside of an instance: names, members, and one index (or `..`) for each family.",
    example: `model net: SiT with {\n  set h(1, 2) = h(0)\n}\n`,
  }),
  // ------------------------------------------------------------------------------------------------------------------ bodies
  "missing-return": entry<{ where: string }>({
    severity: "error",
    message: ({ where }) => `${where} returns nothing`,
    explain: "The body of a definition, a function or a sample ends with `return` and what it gives.",
    example: `fn f(x) {\n  let y = x + 1\n}\n`,
  }),
  "return-not-last": entry<{ where: string; twice: boolean }>({
    severity: "error",
    message: ({ where, twice }) => (twice ? `${where} returns twice` : `\`return\` stands last in ${where}`),
    explain: `\`return\` says what a body gives: it stands last and once. It does not leave early; what depends on a
condition is an \`if … then … else …\` value.`,
    example: `fn f(x) {\n  return y\n  let y = x + 1\n}\n`,
  }),
  "return-misplaced": entry<{ where: string }>({
    severity: "error",
    message: ({ where }) => `${where} gives nothing back: \`return\` has no place in it`,
    explain: "A `train` or `evaluate` plan and a `with` only declare. What a training step computes is read by name.",
    example: `train run {\n  data: digits\n  return 1\n}\n`,
  }),
  "let-parameter": entry<{ name: string; index: string }>({
    severity: "error",
    message: ({ name, index }) => `\`${index}\` is declared nowhere: for a function write \`fn ${name}(${index}) = …\``,
    explain: `\`let h(i) = … for i in 1..n\` defines the members of a family, and \`let h(0) = …\` one of them: what stands in
parentheses is an index. A function of an input is a local \`fn\`.`,
    example: `part P (x: [dim]) -> [dim] {\n  let twice(k) = 2 * k\n  return twice(x)\n}\n`,
  }),
  "missing-settings": entry<{ name: string }>({
    severity: "error",
    message: ({ name }) => `after \`by ${name}\` its settings are written, also empty ones: \`by ${name} {}\``,
    explain:
      "`minimize by AdamW { settings } { terms }`: without the first braces the terms would be taken for settings.",
    example: `train run {\n  minimize by AdamW over net { denoise: e }\n}\n`,
  }),
  "terms-as-settings": entry<{ name: string }>({
    severity: "error",
    message: ({ name }) =>
      `these braces are the settings of \`${name}\`, and no terms follow: write \`by ${name} {} { … }\``,
    explain: "`minimize by AdamW { settings } { terms }`: the settings come first, also where there are none to give.",
    example: `train run {\n  minimize by AdamW { denoise: e }\n}\n`,
  }),
} as const satisfies Catalog;

export type SyntaxCode = keyof typeof syntaxCatalog;
export type SyntaxArgs<K extends SyntaxCode> = ArgsOf<typeof syntaxCatalog, K>;

export const reportSyntax = reporterOf(syntaxCatalog);
