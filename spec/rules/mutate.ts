/** Damaged specs: what editing, merging and misremembering do to a text. */

/** A small generator with a seed, so that a failure can be repeated. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Token {
  readonly pos: number;
  readonly end: number;
  readonly text: string;
}

export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /\/\/[^\n]*|"[^"\n]*"|[A-Za-z_]\w*|\d[\d_]*(?:\.\d+)?(?:e-?\d+)?|\.\.|->|<->|[<>=!]=|[^\s\w]/g;
  for (const m of text.matchAll(pattern)) tokens.push({ pos: m.index, end: m.index + m[0].length, text: m[0] });
  return tokens;
}

const numbers = ["0", "1", "2", "3", "7", "0.5", "-1", "1e-3", "20", "2.5", "1_000_000"];
const strange = [
  "constructor",
  "toString",
  "__proto__",
  "valueOf",
  "none",
  "true",
  "step",
  "training",
  "mean",
  "x",
  "net",
];

/** One to three changes: a token gone, doubled, swapped with its neighbour or another; another number or name; the rest cut off. */
export function mutate(text: string, next: () => number): string {
  let result = text;
  for (let n = 1 + Math.floor(next() * 3); n > 0; n--) result = change(result, next);
  return result;
}

function change(text: string, next: () => number): string {
  const tokens = tokensOf(text);
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(next() * list.length)];
  const t = pick(tokens);
  if (!t) return text;
  const put = (with_: string) => text.slice(0, t.pos) + with_ + text.slice(t.end);
  switch (Math.floor(next() * 8)) {
    case 0:
      return put("");
    case 1:
      return put(`${t.text} ${t.text}`);
    case 2: {
      const after = tokens.find((x) => x.pos >= t.end);
      if (!after) return put("");
      return text.slice(0, t.pos) + after.text + text.slice(t.end, after.pos) + t.text + text.slice(after.end);
    }
    case 3:
      return put(pick(tokens)?.text ?? "");
    case 4: {
      const number = pick(tokens.filter((x) => /^\d/.test(x.text)));
      if (!number) return put("");
      return text.slice(0, number.pos) + (pick(numbers) ?? "") + text.slice(number.end);
    }
    case 5: {
      const names = tokens.filter((x) => /^[A-Za-z_]/.test(x.text));
      const name = pick(names);
      if (!name) return put("");
      const other = next() < 0.8 ? pick(names)?.text : pick(strange);
      return text.slice(0, name.pos) + (other ?? "") + text.slice(name.end);
    }
    case 6:
      return next() < 0.2 ? text.slice(0, t.pos) : put(pick(strange) ?? "");
    default:
      return put(String.fromCharCode(33 + Math.floor(next() * 94)));
  }
}
