/**
 * The static pass: every name of every definition, function, instance and plan of a file, whether anything calls it or not. It reads trees
 * and name tables alone; values, sizes and axes of tensors are for the elaboration, which starts only where this pass found no error.
 */
import type { Diagnostic } from "../../grammar/diagnostic.js";
import { syntaxCatalog } from "../../grammar/messages.js";
import type { Item, LayoutDecl, PlanDecl, SweepDecl } from "../../grammar/tree.js";
import { checkBody, checkDefinition, checkFn } from "./bodies.js";
import { Checker } from "./checker.js";
import { declareBody } from "./declarations.js";
import { checkExpr, checkTyped, checkUntyped, declareLoop } from "./expressions.js";
import { planKeys } from "./keys.js";
import type { Library, Loaded } from "./load.js";
import { madeAxes, mentioned, visitExpr, visitSymbol } from "./mentions.js";
import { checkPlanWord, checkRefSettings } from "./settings.js";
import { Space } from "./space.js";
import { suggest } from "./suggest.js";
import type { FileSymbols } from "./symbols.js";
import { checkType } from "./types.js";
import { unusedImports, unusedItems } from "./unused.js";
import { checkInstance } from "./wiring.js";

/** All files of a spec. `found` are the diagnostics of loading: a file with mistakes of syntax is left alone, they would only echo. */
export function checkNames(loaded: Loaded, found: readonly Diagnostic[]): Diagnostic[] {
  return loaded.files.flatMap((file) => {
    const broken = found.some(
      (d) => d.severity === "error" && d.span.source === file.source && d.code in syntaxCatalog,
    );
    return broken ? [] : checkFile(file, loaded.library, file === loaded.main);
  });
}

export function checkFile(file: FileSymbols, library: Library, main: boolean): Diagnostic[] {
  const c = new Checker(file, library);
  for (const item of file.tree.items) checkItem(c, item);
  for (const u of c.unread) {
    const byTheHost = u.of.of === "sample" || u.of.of === "evaluate" ? planKeys.sample.has(u.name) : false;
    if (!c.members.has(u.name) && !byTheHost) c.report("unused-setting", { name: u.name, of: u.of.name.text }, u.span);
  }
  // A misspelt name leaves the right one unread: what is unused is worth saying only where nothing is wrong.
  if (c.diagnostics.some((d) => d.severity === "error"))
    return c.diagnostics.filter((d) => !d.code.startsWith("unused"));
  c.diagnostics.push(...unusedImports(c));
  if (main) c.diagnostics.push(...unusedItems(c));
  return c.diagnostics;
}

/** The scope of the file itself holds nothing of its own: file names are asked last. */
function fileSpace(): Space {
  return new Space(undefined, undefined);
}

function checkItem(c: Checker, item: Item): void {
  switch (item.kind) {
    case "Use":
      return;
    case "Param": {
      const s = fileSpace();
      checkType(c, item.type, s, true);
      if (item.value) checkTyped(c, item.value, item.type, s);
      return;
    }
    case "Preset": {
      const decl = c.definition(item.of.text, item.of.span);
      checkRefSettings(c, decl, item.settings, fileSpace());
      return;
    }
    case "Definition":
      checkDefinition(c, item);
      return;
    case "Fn":
      checkFn(c, item, undefined);
      return;
    case "Instance":
      checkInstance(c, item, fileSpace());
      return;
    case "Plan":
      checkPlan(c, item);
      return;
    case "Layout":
      checkLayout(c, item);
      return;
    case "Sweep":
      checkSweep(c, item);
      return;
  }
}

function checkPlan(c: Checker, plan: PlanDecl): void {
  const symbol = { kind: "plan", decl: plan, file: c.file } as const;
  const s = new Space(undefined, axesOfPlan(c, symbol), plan.plan === "sample");
  s.entries.set("batch", { name: "batch", kind: "size", span: plan.name.span, family: false, uses: 1 });
  declareBody(c, s, plan.body);
  checkKeys(c, plan, s);
  checkBody(c, plan.body, s);
  for (const n of readByFixtures(c.file, plan.name.text)) {
    const e = s.entries.get(n);
    if (e) e.uses += 1;
  }
  for (const e of s.entries.values()) {
    if (e.uses > 0 || e.kind === "minimize" || e.kind === "size" || e.kind === "tap" || e.kind === "state") continue;
    if (e.group && [...s.entries.values()].some((o) => o.group === e.group && o.uses > 0)) continue;
    c.report("unused-name", { name: e.name, what: e.kind }, e.span);
  }
}

/** Names that the fixture maps of a plan read: they test its body, `let`s too. */
function readByFixtures(file: FileSymbols, plan: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const item of file.tree.items) {
    if (item.kind !== "Layout" || item.target.text !== plan) continue;
    for (const entry of item.entries)
      visitExpr(entry.ours, {
        ref: (n) => names.add(n),
        expr: (e) => {
          if (e.kind === "Name") names.add(e.name);
          else if (e.kind === "Def") names.add(e.name.text);
        },
      });
  }
  return names;
}

function axesOfPlan(c: Checker, symbol: Parameters<typeof visitSymbol>[0]): ReadonlySet<string> {
  const axes = new Set<string>(["batch", "kept", "count"]);
  const names = new Set<string>();
  const made = madeAxes((n) => axes.add(n));
  visitSymbol(symbol, {
    ...made,
    ref: (n) => names.add(n),
    expr: (e) => {
      made.expr?.(e);
      if (e.kind === "Name") names.add(e.name);
    },
  });
  for (const a of mentioned(names, c.file)) axes.add(a);
  return axes;
}

function checkKeys(c: Checker, plan: PlanDecl, s: Space): void {
  const table = planKeys[plan.plan];
  const seen = new Map<string, PlanDecl["keys"][number]>();
  for (const k of plan.keys) {
    const name = k.name.text;
    const before = seen.get(name);
    if (before) {
      c.report("duplicate-setting", { name }, k.name.span, {
        related: [{ span: before.name.span, message: "first given here" }],
      });
      continue;
    }
    seen.set(name, k);
    const row = table.get(name);
    if (!row) {
      c.report(
        "unknown-key",
        { name, plan: plan.plan },
        k.name.span,
        suggest(name, k.name.span, table.keys(), [`keys of a ${plan.plan} plan: ${[...table.keys()].join(", ")}`]),
      );
      continue;
    }
    const value = k.value ?? { kind: "Name" as const, name, span: k.name.span };
    if (row.type === "plan") checkPlanName(c, value, plan.plan === "evaluate" ? "sample" : "train");
    else if (!checkPlanWord(c, k)) {
      if (row.type === "shape") checkUntyped(c, value, s);
      else checkExpr(c, value, s);
    }
  }
  for (const [name, row] of table)
    if (row.required && !seen.has(name) && !plan.keys.some((k) => !table.has(k.name.text)))
      c.report("missing-key", { name, plan: plan.plan }, plan.name.span, { help: [`\`${name}\`: ${row.meaning}`] });
}

function checkPlanName(c: Checker, e: import("../../grammar/tree.js").Expr, kind: string): void {
  if (e.kind !== "Name") return;
  const symbol = c.symbol(e.name);
  const isPlan =
    symbol?.kind === "plan" ||
    (symbol?.kind === "instance" && (symbol.decl.of === "sample" || symbol.decl.of === "evaluate"));
  if (isPlan || c.poisoned.has(e.name)) return;
  const plans = plansOf(c.file);
  c.report(
    "unknown-plan",
    { name: e.name, kind },
    e.span,
    suggest(e.name, e.span, plans, [plans.length > 0 ? `plans here: ${plans.join(", ")}` : "the file has no plan"]),
  );
}

function plansOf(file: FileSymbols): string[] {
  return [...file.seen].flatMap(([n, x]) =>
    x.kind === "plan" || (x.kind === "instance" && (x.decl.of === "sample" || x.decl.of === "evaluate")) ? [n] : [],
  );
}

/** Names in a layout belong to a wired model that is known only where it is used; here its words and loops are checked. */
function checkLayout(c: Checker, layout: LayoutDecl): void {
  if (/^[A-Z]/.test(layout.target.text)) c.definition(layout.target.text, layout.target.span);
  else if (!c.symbol(layout.target.text) && !c.poisoned.has(layout.target.text)) {
    const plans = plansOf(c.file);
    c.report(
      "unknown-plan",
      { name: layout.target.text, kind: "train" },
      layout.target.span,
      suggest(layout.target.text, layout.target.span, plans),
    );
  }
  for (const n of readByFixtures(c.file, layout.target.text)) if (c.file.seen.has(n)) c.used.add(n);
  for (const entry of layout.entries) {
    let s = fileSpace();
    for (const l of entry.tail.loops) {
      s = s.inside();
      declareLoop(c, s, l.index);
    }
    if (entry.as && "text" in entry.as && !c.symbol(entry.as.text) && entry.as.text !== layout.name.text)
      c.report(
        "unknown-definition",
        { name: entry.as.text },
        entry.as.span,
        suggest(entry.as.text, entry.as.span, c.file.seen.keys()),
      );
  }
}

/** Rows of a sweep are params of the file. */
function checkSweep(c: Checker, sweep: SweepDecl): void {
  checkPlanName(c, { kind: "Name", name: sweep.of.text, span: sweep.of.span }, "train or sample");
  const params = [...c.file.seen].flatMap(([n, x]) => (x.kind === "param" ? [n] : []));
  const s = fileSpace();
  for (const x of [...sweep.settings, ...sweep.cases.flatMap((k) => k.settings)]) {
    const symbol = c.file.seen.get(x.name.text);
    if (symbol?.kind !== "param")
      c.report(
        "unknown-param",
        { name: x.name.text },
        x.name.span,
        suggest(x.name.text, x.name.span, params, [
          params.length > 0 ? `params of this file: ${params.join(", ")}` : "the file has no `param`",
        ]),
      );
    const type = symbol?.kind === "param" ? symbol.decl.type : undefined;
    if (!x.value) continue;
    if (x.value.kind === "List") for (const i of x.value.items) checkTyped(c, i, type, s);
    else checkTyped(c, x.value, type, s);
  }
}
