/** Settings between braces, against the definition they are given to. */
import type { Definition, Expr, Ref, Setting } from "../../grammar/tree.js";
import type { Checker } from "./checker.js";
import { checkTyped, checkUntyped } from "./expressions.js";
import { planSettingKeys, planWords } from "./keys.js";
import type { Space } from "./space.js";
import { suggest } from "./suggest.js";

/** `Net.B { patch: 2 }` of a declared instance: all settings must be there. */
export function checkRef(c: Checker, ref: Ref, s: Space, complete: boolean): void {
  const name = ref.name.text;
  if (/^[A-Z]/.test(name)) {
    const decl = c.definition(name, ref.name.span);
    const preset = c.preset(name, ref.member);
    checkRefSettings(c, decl, ref.settings ?? [], s);
    if (decl && complete && preset) checkComplete(c, decl, ref, preset);
    return;
  }
  c.readName(name, ref.name.span, s);
  const definite = c.behind(ref, s);
  if (definite === undefined) for (const x of ref.settings ?? []) checkUntyped(c, written(x), s);
  else if (ref.settings && ref.settings.length > 0) c.report("settings-on-instance", { name }, ref.span);
}

function checkComplete(c: Checker, decl: Definition, ref: Ref, preset: readonly string[]): void {
  const given = new Set([...preset, ...(ref.settings ?? []).map((x) => x.name.text)]);
  const missing = decl.settings.filter((d) => !d.value && !given.has(d.name.text));
  // A misspelt setting is missing too; it has been said by its own name.
  const unknown = (ref.settings ?? []).some((x) => !decl.settings.some((d) => d.name.text === x.name.text));
  if (unknown) return;
  for (const d of missing)
    c.report("missing-setting", { name: d.name.text, of: decl.name.text }, ref.name.span, {
      related: c.file.library ? [] : [{ span: d.name.span, message: "it has no default" }],
    });
}

function written(x: Setting): Expr {
  return x.value ?? { kind: "Name", name: x.name.text, span: x.name.span };
}

export function checkRefSettings(
  c: Checker,
  decl: Definition | undefined,
  settings: readonly Setting[],
  s: Space,
): void {
  const seen = new Map<string, Setting>();
  for (const x of settings) {
    const name = x.name.text;
    const before = seen.get(name);
    if (before) {
      c.report("duplicate-setting", { name }, x.name.span, {
        related: [{ span: before.name.span, message: "first given here" }],
      });
      continue;
    }
    seen.set(name, x);
    if (!decl) {
      checkUntyped(c, written(x), s);
      continue;
    }
    const declared = decl.settings.find((d) => d.name.text === name);
    if (declared) {
      const shorthand = x.value === undefined && declared.type.kind === "ChoiceType";
      if (shorthand) c.readName(name, x.name.span, s);
      else checkTyped(c, written(x), declared.type, s);
      continue;
    }
    if (x.offered) {
      c.readName(name, x.name.span, s);
      continue;
    }
    const isPlan = decl.of === "sample" || decl.of === "evaluate";
    if (isPlan && planSettingKeys.has(name)) {
      if (!checkPlanWord(c, x)) checkUntyped(c, written(x), s);
      continue;
    }
    if (decl.of === "encoder" && decl.body === "extern" && (x.value?.kind === "Axes" || x.value?.kind === "List")) {
      for (const i of x.value.kind === "Axes" ? x.value.items : []) if (i.size) checkUntyped(c, i.size, s);
      continue;
    }
    const known = decl.settings.map((d) => d.name.text);
    c.report(
      "unknown-setting",
      { name, of: decl.name.text },
      x.name.span,
      suggest(
        name,
        x.name.span,
        [...known, ...(isPlan ? planSettingKeys : [])],
        [
          known.length > 0
            ? `settings of \`${decl.name.text}\`: ${known.join(", ")}`
            : `\`${decl.name.text}\` has no settings`,
        ],
      ),
    );
    // The value is looked at all the same: a second mistake in it is its own.
    if (x.value) checkUntyped(c, x.value, s);
  }
}

/** Keys whose values are words: `engine: onnx`. `true` if the key is of that sort. */
export function checkPlanWord(c: Checker, x: Setting): boolean {
  const words = planWords.get(x.name.text);
  if (!words) return false;
  const e = written(x);
  if (e.kind !== "Name") return false;
  if (words.words.includes(e.name)) return true;
  if (words.open && c.file.seen.has(e.name)) return false;
  c.report(
    "unknown-word",
    { word: e.name, words: words.words.join(", ") },
    e.span,
    suggest(e.name, e.span, words.words, [`the words are ${words.words.map((w) => `\`${w}\``).join(", ")}`]),
  );
  return true;
}
