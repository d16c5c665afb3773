/** What a person may have meant: the nearest name, and the edit that writes it. */
import type { Edit, Extras, Fix } from "../../grammar/diagnostic.js";
import { nearest } from "../../grammar/nearest.js";
import type { Span } from "../../grammar/source.js";
import type { FileSymbols } from "./symbols.js";

export function rename(span: Span, to: string): Fix {
  return { title: `write ${to}`, edits: [{ span, text: to }] };
}

/** The nearest of `names` as help and fix; `otherwise` where none is near. */
export function suggest(name: string, span: Span, names: Iterable<string>, otherwise: string[] = []): Extras {
  const guess = nearest(name, names);
  return guess ? { help: [`did you mean \`${guess}\`?`], fixes: [rename(span, guess)] } : { help: otherwise };
}

/** Names in the order in which a person would look for them; what the library has and the file does not use comes last, with its import. */
export function suggestName(
  name: string,
  span: Span,
  near: Iterable<string>,
  file: FileSymbols,
  library: ReadonlyMap<string, unknown>,
): Extras {
  if (library.has(name)) {
    const edit = importEdit(file, name);
    return {
      help: [`it is in the library: \`use std.{${name}}\``],
      ...(edit ? { fixes: [{ title: `use std.{${name}}`, edits: [edit] }] } : {}),
    };
  }
  const local = nearest(name, near);
  if (local) return { help: [`did you mean \`${local}\`?`], fixes: [rename(span, local)] };
  const far = nearest(name, library.keys());
  if (!far) return {};
  const edit = importEdit(file, far);
  return {
    help: [`did you mean \`${far}\` of the library?`],
    ...(edit
      ? { fixes: [{ title: `write ${far} and import it`, edits: [rename(span, far).edits[0] as Edit, edit] }] }
      : {}),
  };
}

/** Puts a name into the first `use std.{…}`, in its place by the alphabet, definitions first; makes the line if there is none. */
export function importEdit(file: FileSymbols, name: string): Edit | undefined {
  if (file.library) return undefined;
  const uses = file.tree.items.filter((i) => i.kind === "Use");
  const std = uses.find((u) => u.from.kind === "library" && u.from.name.text === "std" && u.names.length > 0);
  if (std?.kind === "Use") {
    const after = std.names.find((n) => before(name, n.text));
    const last = std.names[std.names.length - 1];
    if (after) return { span: { ...after.span, end: after.span.pos }, text: `${name}, ` };
    if (last) return { span: { ...last.span, pos: last.span.end }, text: `, ${name}` };
  }
  const first = file.tree.items[0];
  const pos = first ? first.span.pos : 0;
  return { span: { source: file.source, pos, end: pos }, text: `use std.{${name}}\n` };
}

const upper = (s: string) => /^[A-Z]/.test(s);

function before(a: string, b: string): boolean {
  return upper(a) === upper(b) ? a < b : upper(a);
}
