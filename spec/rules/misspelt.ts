/** Every key, setting and choice word of a spec, and what one wrong letter in it leads to. */
import { planKeys, planSettingKeys, planWords } from "../../compiler/names/keys.js";
import { load, loadLibrary } from "../../compiler/names/load.js";
import { visitSymbol } from "../../compiler/names/mentions.js";
import type { FileSymbols } from "../../compiler/names/symbols.js";
import type { Name, Setting, TypeNode } from "../../grammar/tree.js";
import { check, host, lines } from "./load.js";
import { random } from "./mutate.js";

export interface Word {
  readonly name: string;
  readonly pos: number;
  readonly end: number;
  /** Words that would be right here too. */
  readonly others: readonly string[];
}

const library = loadLibrary(host).value;

export function wordsOf(text: string): Word[] {
  const { main } = load("example.dit", text, host, library).value;
  const found = new Map<number, Word>();
  const add = (n: Name, others: Iterable<string>) =>
    found.set(n.span.pos, {
      name: n.text,
      pos: n.span.pos,
      end: n.span.end,
      others: [...others].filter((o) => o !== n.text),
    });
  const choice = (s: Setting, type: TypeNode | undefined) => {
    if (type?.kind !== "ChoiceType" || s.value?.kind !== "Name") return;
    const words = type.words.map((w) => w.text);
    const { name, span } = s.value;
    if (words.includes(name)) add({ text: name, span }, words);
  };
  const settings = (of: string, list: readonly Setting[] | undefined) => {
    const symbol = main.seen.get(of);
    if (symbol?.kind !== "definition") return;
    const { decl } = symbol;
    const plan = decl.of === "sample" || decl.of === "evaluate" ? planSettingKeys : [];
    for (const s of list ?? []) {
      const declared = decl.settings.find((d) => d.name.text === s.name.text);
      if (s.offered || (!declared && !planSettingKeys.has(s.name.text))) continue;
      add(s.name, [...decl.settings.map((d) => d.name.text), ...plan]);
      choice(s, declared?.type);
    }
  };
  everySettings(main, settings);
  for (const item of main.tree.items) {
    if (item.kind !== "Plan") continue;
    for (const k of item.keys) {
      add(k.name, planKeys[item.plan].keys());
      const words = planWords.get(k.name.text);
      if (words && k.value?.kind === "Name") add({ text: k.value.name, span: k.value.span }, words.words);
    }
  }
  return [...found.values()];
}

function everySettings(file: FileSymbols, each: (of: string, list: readonly Setting[] | undefined) => void): void {
  for (const symbol of file.own.values()) visitSymbol(symbol, { given: each });
}

/** One letter gone, doubled, swapped or replaced. */
export function misspell(word: Word, next: () => number): string | undefined {
  const { name } = word;
  const i = Math.floor(next() * name.length);
  const letter = "qzxkwvj"[Math.floor(next() * 7)] ?? "q";
  const wrong = [
    name.slice(0, i) + name.slice(i + 1),
    name.slice(0, i) + name[i] + name.slice(i),
    name.slice(0, i) + letter + name.slice(i + 1),
    name.slice(0, i) + (name[i + 1] ?? "") + (name[i] ?? "") + name.slice(i + 2),
  ][Math.floor(next() * 4)];
  // Another right word, no word at all, or a word of the grammar is another mistake.
  if (wrong === undefined || wrong === name || wrong === "" || word.others.includes(wrong)) return undefined;
  if (/^\d/.test(wrong) || /^(if|in|is|or|and|not|let|for)$/.test(wrong)) return undefined;
  return wrong;
}

/** Misspells one word and says what is wrong with the answer, if anything. */
export function tryMisspelt(text: string, word: Word, seed: number): string | undefined {
  const wrong = misspell(word, random(seed));
  if (wrong === undefined) return undefined;
  const damaged = text.slice(0, word.pos) + wrong + text.slice(word.end);
  const found = check(damaged);
  const here = found.find(
    (d) => d.severity === "error" && d.span.pos <= word.pos && d.span.end >= word.pos + wrong.length,
  );
  if (!here)
    return `\`${word.name}\` as \`${wrong}\` is no error there: ${lines(found).join(" | ") || "nothing is said"}`;
  const advice = [...here.help, ...here.fixes.map((f) => f.title)].join(" ");
  const near = word.others.some(
    (o) => advice.includes(`\`${o}\``) && Math.abs(o.length - wrong.length) <= 1 && distanceOne(o, wrong),
  );
  const named = new RegExp(`(?<![A-Za-z0-9_])${word.name}(?![A-Za-z0-9_])`).test(advice);
  return named || near ? undefined : `\`${word.name}\` as \`${wrong}\`: ${lines([here])[0]} advises \`${advice}\``;
}

/** Another word may be just as near: `low` and `log` for `lo`. */
function distanceOne(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let i = 0;
  while (i < a.length && a[i] === b[i]) i += 1;
  return a.slice(i + 1) === b.slice(i + 1) || a.slice(i + 1) === b.slice(i) || a.slice(i) === b.slice(i + 1);
}
