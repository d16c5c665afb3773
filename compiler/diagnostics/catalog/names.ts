import { type Catalog, entry } from "../../../grammar/diagnostic.js";

/** Names, imports, scopes: who is meant by a word. */
export const namesCatalog = {
  "duplicate-name": entry<{ name: string }>({ severity: "error", message: (a) => `\`${a.name}\` is declared twice`, explain: "", example: undefined }),
  "unknown-import": entry<{ name: string; from: string }>({ severity: "error", message: (a) => `\`${a.from}\` has no \`${a.name}\``, explain: "", example: undefined }),
  "unknown-library": entry<{ name: string }>({ severity: "error", message: (a) => `there is no library \`${a.name}\`: the library is \`std\``, explain: "", example: undefined }),
  "import-cycle": entry<{ path: string }>({ severity: "error", message: (a) => `these files use each other in a circle: ${a.path}`, explain: "", example: undefined }),
  "no-such-file": entry<{ path: string; resolved: string }>({ severity: "error", message: (a) => `no file \`${a.path}\` can be read`, explain: "", example: undefined }),
  "unknown-name": entry<{ name: string }>({ severity: "error", message: (a) => `\`${a.name}\` is not known here`, explain: "", example: undefined }),
  "unknown-definition": entry<{ name: string }>({ severity: "error", message: (a) => `there is no definition \`${a.name}\` here`, explain: "", example: undefined }),
  "unknown-preset": entry<{ preset: string }>({ severity: "error", message: (a) => `there is no preset \`${a.preset}\``, explain: "", example: undefined }),
  "unknown-word": entry<{ word: string; words: string }>({ severity: "error", message: (a) => `${a.word.startsWith("the ") ? a.word : `\`${a.word}\``} is none of the words ${a.words}`, explain: "", example: undefined }),
  "unknown-setting": entry<{ name: string; of: string }>({ severity: "error", message: (a) => `\`${a.of}\` has no setting \`${a.name}\``, explain: "", example: undefined }),
  "unknown-argument": entry<{ argument: string; name: string }>({ severity: "error", message: (a) => `\`${a.name}\` takes no \`${a.argument}\``, explain: "", example: undefined }),
  "unknown-field": entry<{ name: string; has: string }>({ severity: "error", message: (a) => `there is no field \`${a.name}\`: it has ${a.has}`, explain: "", example: undefined }),
  "unknown-tap": entry<{ name: string; of: string }>({ severity: "error", message: (a) => `\`${a.of}\` has no tap or part \`${a.name}\``, explain: "", example: undefined }),
  "unknown-average": entry<{ name: string; names: string }>({ severity: "error", message: (a) => `the run keeps no average \`${a.name}\`: it keeps ${a.names}`, explain: "", example: undefined }),
  "private-name": entry<{ name: string; of: string }>({ severity: "error", message: (a) => `\`${a.name}\` is a \`let\` of \`${a.of}\`: from outside only taps, parts, draws and weights can be read`, explain: "", example: undefined }),
  "cycle": entry<{ path: string }>({ severity: "error", message: (a) => `these need each other in a circle: ${a.path}`, explain: "", example: undefined }),
  "param-not-set": entry<{ name: string }>({ severity: "error", message: (a) => `the param \`${a.name}\` has no value`, explain: "", example: undefined }),
  "absent": entry<{ name: string }>({ severity: "error", message: (a) => `\`${a.name}\` is not there`, explain: "", example: undefined }),
} as const satisfies Catalog;
