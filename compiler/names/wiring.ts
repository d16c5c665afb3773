import type { InstanceDecl, Name } from "../../grammar/tree.js";
import { checkBody } from "./bodies.js";
import { type Checker, wirings } from "./checker.js";
import { axisNamesOf, declareBody, declaredBy, isAxes } from "./declarations.js";
import { checkExpr, declareLoop } from "./expressions.js";
import { checkRef } from "./settings.js";
import { type Entry, type EntryKind, Space } from "./space.js";
import { reportUnused } from "./unread.js";

/** An instance, its settings, and the inside of its `with`. `s` is the scope it is declared in. */
export function checkInstance(c: Checker, x: InstanceDecl, s: Space): void {
  let inner = s;
  if (x.index) {
    checkExpr(c, x.index.range, s);
    inner = s.inside();
    declareLoop(c, inner, x.index.name);
  }
  checkRef(c, x.ref, inner, true);
  if (x.guard) checkExpr(c, x.guard, inner);
  if (!x.rewires) return;
  const decl = c.behind(x.ref, inner);
  if (!decl) return;
  const W = new Space(inner, undefined);
  const quiet = new Set<string>();
  const note = (name: Name, kind: EntryKind, extra: Partial<Entry> = {}) => {
    quiet.add(name.text);
    if (!W.entries.has(name.text))
      W.entries.set(name.text, { name: name.text, kind, span: name.span, family: true, uses: 1, ...extra });
  };
  for (const d of decl.settings) {
    note(d.name, "setting", { type: d.type });
    if (isAxes(d.type)) W.axisNames.add(d.name.text);
  }
  for (const i of decl.inputs) note(i.name, "input", { type: i.type });
  for (const i of decl.inputs) for (const n of axisNamesOf(i.type)) note(n, "size");
  const symbol = c.file.seen.get(x.ref.name.text);
  const bodies = [decl.body === "extern" ? [] : decl.body];
  if (symbol?.kind === "instance") for (const w of wirings(symbol.decl, symbol.file)) bodies.push(w.rewires ?? []);
  for (const body of bodies) for (const b of body) for (const n of declaredBy(b)) note(n.name, n.kind, n.extra);
  declareBody(c, W, x.rewires);
  c.wiring = x.name.text;
  checkBody(c, x.rewires, W);
  for (const n of quiet) W.entries.delete(n);
  reportUnused(c, W, undefined);
}
