/** JSON whose mistakes have a place: what `JSON.parse` says about them differs between versions of Node and often has none. */

export class JsonError extends Error {
  override readonly name = "JsonError";

  constructor(
    /** Where the text stops being JSON, in bytes of UTF-8. */
    readonly byte: number,
  ) {
    super(`not JSON from byte ${byte} on`);
  }
}

/** The value of a JSON text; throws `JsonError`. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new JsonError(Buffer.byteLength(text.slice(0, breakOf(text))));
  }
}

const space = /[ \t\n\r]*/y;
const literal = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const escapeCode = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** The end of a string that begins at an offset; undefined if there is none. A loop: a pattern runs out of stack on long strings. */
function stringEnd(text: string, from: number): number | undefined {
  if (text[from] !== '"') return undefined;
  for (let at = from + 1; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === 34) return at + 1;
    if (c < 32) return undefined;
    if (c === 92) {
      escapeCode.lastIndex = at;
      if (!escapeCode.test(text)) return undefined;
      at = escapeCode.lastIndex - 1;
    }
  }
  return undefined;
}

/** Offset of the first token that cannot stand where it stands. Without recursion, so that no text is too deep for it. */
function breakOf(text: string): number {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.test(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const takeString = (): boolean => {
    const end = stringEnd(text, at);
    at = end ?? at;
    return end !== undefined;
  };
  const open: string[] = [];
  let expect: "value" | "key" | "after" = "value";
  // Whether a closing bracket may stand here: right after the opening one.
  let fresh = false;
  for (;;) {
    take(space);
    const c = text[at];
    const inside = open.at(-1);
    if (expect === "after") {
      if (inside === undefined || c === undefined) return at;
      if (c === "," || c === inside) {
        at++;
        if (c === inside) open.pop();
        else expect = inside === "}" ? "key" : "value";
        fresh = false;
        continue;
      }
      return at;
    }
    if (fresh && c === inside) {
      at++;
      open.pop();
      expect = "after";
    } else if (expect === "key") {
      if (!takeString()) return at;
      take(space);
      if (text[at] !== ":") return at;
      at++;
      expect = "value";
      fresh = false;
      continue;
    } else if (c === "{" || c === "[") {
      at++;
      open.push(c === "{" ? "}" : "]");
      expect = c === "{" ? "key" : "value";
      fresh = true;
      continue;
    } else if (takeString() || take(literal)) expect = "after";
    else return at;
    fresh = false;
  }
}
