import type { Diagnostic, Edit, Fix } from "../../grammar/diagnostic.js";
import type { SourceFile } from "../../grammar/source.js";

export interface Applied {
  /** New texts of the files that changed. */
  readonly texts: ReadonlyMap<SourceFile, string>;
  readonly applied: readonly Fix[];
  /** Left out because they touch what another fix changes: they get their turn when the result is checked again. */
  readonly waiting: readonly Fix[];
}

/**
 * Applies the fix of each diagnostic that has exactly one (of several, a person chooses). A fix is applied whole or not at all; edits never
 * overlap, equal edits asked for twice are made once. Files that `editable` refuses (the library) stay as they are.
 */
export function applyFixes(
  diagnostics: readonly Diagnostic[],
  editable: (source: SourceFile) => boolean = () => true,
): Applied {
  const accepted = new Map<SourceFile, Edit[]>();
  const applied: Fix[] = [];
  const waiting: Fix[] = [];
  for (const { fixes } of diagnostics) {
    const [fix, another] = fixes;
    if (!fix || another || !fix.edits.length || !fix.edits.every((edit) => editable(edit.span.source))) continue;
    const fresh = fix.edits.filter((edit) => !accepted.get(edit.span.source)?.some((other) => equal(edit, other)));
    const free = fresh.every((edit, i) => {
      const rivals = [...(accepted.get(edit.span.source) ?? []), ...fresh.slice(0, i)];
      return !rivals.some((other) => edit.span.source === other.span.source && touch(edit, other));
    });
    (free ? applied : waiting).push(fix);
    if (free)
      for (const edit of fresh) accepted.set(edit.span.source, [...(accepted.get(edit.span.source) ?? []), edit]);
  }
  const texts = new Map([...accepted].map(([source, edits]) => [source, applyEdits(source.text, edits)]));
  return { texts, applied, waiting };
}

/** Edits must not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = "";
  let at = 0;
  for (const { span, text: replacement } of [...edits].sort((a, b) => a.span.pos - b.span.pos)) {
    result += text.slice(at, span.pos) + replacement;
    at = span.end;
  }
  return result + text.slice(at);
}

function equal(a: Edit, b: Edit): boolean {
  return a.span.pos === b.span.pos && a.span.end === b.span.end && a.text === b.text;
}

/** Edits side by side do not touch, two insertions at one place do. */
function touch(a: Edit, b: Edit): boolean {
  if (a.span.pos === b.span.pos) return true;
  return a.span.pos < b.span.end && b.span.pos < a.span.end;
}
